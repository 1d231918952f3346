"""Which files of a folder are looked at, and what they are called."""

import os
from pathlib import Path

import pytest

from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import convert
from hqcm.formats.native_format import RawFile, Task, describe, find_files, require_content
from hqcm.formats.reading import _read_task
from toy_format import TOY


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def names(folder: Path) -> list[str]:
    return [file.name for file in find_files(folder)]


def test_files_of_every_depth_come_sorted_by_name(tmp_path: Path) -> None:
    for name in ("b/2.mat", "b/10.mat", "a.mat", "b/c/d/1.mat"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["a.mat", "b/10.mat", "b/2.mat", "b/c/d/1.mat"]


def test_files_are_counted_and_made_when_asked_for(tmp_path: Path) -> None:
    for name in ("b/2.mat", "a.mat"):
        touch(tmp_path / name)
    files = find_files(tmp_path)
    assert len(files) == 2
    assert files[1] == list(files)[1] == RawFile("b/2.mat", tmp_path / "b/2.mat")


def test_hidden_files_and_folders_are_none_of_the_data(tmp_path: Path) -> None:
    for name in (".DS_Store", "._1.mat", ".ipynb_checkpoints/1.mat", "1.mat"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["1.mat"]


def test_a_linked_folder_gives_the_names_of_the_folder_itself(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "sub" / "1.mat")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(tmp_path / "link") == names(tmp_path / "real") == ["sub/1.mat"]


def test_links_within_are_followed_and_a_circle_ends(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere" / "1.mat")
    raw = tmp_path / "raw"
    touch(raw / "2.mat")
    (raw / "linked").symlink_to(tmp_path / "elsewhere")
    (raw / "circle").symlink_to(raw)
    assert names(raw) == ["2.mat", "linked/1.mat"]


def test_a_folder_that_cannot_be_read_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever may read everything, too: so the refusal is made here."""
    for name in ("closed/1.mat", "open/2.mat"):
        touch(tmp_path / name)
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(tmp_path) == ["open/2.mat"]
    said = "folder must be readable; got Permission denied"
    assert find_files(tmp_path).closed == (Rejection("closed", said),)
    (tmp_path / "3.txt").write_text("1")
    assert Rejection("closed", said) in convert("akter", tmp_path, TOY, tmp_path / "out.h5")


def test_a_file_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    path = touch(tmp_path / "1.txt")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("who runs this may read everything")
    (item,) = _read_task(TOY, "akter", Task(RawFile("1.txt", path)))
    assert item == Rejection("1.txt", "PermissionError: [Errno 13] Permission denied: '1.txt'")


def test_a_name_that_is_no_utf8_can_be_written_all_the_same(tmp_path: Path) -> None:
    try:
        touch(tmp_path / os.fsdecode(b"caf\xe9.mat"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert names(tmp_path) == ["caf\\udce9.mat"]
    assert find_files(tmp_path)[0].path.is_file()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Icon\r", r"Icon\r"),
        ("a\n b\tc.mat", r"a\n b\tc.mat"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x85b\u2028c", r"a\x85b\u2028c"),
        ("ä \u00a0 \u4e2d.mat", "ä \u00a0 \u4e2d.mat"),
        (r"a\nb", r"a\nb"),
    ],
)
def test_a_name_is_one_line_whatever_is_in_it(tmp_path: Path, name: str, printed: str) -> None:
    touch(tmp_path / name)
    assert names(tmp_path) == [printed]
    assert find_files(tmp_path)[0].path.is_file()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"1\.mat must be a folder of native files"):
        find_files(touch(tmp_path / "1.mat"))


def test_an_empty_file_is_refused_before_any_decoder_sees_it(tmp_path: Path) -> None:
    (tmp_path / "1.mat").touch()
    with pytest.raises(ValueError, match="file must not be empty; got 0 bytes"):
        require_content(*find_files(tmp_path))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.mat")
    with pytest.raises(ValueError, match="must be a regular file"):
        require_content(*find_files(tmp_path))


def test_a_file_with_content_passes(tmp_path: Path) -> None:
    require_content(RawFile("1.mat", touch(tmp_path / "1.mat")))


@pytest.mark.parametrize("name", ["plain.jpg", "it's.jpg", 'a "b".jpg', "tab\t.jpg", "ü.jpg"])
def test_a_reason_is_one_line_without_the_machines_paths(tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep" / name
    file = RawFile(f"deep/{name}", path)
    for error in (OSError(2, "No such file", str(path)), ValueError(f"bad {path}:\n\n  worse")):
        reason = describe(error, file)
        assert str(tmp_path) not in reason
        assert "\n" not in reason


def test_a_reason_can_be_written_whatever_a_header_holds(tmp_path: Path) -> None:
    file = RawFile("1.dcm", tmp_path / "1.dcm")
    said = describe(ValueError("Modality must be MR; got M\0R\udce9\x1b"), file)
    assert said == r"Modality must be MR; got M\x00R\udce9\x1b"


def test_a_reason_that_quotes_a_file_at_length_is_cut(tmp_path: Path) -> None:
    file = RawFile("1.txt", tmp_path / "1.txt")
    assert len(describe(ValueError("x" * 10_000), file)) == 400
