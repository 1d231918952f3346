"""What a native format is: how the files of a raw folder are sorted, and how one of them is read.

A format is two functions. `plan` looks at the files' names and yields which of them to read
together and which are unexpected; expected companions it mentions nowhere. `read` turns one task
into slices and depends on nothing else, so tasks are read in several processes.
"""

import os
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

from hqcm.cohort.converted import Fold, Rejection
from hqcm.slices.store import Slice

MAX_PIXELS = 1 << 26  # 8192 x 8192: no MRI slice is near it, a decompression bomb is beyond
_LONGEST_REASON = 400  # characters: a decoder may quote the bytes it choked on
_SHOWN_BYTES = 24  # enough to know a file by, too few for what it says of a patient
# What often comes in place of a file, by the first bytes of it.
_IN_ITS_PLACE = {
    b"version https://git-lfs": "a Git LFS pointer",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF file",
    b"<": "a web page or XML",
}
# The markers of a JPEG frame header (T.81, B.1.1.3), and that of JPEG-LS.
_JPEG_FRAMES = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
# What ends a line somewhere, or moves the cursor: the controls, and two separators of Unicode.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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
        closed: the folders that cannot be read, and why.
    """

    folder: Path
    inside: list[str]
    closed: tuple[Rejection, ...] = ()

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
    seen: set[str] = set()
    closed: list[Rejection] = []

    def list_closed(error: OSError) -> None:
        inside = Path(error.filename).relative_to(raw).as_posix()
        closed.append(
            Rejection(_printable(inside), f"folder must be readable; got {error.strerror}")
        )

    for folder, subfolders, names in os.walk(raw, followlinks=True, onerror=list_closed):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        inside = Path(folder).relative_to(raw)
        found += [(inside / name).as_posix() for name in names if not name.startswith(".")]
    return RawFiles(raw, sorted(found, key=_printable), tuple(closed))


def require_content(file: RawFile) -> None:
    """Refuse what no decoder needs to see.

    Raises:
        ValueError: not a regular file, or an empty one.
    """
    if not file.path.is_file():
        raise ValueError("must be a regular file; got a broken link or a device")
    if file.path.stat().st_size == 0:
        raise ValueError("file must not be empty; got 0 bytes")


def say_no_kind(path: Path, kind: str) -> str:
    """For a file whose content is not of the kind that its name says, `DICOM`: how it begins."""
    start = read_start(path, _SHOWN_BYTES)
    known = [words for first, words in _IN_ITS_PLACE.items() if start.lstrip().startswith(first)]
    return f"is no {kind} file: begins with {', '.join([repr(start)[1:], *known])}"


def coded_size(content: bytes) -> tuple[int, ...]:
    """Rows and columns, as bytes that begin as JPEG or JPEG 2000 say them; else none."""
    if content.startswith(b"\xffO\xffQ"):  # JPEG 2000: the first segment says it (T.800, A.5.1)
        right, bottom, left, top = struct.unpack(">4I", content[8:24].ljust(16, b"\0"))
        return bottom - top, right - left
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while at + 9 <= len(content):
        if content[at + 1] in _JPEG_FRAMES:
            return struct.unpack(">2H", content[at + 5 : at + 9])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return ()


def unify(name: str) -> str:
    """A name as others can be compared with it: an accent may be a character of its own or not."""
    return unicodedata.normalize("NFC", name)


def twin_names(name: str) -> set[str]:
    """By which a file is known to be another's twin: with and without suffix, in either case."""
    return {unify(each).lower() for each in (name, str(PurePosixPath(name).with_suffix("")))}


def read_start(path: Path, n_bytes: int) -> bytes:
    """The first bytes of a file, fewer where it ends before."""
    with path.open("rb") as file:
        return file.read(n_bytes)


def describe(error: Exception, file: RawFile) -> str:
    """One line of what an exception says, without the machine's paths."""
    text = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    for form in (str(file.path), repr(str(file.path))[1:-1]):
        text = text.replace(form, file.name)
    return _printable(re.sub(r"\s+", " ", text).strip())[:_LONGEST_REASON]


def _printable(name: str) -> str:
    """A name of one line that UTF-8 can write, also of a file whose name is neither."""
    if name.isprintable():
        return name
    in_utf8 = name.encode("utf-8", "backslashreplace").decode()
    return _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], in_utf8)
