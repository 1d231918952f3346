"""From a folder of native files to a slice store, whatever the format."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slice_writer import SliceWriter
from hqcm.contracts.slices import Slice
from hqcm.sources.native_format import NativeFormat, Task
from hqcm.sources.ordered_reading import read_in_order
from hqcm.sources.raw_files import find_files
from hqcm.sources.reader import Reading
from hqcm.sources.task_reading import read_task, reject_crash

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
