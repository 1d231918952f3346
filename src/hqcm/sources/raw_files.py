"""The files of a raw folder, before any of them is read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


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


def _printable(name: str) -> str:
    """A name that UTF-8 can write, also of a file whose name is no UTF-8."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()
