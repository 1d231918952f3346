"""Archives are unpacked whole and within their folder, or refused before anything is written."""

import stat
import struct
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from hqcm.fetching import archives
from hqcm.fetching.archives import ArchiveError, unpack


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_files_keep_their_folders_and_a_computer_s_own_are_left_out(tmp_path: Path) -> None:
    wanted = {"a/1.mat": b"one" * 999, "a/b/2.mat": b"", "3 4.mat": b"three"}
    beside = {"__MACOSX/a/._1.mat": b"x", "a/.DS_Store": b"x", "a/Thumbs.db": b"x"}
    archive = make_zip(tmp_path / "a.zip", wanted | beside)
    folder = tmp_path / "out"
    assert unpack(archive, folder) == 3
    assert files_of(folder) == wanted


def test_what_is_there_stays_and_what_is_elsewhere_is_left_out(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.mat": b"new", "2.mat": b"new", "3.mat": b"new"})
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "1.mat").write_bytes(b"own")  # whole, as far as its size tells
    (folder / "2.mat").write_bytes(b"ha")  # somebody was stopped there
    assert unpack(archive, folder, lambda path: path == PurePosixPath("3.mat")) == 1
    assert files_of(folder) == {"1.mat": b"own", "2.mat": b"new"}


@pytest.mark.parametrize(
    "name", ["../a.mat", "a/../../a.mat", "/etc/a.mat", "C:/a.mat", "..\\a.mat"]
)
def test_no_path_leaves_the_folder(tmp_path: Path, name: str) -> None:
    archive = make_zip(tmp_path / "a.zip", {"fine.mat": b"x", name: b"x"})
    with pytest.raises(ArchiveError, match=r"a\.zip must hold paths that stay in its folder; got "):
        unpack(archive, tmp_path / "out" / "in")
    assert [path.name for path in tmp_path.rglob("*")] == ["a.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(ArchiveError, match=r"must hold plain files, not encrypted; got link"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"a/1.mat": b"x"})
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match=r"must not be unpacked through a link; got "):
        unpack(archive, tmp_path / "out")
    assert files_of(tmp_path / "elsewhere") == {}


def test_neither_many_files_nor_large_ones_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = make_zip(tmp_path / "a.zip", {"1.mat": bytes(2_000_000), "2.mat": b"x"})
    assert bomb.stat().st_size < 5_000
    monkeypatch.setattr(archives, "_MOST_BYTES", 1_000_000)
    with pytest.raises(ArchiveError, match=r"must hold 1000000 bytes or fewer; got 2000001"):
        unpack(bomb, tmp_path / "out")
    monkeypatch.setattr(archives, "_MOST_FILES", 1)
    with pytest.raises(ArchiveError, match=r"must hold 1 files or fewer; got 2"):
        unpack(bomb, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_size_that_is_a_lie_is_found_out(tmp_path: Path) -> None:
    """The directory says 10 bytes of a file of two million."""
    archive = make_zip(tmp_path / "a.zip", {"1.mat": bytes(2_000_000)})
    content = bytearray(archive.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)
    archive.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"a\.zip must be a whole zip archive; Bad CRC-32"):
        unpack(archive, tmp_path / "out")
    assert files_of(tmp_path / "out") == {}


@pytest.mark.parametrize("harm", ["no archive", "cut", "changed"])
def test_a_damaged_archive_is_refused(tmp_path: Path, harm: str) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.mat": bytes(range(256)) * 400})
    content = bytearray(archive.read_bytes())
    content[60] ^= 0xFF
    harmed = {"no archive": b"<html>", "cut": bytes(content[:-30]), "changed": bytes(content)}[harm]
    archive.write_bytes(harmed)
    with pytest.raises(ArchiveError, match=r"a\.zip must be a whole zip archive; "):
        unpack(archive, tmp_path / "out")
    assert files_of(tmp_path) == {"a.zip": harmed}


def test_a_path_stands_once(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"a/1.mat": b"x", "A/1.MAT": b"y"})
    with pytest.raises(ArchiveError, match=r"must hold each path once; got A/1\.MAT twice"):
        unpack(archive, tmp_path / "out")


def test_an_archive_within_goes_where_it_is_told(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"1.mat": b"one", "2.mat": b"two"})
    outer = make_zip(tmp_path / "a.zip", {"x/inner.zip": inner.read_bytes(), "README": b"read"})
    folder = tmp_path / "out"
    with pytest.raises(ArchiveError, match=r"a\.zip must hold no archive; got inner\.zip"):
        unpack(outer, folder)

    def place(path: Path, name: str) -> Path:
        assert (path.read_bytes(), name) == (inner.read_bytes(), "inner.zip")
        return folder / "inner"

    assert files_of(folder) == {}
    assert unpack(outer, folder, inner=place) == 3
    assert files_of(folder) == {
        "inner/1.mat": b"one",
        "inner/2.mat": b"two",
        "README": b"read",
    }
