"""The driver, on a format of its own: one text file is one slice."""

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slices import Slice, read_index, read_slices
from hqcm.sources.conversion import (
    NativeFormat,
    Plan,
    Task,
    convert,
    describe,
    read_task,
)
from hqcm.sources.raw_files import RawFile, find_files


class DecoderError(Exception):
    """Like those of decoders that derive from nothing more precise."""


ERRORS: dict[str, Exception] = {
    "overflow": OverflowError("too large"),
    "struct": struct.error("unpack"),
    "zlib": zlib.error("incorrect header"),
    "recursion": RecursionError("too deep"),
    "syntax": SyntaxError("not a PNG"),
    "memory": MemoryError("no room"),
    "key": KeyError("image"),
    "own": DecoderError("own kind"),
    "plain": Exception("what Pillow's TIFF reader raises"),
}


def plan(files: Sequence[RawFile]) -> Plan:
    tasks = [Task(file) for file in files if file.name.endswith(".txt")]
    rest = [Rejection(file.name, "no text") for file in files if not file.name.endswith(".txt")]
    return Plan(tasks, rest)


def read(task: Task) -> Iterator[Slice | Rejection]:
    """Each line: a pixel value is a slice, a word is an error, `!` a warning."""
    for number, line in enumerate(task.image.path.read_text().split()):
        if line in ERRORS:
            raise ERRORS[line]
        if line == "!":
            warnings.warn("Patient's Name: Jane Doe", stacklevel=1)
            continue
        name = f"akter/{task.image.name}#{number}"
        yield Slice(name, "akter", name, 0, np.full((2, 3), int(line)), None)


TOY = NativeFormat("text files", plan, read)


def write_raw(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_slices_come_in_the_order_of_the_names(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", b_txt="3", a_txt="1 2")
    assert convert(raw, TOY, tmp_path / "out.h5") == []
    assert [item.image[0, 0] for item in read_slices(tmp_path / "out.h5")] == [1, 2, 3]


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", b_txt="3", a_txt="1 2", c_md="")
    stores = [tmp_path / name for name in ("first.h5", "second.h5")]
    rejections = [convert(raw, TOY, store) for store in stores]
    assert stores[0].read_bytes() == stores[1].read_bytes()
    assert rejections[0] == rejections[1] == [Rejection("c.md", "no text")]


@pytest.mark.parametrize("name", ERRORS)
def test_whatever_a_decoder_raises_is_a_rejection(tmp_path: Path, name: str) -> None:
    raw = write_raw(tmp_path / "raw", a_txt=f"1 {name} 2", b_txt="3")
    (rejection,) = convert(raw, TOY, tmp_path / "out.h5")
    assert rejection.file == "a.txt"
    error = ERRORS[name]
    assert rejection.reason == f"after slice 1: {type(error).__name__}: {error}"
    # What came before the error is kept, and the other file is read.
    assert read_index(tmp_path / "out.h5")["slice_id"].tolist() == [
        "akter/a.txt#0",
        "akter/b.txt#0",
    ]


def test_an_empty_file_is_listed_though_its_reader_would_find_nothing_wrong(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="", b_txt="1")
    rejections = convert(raw, TOY, tmp_path / "out.h5")
    assert rejections == [Rejection("a.txt", "file must not be empty; got 0 bytes")]


def test_an_interrupt_is_no_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="stop")
    monkeypatch.setitem(ERRORS, "stop", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        convert(raw, TOY, tmp_path / "out.h5")


def test_warnings_of_decoders_stay_inside(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="! 1")
    (task,) = plan(find_files(raw)).tasks
    assert len(list(read_task(TOY, task))) == 1  # pytest would have raised the warning


def test_a_reader_hides_no_warnings_of_its_caller(tmp_path: Path) -> None:
    (task,) = plan(find_files(write_raw(tmp_path / "raw", a_txt="1 2"))).tasks
    for _ in read_task(TOY, task):
        with pytest.warns(UserWarning, match="mine"):
            warnings.warn("mine", stacklevel=1)


def test_nothing_left_is_an_error_that_says_what_was_wrong(tmp_path: Path) -> None:
    files = {f"f{i}_md": "" for i in range(7)}
    raw = write_raw(tmp_path / "raw", **files, a_txt="struct")
    with pytest.raises(ValueError, match="must hold text files") as caught:
        convert(raw, TOY, tmp_path / "out.h5")
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{raw} must hold text files; got no slice and 8 rejected files"
    assert lines[1:3] == ["  a.txt: error: unpack", "  f0.md: no text"]
    assert lines[-1] == "  ... and 3 more"


def test_an_empty_folder_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got no slice and 0 rejected files$"):
        convert(write_raw(tmp_path / "raw"), TOY, tmp_path / "out.h5")


@pytest.mark.parametrize("name", ["plain.jpg", "it's.jpg", 'a "b".jpg', "tab\t.jpg", "ü.jpg"])
def test_a_reason_is_one_line_without_the_machines_paths(tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep" / name
    file = RawFile(f"deep/{name}", path)
    for error in (OSError(2, "No such file", str(path)), ValueError(f"bad {path}:\n\n  worse")):
        reason = describe(error, file)
        assert str(tmp_path) not in reason
        assert "\n" not in reason


def test_a_reason_that_quotes_a_file_at_length_is_cut(tmp_path: Path) -> None:
    file = RawFile("1.txt", tmp_path / "1.txt")
    assert len(describe(ValueError("x" * 10_000), file)) == 400
