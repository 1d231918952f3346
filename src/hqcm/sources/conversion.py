"""From a folder of native files to a slice store, whatever the format.

A format is two functions. `plan` looks at the files' names and says which of them to read
together, which are unexpected, and which are expected companions (mentioned nowhere). `read`
turns one task into slices and depends on nothing else, so tasks may run in any process.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slice_writer import SliceWriter
from hqcm.contracts.slices import Slice
from hqcm.sources.raw_files import RawFile, find_files, require_content

MAX_PIXELS = 1 << 26  # 8192 x 8192: no MRI slice is near it, a decompression bomb is beyond
Result = TypeVar("Result")
_LONGEST_REASON = 400  # characters: a decoder may quote the bytes it choked on
_REASONS_SHOWN = 5


class Task(NamedTuple):
    """What is read together: a file with slices and, where masks are files, its mask."""

    image: RawFile
    mask: RawFile | None = None


class Plan(NamedTuple):
    """Files sorted out: to be read, and unexpected. Expected companions are in neither."""

    tasks: list[Task]
    rejections: list[Rejection]


class NativeFormat(NamedTuple):
    """One native format.

    Attributes:
        expected: what a folder must hold, for the message when it holds nothing usable.
        plan: sorts the files of a folder.
        read: yields the slices of a task; a part of it that cannot be used is a `Rejection`,
            an exception rejects what is left of the task.
    """

    expected: str
    plan: Callable[[Sequence[RawFile]], Plan]
    read: Callable[[Task], Iterator[Slice | Rejection]]


def convert(raw: Path, native: NativeFormat, slices: Path) -> list[Rejection]:
    """Write every slice found under a folder to a store, one in memory at a time.

    Args:
        raw: folder of native files, or a link to one; searched to any depth.
        native: how to read them.
        slices: the store to write.

    Returns:
        The files that gave no slice, or not all of theirs.

    Raises:
        NotADirectoryError: `raw` is not a folder.
        ValueError: not one slice is left.
    """
    tasks, rejections = native.plan(find_files(raw))
    n_slices = 0
    with SliceWriter(slices) as store:
        for task in tasks:
            for item in read_task(native, task):
                if isinstance(item, Slice):
                    store.add(item)
                    n_slices += 1
                else:
                    rejections.append(item)
    if n_slices == 0:
        raise ValueError(_nothing_left(raw, native.expected, sorted(rejections)))
    return rejections


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
        if isinstance(item, Rejection) and n_slices > 0:
            item = item._replace(reason=f"after slice {n_slices}: {item.reason}")
        n_slices += isinstance(item, Slice)
        yield item


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


def _read_content(native: NativeFormat, task: Task) -> Iterator[Slice | Rejection]:
    require_content(task.image)
    yield from native.read(task)


def _nothing_left(raw: Path, expected: str, rejections: Sequence[Rejection]) -> str:
    shown = [f"  {file}: {reason}" for file, reason in rejections[:_REASONS_SHOWN]]
    if len(rejections) > _REASONS_SHOWN:
        shown.append(f"  ... and {len(rejections) - _REASONS_SHOWN} more")
    got = f"got no slice and {len(rejections)} rejected files"
    return "\n".join([f"{raw} must hold {expected}; {got}", *shown])
