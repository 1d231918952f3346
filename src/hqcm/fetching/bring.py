"""What is there of a source, and what it takes to have the rest.

Nothing that is there is written over, removed or asked for again. An archive that somebody has put
into a source's folder is checked, unpacked beside itself and moved to `.archives`, out of the
converter's sight. What is fetched goes through `.fetched`; both lie beside the sources' folders.
"""

import os
import re
import shutil
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hqcm.fetching.archives import ArchiveError, unpack
from hqcm.fetching.download import Remote, check_file, download
from hqcm.formats.native_format import find_files, read_start
from hqcm.paper.sources import Archive, Client, Source

_BEGINS = {".zip": b"PK\x03\x04", ".mat": b"MATLAB"}
_INSTALL = "`.venv/bin/pip install -r requirements-clinical.txt`"
_LONGEST = 200  # characters of what a client says


class Way(NamedTuple):
    """How files are brought.

    Attributes:
        raw: the folder that holds a folder for each source.
        tell: is given every line that people should read.
        address: in place of the one of `sources.yaml`, `{id}` or a folder of such names.
        pause_s: what waits begin with.
    """

    raw: Path
    tell: Callable[[str], None]
    address: str | None = None
    pause_s: float = 1


def bring_source(name: str, source: Source, way: Way) -> bool:
    """Unpack what is there, fetch what is not; ask for nothing if everything is there.

    Returns:
        Whether it went well. That nothing can be reached, or a client is absent, is no failure:
        the lines say what to do.
    """
    folder = way.raw / name
    folder.mkdir(parents=True, exist_ok=True)
    went_well = _unpack_dropped(name, source, way)
    if source.archives:
        return _bring_archives(name, source, way) and went_well
    n_files, n_paper = len(list_slices(source, folder)), sum(source.by_class)
    if n_files >= n_paper:
        way.tell(f"{name}: {n_files:,} files are there, as many as the paper used or more")
    elif n_files:
        way.tell(
            f"{name}: {n_files:,} files of {n_paper:,} are there and taken as they are; to have "
            f"all of them fetched, move them out of {folder} and start again"
        )
    elif source.client:
        return _ask_publisher(name, source, source.client, way) and went_well
    return went_well


def list_slices(source: Source, folder: Path) -> list[str]:
    """Names of the files with slices, whatever is in them; none without the folder."""
    found = find_files(folder).inside if folder.is_dir() else []
    return [name for name in found if fnmatch(name, source.pattern)]


def list_missing(source: Source, folder: Path) -> list[Archive]:
    """Archives of which a file is missing, or is none of that kind."""
    begins = _BEGINS[".mat"]
    found = [folder / name for name in find_files(folder).inside if name.endswith(".mat")]
    whole = {path.name for path in found if read_start(path, len(begins)) == begins}
    numbers = {_number(name) for name in whole}
    return [
        archive
        for archive in source.archives
        if archive.numbers - numbers or not (archive.is_packed or archive.name in whole)
    ]


def _bring_archives(name: str, source: Source, way: Way) -> bool:
    folder = way.raw / name
    missing = list_missing(source, folder)
    if not missing:
        way.tell(f"{name}: {len(list_slices(source, folder)):,} files are there, all of them")
        return True
    fetched = way.raw / ".fetched" / name
    n_mb = sum(archive.size for archive in missing) / 1e6
    way.tell(f"{name}: fetching {', '.join(each.name for each in missing)} ({n_mb:,.0f} MB)")
    remotes = [_as_remote(archive, way.address or source.address) for archive in missing]
    failures = download(remotes, fetched, pause_s=way.pause_s)
    for archive in missing:
        if archive.name not in failures:
            _put_in_place(archive, fetched / archive.name, folder)
    for reason in dict.fromkeys(failure.reason for failure in failures.values()):
        names = ", ".join(each for each, failure in failures.items() if failure.reason == reason)
        way.tell(f"{name}: could not fetch {names}: {reason}")
    if failures:
        way.tell(
            f"{name}: start again to go on; or take the files from {source.page} and put archives "
            f"or folders into {folder}"
        )
    return all(failure.is_offline for failure in failures.values())


def _as_remote(archive: Archive, address: str) -> Remote:
    suffix = PurePosixPath(archive.name).suffix
    url = address.replace("{id}", str(archive.id))
    return Remote(archive.name, url, archive.size, archive.md5, _BEGINS[suffix])


