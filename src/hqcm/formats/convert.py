"""Reading one task, whatever its files do to the decoder.

From a folder of native files to a slice store, whatever the format.
"""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from hqcm.cohort.converted import Rejection
from hqcm.formats.native_format import NativeFormat, RawFile, Task, find_files, require_content
from hqcm.formats.ordered_reading import read_in_order
from hqcm.formats.reader import Reading
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter

Result = TypeVar("Result")
_LONGEST_REASON = 400  # characters: a decoder may quote the bytes it choked on


def read_task(native: NativeFormat, task: Task) -> Iterator[Slice | Rejection]:
    """Read one task; whatever its files do to the decoder becomes a `Rejection`."""
    items = _read_content(native, task)
    n_slices = 0
    while True:
        with warnings.catch_warnings():
            # Decoders warn of every departure from their standard, quoting headers: identity.
            warnings.simplefilter("ignore")
            item = attempt(task.image, lambda: next(items, None))
        if item is None:
            return
        n_slices += isinstance(item, Slice)
        yield _after(n_slices, item) if isinstance(item, Rejection) else item


def attempt(file: RawFile, read: Callable[[], Result]) -> Result | Rejection:
    """What reading a file gives, or why it could not be read."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001  (decoders raise anything, plain Exception too, on a broken file; nothing is lost, the file is listed)
        return Rejection(file.name, describe(error, file))


def describe(error: Exception, file: RawFile) -> str:
    """One line of what an exception says, without the machine's paths."""
    text = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    for form in (str(file.path), repr(str(file.path))[1:-1]):
        text = text.replace(form, file.name)
    return re.sub(r"\s+", " ", text).strip()[:_LONGEST_REASON]


def reject_crash(task: Task, n_slices: int, exit_code: int) -> Rejection:
    """What stands for the slices that were lost when reading ended its process."""
    reason = f"must be readable; reading it ended the process with exit code {exit_code}"
    return _after(n_slices, Rejection(task.image.name, reason))


def _after(n_slices: int, rejection: Rejection) -> Rejection:
    """Say that a file was read in part."""
    if n_slices == 0:
        return rejection
    return rejection._replace(reason=f"after slice {n_slices}: {rejection.reason}")


def _read_content(native: NativeFormat, task: Task) -> Iterator[Slice | Rejection]:
    require_content(task.image)
    yield from native.read(task)


_FILES_A_PROCESS = 400  # fewer are read sooner than a process has started and handed them over
_REASONS_SHOWN = 5


def convert(
    raw: Path, native: NativeFormat, slices: Path, n_processes: int | None = None
) -> list[Rejection]:
    """Write every slice found under a folder to a store, few of them in memory at a time.

    The store and the rejections are the same whatever the number of processes.

    Args:
        raw: folder of native files, or a link to one; searched to any depth.
        native: how to read them.
        slices: the store to write.
        n_processes: how many read, this one among them, which also writes. If not given, as
            many as there are cores for it, fewer if there is too little to read.

    Returns:
        The files that gave no slice, or not all of theirs, sorted.

    Raises:
        NotADirectoryError: `raw` is not a folder.
        ValueError: not one slice is left.
    """
    files = find_files(raw)
    if n_processes is None:
        n_processes = max(1, min(_count_cores(), len(files) // _FILES_A_PROCESS))
    reading = Reading(partial(read_task, native), native.may_crash, reject_crash)
    rejections: list[Rejection] = []
    tasks = _keep_tasks(native.plan(files), rejections)
    with SliceWriter(slices) as store, closing(read_in_order(reading, tasks, n_processes)) as items:
        n_slices = _write_all(store, items, rejections)
    if n_slices == 0:
        raise ValueError(_nothing_left(raw, native.expected, sorted(rejections)))
    return sorted(rejections)


def _keep_tasks(planned: Iterable[Task | Rejection], rejections: list[Rejection]) -> Iterator[Task]:
    """The tasks as they are needed; what else was planned joins the rejections."""
    for item in planned:
        if isinstance(item, Rejection):
            rejections.append(item)
        else:
            yield item


def _write_all(
    store: SliceWriter, items: Iterable[Slice | Rejection], rejections: list[Rejection]
) -> int:
    """Write the slices, add the rejections to a list; how many slices there were."""
    n_slices = 0
    for item in items:
        if isinstance(item, Slice):
            store.add(item)
            n_slices += 1
        else:
            rejections.append(item)
    return n_slices


def _count_cores() -> int:
    """The cores this process may use, which `taskset` or a scheduler may have cut."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _nothing_left(raw: Path, expected: str, rejections: Sequence[Rejection]) -> str:
    shown = [f"  {file}: {reason}" for file, reason in rejections[:_REASONS_SHOWN]]
    if len(rejections) > _REASONS_SHOWN:
        shown.append(f"  ... and {len(rejections) - _REASONS_SHOWN} more")
    got = f"got no slice and {len(rejections)} rejected files"
    return "\n".join([f"{raw} must hold {expected}; {got}", *shown])
