"""What a native format is: how the files of a raw folder are sorted, and how one of them is read.

A format is two functions. `plan` looks at the files' names and yields which of them to read
together and which are unexpected; expected companions it mentions nowhere. `read` turns one task
into slices and depends on nothing else, so tasks are read in several processes.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from hqcm.cohort.converted import Fold, Rejection
from hqcm.slices.store import Slice

MAX_PIXELS = 1 << 26  # 8192 x 8192: no MRI slice is near it, a decompression bomb is beyond
_LONGEST_REASON = 400  # characters: a decoder may quote the bytes it choked on


class RawFile(NamedTuple):
    """A file of the raw folder: its name within the folder (`/` between parts), and its path."""

    name: str
    path: Path


@dataclass(frozen=True)
class RawFiles:
    """Many files of a raw folder: only their names are kept, the rest is made when asked for.

    Attributes:
        folder: the raw folder.
        inside: where each file is in it, `/` between parts, as the system writes it.
    """

    folder: Path
    inside: list[str]

    def __len__(self) -> int:
        return len(self.inside)

    def __getitem__(self, number: int) -> RawFile:
        inside = self.inside[number]
        return RawFile(_printable(inside), self.folder / inside)

    def __iter__(self) -> Iterator[RawFile]:
        return (self[number] for number in range(len(self)))


class Task(NamedTuple):
    """What is read together.

    Attributes:
        image: a file with slices, or an index of them.
        mask: the file with its mask, where masks are files.
        indexed: of an index: the names of the files that it speaks of.
    """

    image: RawFile
    mask: RawFile | None = None
    indexed: tuple[str, ...] = ()


Item: TypeAlias = Slice | Fold | Rejection


class NativeFormat(NamedTuple):
    """One native format.

    Attributes:
        expected: what a folder must hold, for the message when it holds nothing usable.
        plan: sorts the files of a folder, one task after the other: all at once would take
            memory for as many as there are.
        read: yields the slices of a task, given the name of their source; a part of it that
            cannot be used is a `Rejection`, an exception rejects what is left of the task.
        has_folds: whether a source of this format may come with published folds.
    """

    expected: str
    plan: Callable[[RawFiles], Iterator[Task | Rejection]]
    read: Callable[[str, Task], Iterator[Item]]
    has_folds: bool = False


def find_files(raw: Path) -> RawFiles:
    """Every file under a folder, sorted by name; hidden ones are none of the data.

    Links to folders are followed; a folder that is reached twice counts once.

    Raises:
        NotADirectoryError: `raw` is not a folder.
    """
    if not raw.is_dir():
        raise NotADirectoryError(f"{raw} must be a folder of native files; got a file")
    found: list[str] = []
    seen = set()
    for folder, subfolders, names in os.walk(raw, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        inside = Path(folder).relative_to(raw)
        found += [(inside / name).as_posix() for name in names if not name.startswith(".")]
    return RawFiles(raw, sorted(found, key=_printable))


def require_content(file: RawFile) -> None:
    """Refuse what no decoder needs to see.

    Raises:
        ValueError: not a regular file, or an empty one.
    """
    if not file.path.is_file():
        raise ValueError("must be a regular file; got a broken link or a device")
    if file.path.stat().st_size == 0:
        raise ValueError("file must not be empty; got 0 bytes")


def describe(error: Exception, file: RawFile) -> str:
    """One line of what an exception says, without the machine's paths."""
    text = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    for form in (str(file.path), repr(str(file.path))[1:-1]):
        text = text.replace(form, file.name)
    return re.sub(r"\s+", " ", text).strip()[:_LONGEST_REASON]


def _printable(name: str) -> str:
    """A name that UTF-8 can write, also of a file whose name is no UTF-8."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()
