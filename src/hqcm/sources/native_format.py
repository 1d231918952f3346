"""What a native format is: how its files are sorted, and how one of them is read.

A format is two functions. `plan` looks at the files' names and yields which of them to read
together and which are unexpected; expected companions it mentions nowhere. `read` turns one task
into slices and depends on nothing else, so tasks are read in several processes.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slices import Slice
from hqcm.sources.raw_files import RawFile, RawFiles

MAX_PIXELS = 1 << 26  # 8192 x 8192: no MRI slice is near it, a decompression bomb is beyond


class Task(NamedTuple):
    """What is read together: a file with slices and, where masks are files, its mask."""

    image: RawFile
    mask: RawFile | None = None


def never(_: Task) -> bool:
    """No task of the format."""
    return False


class NativeFormat(NamedTuple):
    """One native format.

    Attributes:
        expected: what a folder must hold, for the message when it holds nothing usable.
        plan: sorts the files of a folder, one task after the other: all at once would take
            memory for as many as there are.
        read: yields the slices of a task; a part of it that cannot be used is a `Rejection`,
            an exception rejects what is left of the task.
        may_crash: whether a task's bytes are known to be able to end the process that reads
            them; it is then never this one.
    """

    expected: str
    plan: Callable[[RawFiles], Iterator[Task | Rejection]]
    read: Callable[[Task], Iterator[Slice | Rejection]]
    may_crash: Callable[[Task], bool] = never
