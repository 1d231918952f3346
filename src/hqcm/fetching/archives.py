"""Zip archives, unpacked as what strangers made: no path leads out, no size is believed.

A name, a link or a size in an archive is refused before anything of it is written. Each file is
written under a hidden name and has its own once it is whole and its checksum is right, so whoever
stops this has whole files, and starting again goes on with the next one.
"""

import shutil
import stat
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

_MOST_FILES = 50_000  # in one archive; the largest source has 8,500
_MOST_BYTES = 16 << 30  # of all, unpacked; the largest source has 2 GiB
_PARTIAL = ".partial-unpacked"
_LEFT_OUT = ("__MACOSX", "Thumbs.db", "desktop.ini")


class ArchiveError(ValueError):
    """What is wrong with an archive, in one line."""


def unpack(
    archive: Path,
    folder: Path,
    is_there: Callable[[PurePosixPath], bool] = lambda _: False,
    inner: Callable[[Path, str], Path] | None = None,
) -> int:
    """Unpack an archive into a folder; what is there in the same size stays as it is.

    Args:
        archive: a zip archive.
        folder: where its files go, with the folders they have in it.
        is_there: whether a file lies elsewhere already, and is left out.
        inner: of an archive within: given where it lies and its name, where to unpack it, and
            `ArchiveError` if it must not be. If not given, such archives are refused.

    Returns:
        How many files were written.

    Raises:
        ArchiveError: no zip archive, a damaged one, or one with names or sizes that it must not
            have.
    """
    partial, n_written = folder / _PARTIAL, 0
    try:
        with ZipFile(archive) as opened:
            for member, path in _list_members(opened, archive.name):
                target = folder / path
                has_it = target.is_file() and target.stat().st_size == member.file_size
                if has_it or is_there(path):
                    continue
                _require_inside(target, folder, archive.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as content, partial.open("wb") as file:
                    _copy(content, file, member, archive.name)
                if path.suffix.lower() != ".zip":
                    partial.replace(target)
                    n_written += 1
                    continue
                if inner is None:
                    raise ArchiveError(f"{archive.name} must hold no archive; got {path.name}")
                within = partial.rename(partial.with_name(f"{_PARTIAL}-within"))
                n_written += unpack(within, inner(within, path.name), is_there)
    except (BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise ArchiveError(f"{archive.name} must be a whole zip archive; {error}") from None
    finally:
        for left in (partial, partial.with_name(f"{_PARTIAL}-within")):
            left.unlink(missing_ok=True)
    return n_written


def _list_members(opened: ZipFile, name: str) -> list[tuple[ZipInfo, PurePosixPath]]:
    """Every file of an archive and where it goes, once all of them are found to be harmless."""
    members = [member for member in opened.infolist() if not member.is_dir()]
    if len(members) > _MOST_FILES:
        raise ArchiveError(f"{name} must hold {_MOST_FILES} files or fewer; got {len(members)}")
    n_bytes = sum(member.file_size for member in members)
    if n_bytes > _MOST_BYTES:
        raise ArchiveError(f"{name} must hold {_MOST_BYTES} bytes or fewer; got {n_bytes}")
    listed, taken = [], set()
    for member in members:
        path = PurePosixPath(member.filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        leads_out = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
        if leads_out or "\\" in member.filename:
            raise ArchiveError(f"{name} must hold paths that stay in its folder; got {path}")
        if kind not in (0, stat.S_IFREG) or member.flag_bits & 1:
            raise ArchiveError(f"{name} must hold plain files, not encrypted; got {path}")
        if any(part.startswith(".") or part in _LEFT_OUT for part in path.parts):
            continue
        if str(path).lower() in taken:
            raise ArchiveError(f"{name} must hold each path once; got {path} twice")
        taken.add(str(path).lower())
        listed.append((member, path))
    return listed


def _require_inside(target: Path, folder: Path, name: str) -> None:
    """Nor may a link that lies in the folder already lead out of it."""
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ArchiveError(f"{name} must not be unpacked through a link; got {target.parent}")


def _copy(content: IO[bytes], file: IO[bytes], member: ZipInfo, name: str) -> None:
    shutil.copyfileobj(content, file, 1 << 20)
    if file.tell() != member.file_size:
        got = f"{file.tell()} bytes of {member.file_size} of {member.filename}"
        raise ArchiveError(f"{name} must be a whole zip archive; got {got}")
