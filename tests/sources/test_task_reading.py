"""Reading one task: what its files do to the decoder stays inside."""

import warnings
from pathlib import Path

import pytest

from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import describe, read_task, reject_crash
from hqcm.formats.native_format import RawFile, Task, find_files
from toy_format import TOY, plan, sort_out, write_raw


def test_warnings_of_decoders_stay_inside(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="! 1")
    (task,) = sort_out(plan(find_files(raw))).tasks
    assert len(list(read_task(TOY, task))) == 1  # pytest would have raised the warning


def test_a_reader_hides_no_warnings_of_its_caller(tmp_path: Path) -> None:
    (task,) = sort_out(plan(find_files(write_raw(tmp_path / "raw", a_txt="1 2")))).tasks
    for _ in read_task(TOY, task):
        with pytest.warns(UserWarning, match="mine"):
            warnings.warn("mine", stacklevel=1)


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


def test_a_crash_says_how_far_it_came_and_how_it_ended() -> None:
    task = Task(RawFile("1.txt", Path("raw/1.txt")))
    reason = "must be readable; reading it ended the process with exit code -11"
    assert reject_crash(task, 0, -11) == Rejection("1.txt", reason)
    assert reject_crash(task, 3, -11) == Rejection("1.txt", f"after slice 3: {reason}")
