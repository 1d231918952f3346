"""The files of a raw folder, before any of them is read."""

import os
from pathlib import Path
from typing import NamedTuple


class RawFile(NamedTuple):
    """A file of the raw folder: its name within the folder (`/` between parts), and its path."""

    name: str
    path: Path


def find_files(raw: Path) -> list[RawFile]:
    """Every file under a folder, sorted by name; hidden ones are none of the data.

    Links to folders are followed; a folder that is reached twice counts once.

    Raises:
        NotADirectoryError: `raw` is not a folder.
    """
    if not raw.is_dir():
        raise NotADirectoryError(f"{raw} must be a folder of native files; got a file")
    found, seen = [], set()
    for folder, subfolders, names in os.walk(raw, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(RawFile(_printable(path.relative_to(raw)), path) for path in found)


def require_content(file: RawFile) -> None:
    """Refuse what no decoder needs to see.

    Raises:
        ValueError: not a regular file, or an empty one.
    """
    if not file.path.is_file():
        raise ValueError("must be a regular file; got a broken link or a device")
    if file.path.stat().st_size == 0:
        raise ValueError("file must not be empty; got 0 bytes")


def _printable(path: Path) -> str:
    """A name that UTF-8 can write, also of a file whose name is no UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()