def _put_in_place(archive: Archive, path: Path, folder: Path) -> None:
    """A checked file: unpacked into a folder of its name, then removed; or moved as it is."""
    if archive.is_packed:
        unpack(path, folder / path.stem, _is_numbered_in(folder))
        path.unlink()
    else:
        shutil.move(path, folder / archive.name)


def _is_numbered_in(folder: Path) -> Callable[[PurePosixPath], bool]:
    """Whether a file N.mat lies in a folder already, wherever: twice, a slice would count twice."""
    there = {_number(name) for name in find_files(folder).inside} - {None}
    return lambda path: _number(path.name) in there


def _number(name: str) -> int | None:
    found = re.fullmatch(r"([0-9]+)\.mat", PurePosixPath(name).name)
    return int(found[1]) if found else None


def _unpack_dropped(name: str, source: Source, way: Way) -> bool:
    """Every archive in the source's folder, if it is what it should be."""
    folder, went_well = way.raw / name, True
    for path in sorted(folder.glob("*.zip")):
        way.tell(f"{name}: unpacking {path.name}")
        try:
            n_files = _unpack_one(source, path, folder)
        except ArchiveError as error:
            way.tell(f"{name}: {error}; nothing of it is used, take it from {source.page}")
            went_well = False
            continue
        kept = way.raw / ".archives" / name / path.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, kept)
        way.tell(f"{name}: {n_files:,} new files; {path.name} is in {kept.parent} now")
    return went_well


def _unpack_one(source: Source, path: Path, folder: Path) -> int:
    """A published archive into a folder of its name; any other, that of an article, as it is."""
    known = {archive.name: archive for archive in source.archives if archive.is_packed}

    def check(within: Path, name: str) -> Path:
        if name not in known:
            raise ArchiveError(f"{path.name} must hold no archives but its source's; got {name}")
        if wrong := check_file(within, _as_remote(known[name], source.address)):
            raise ArchiveError(f"{name} is not the published file: {wrong}")
        return folder / PurePosixPath(name).stem

    there = _is_numbered_in(folder) if known else lambda _: False
    target = check(path, path.name) if path.name in known else folder
    return unpack(path, target, there, check if known else None)


def _ask_publisher(name: str, source: Source, client: Client, way: Way) -> bool:
    """Fetch a source through its publisher's client, or say what to do."""
    folder, fetched = way.raw / name, way.raw / ".fetched" / name
    by_hand = f"or take it from {source.page} and put the archive or the folder into {folder}"
    way.tell(f"{name}: asking {client.package} for {client.handle}")
    try:
        came = _CLIENTS[client.package](client.handle, fetched)
    except ImportError:
        way.tell(
            f"{name}: {client.package} must be installed: {_INSTALL}, then start again; {by_hand}"
        )
        return True
    except Exception as error:  # noqa: BLE001  (a client raises what it likes; all of it is told)
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = " ".join(lines)[:_LONGEST] or type(error).__name__
        way.tell(
            f"{name}: {client.package} must be able to fetch {client.handle}; it says: {said}. "
            f"If it asks who you are, sign in as {source.page} tells and start again; {by_hand}"
        )
        return True
    for path in sorted(came.iterdir()):
        if not path.name.startswith("."):  # a client's own notes
            shutil.move(path, folder / path.name)
    shutil.rmtree(fetched)
    went_well = _unpack_dropped(name, source, way)
    n_files = len(list_slices(source, folder))
    way.tell(f"{name}: {n_files:,} files are there, of {sum(source.by_class):,}")
    return went_well


def _from_hugging_face(handle: str, folder: Path) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415  (optional)

    no_data = ["*.md", "*.py", ".git*"]
    return Path(
        snapshot_download(handle, repo_type="dataset", local_dir=folder, ignore_patterns=no_data)
    )


def _from_kaggle(handle: str, folder: Path) -> Path:
    """Through a cache of its own, where it goes on after it was stopped; elsewhere it does not."""
    from kagglehub import dataset_download  # noqa: PLC0415  (optional)

    os.environ["KAGGLEHUB_CACHE"] = str(folder.absolute())
    return Path(dataset_download(handle))


_CLIENTS: dict[str, Callable[[str, Path], Path]] = {
    "huggingface_hub": _from_hugging_face,
    "kagglehub": _from_kaggle,
}
"""By the names of their packages; each gives the folder that it has filled."""
