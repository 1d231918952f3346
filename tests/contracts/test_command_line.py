"""Stages publish whole outputs or none."""

import ast
import errno
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hqcm.contracts.command_line import publish, stage
from hqcm.contracts.params import ParamsError, read_yaml
from pipeline_tree import PIPELINE, ROOT, SCRIPTS, parse
from pipeline_tree import script as script_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.txt").write_text("input")
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["stage.py", *map(str, words)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_output_takes_its_name_when_the_stage_succeeds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder / "new" / "deep" / "out.txt"
    call(monkeypatch, "--raw", folder / "in.txt", "--report", out)
    with stage("doc", inputs=["raw"], outputs=["report"]) as args:
        assert args.raw.read_text() == "input"
        args.report.write_text("done")
        assert not out.exists()
    assert out.read_text() == "done"
    assert names(out.parent) == ["out.txt"]


def fail_half_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> Callable[[], None]:
    """A stage that has written half of `out.txt` when it fails; there is one from before."""
    out = folder / "out.txt"
    out.write_text("previous")
    call(monkeypatch, "--report", out)

    def fail() -> None:
        with stage("doc", outputs=["report"]) as args:
            args.report.write_text("half")
            raise error

    return fail


@pytest.mark.parametrize(
    ("error", "ends_with"),
    [(ValueError, ValueError), (KeyboardInterrupt, SystemExit), (SystemExit, SystemExit)],
)
def test_a_stage_that_fails_leaves_the_previous_output(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    ends_with: type[BaseException],
) -> None:
    fail = fail_half_way(folder, monkeypatch, error())
    with pytest.raises(ends_with):
        fail()
    assert (folder / "out.txt").read_text() == "previous"
    assert names(folder) == ["in.txt", "out.txt"]


START = """
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import ParamsError
with stage("doc"):
    raise {error}("toy.depth must be 1 or more; got 0")
"""


@pytest.mark.parametrize("error", ["ParamsError", "ValueError"])
def test_a_wrong_parameter_is_one_line_and_a_bug_a_traceback(error: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", START.format(error=error)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    line = "toy.depth must be 1 or more; got 0\n"
    is_bug = error == "ValueError"
    assert ended.stderr.startswith("Traceback") if is_bug else ended.stderr == line
    assert ended.stderr.endswith(line)


def test_a_stage_with_a_wrong_parameter_leaves_the_previous_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = ParamsError("toy.depth must be 1 or more; got 0")
    fail = fail_half_way(folder, monkeypatch, error)
    with pytest.raises(SystemExit, match=r"^toy\.depth must be 1 or more; got 0$"):
        fail()
    assert names(folder) == ["in.txt", "out.txt"]
    assert (folder / "out.txt").read_text() == "previous"


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "some.h5"), "some.h5: No space left"),
        (OSError("write failed: 'No space left on device'"), "out.txt: No space left on device"),
        (RuntimeError("I/O error: Read-only file system (os error 30)"), "out.txt: Read-only file"),
        (OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN)), os.strerror(errno.ENOTCONN)),
    ],
)
def test_a_disk_that_fails_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, where: str
) -> None:
    fail = fail_half_way(folder, monkeypatch, error)
    with pytest.raises(SystemExit, match=rf"{re.escape(where)}.*`dvc checkout` brings back"):
        fail()
    assert names(folder) == ["in.txt", "out.txt"]
    assert (folder / "out.txt").read_text() == "previous"


FULL = """
import resource, signal, sys
from pathlib import Path
import h5py, numpy as np
from hqcm.contracts.command_line import stage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
with stage("doc", outputs=["prepared"]) as args, h5py.File(args.prepared, "w") as file:
    file["images"] = np.random.default_rng(0).random(100_000)
"""


def test_a_store_that_outgrows_the_disk_is_one_line(folder: Path) -> None:
    (folder / "out.h5").write_text("previous")
    words = [sys.executable, "-c", FULL, "--prepared", str(folder / "out.h5")]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert f"out.h5: {os.strerror(errno.EFBIG)}; start it again" in ended.stderr
    assert names(folder) == ["in.txt", "out.h5"]
    assert (folder / "out.h5").read_text() == "previous"


def test_a_stage_runs_with_the_code_beside_it(folder: Path) -> None:
    """Whatever package the environment or PYTHONPATH has: DVC's copies of the project do so."""
    for name in ("stages", "src"):
        (folder / name).mkdir()
    shutil.copytree(ROOT / "src" / "hqcm", folder / "src" / "hqcm")
    (folder / "stages" / "say.py").write_text(
        "import hqcm\nfrom hqcm.contracts.command_line import stage\n"
        "with stage('doc', outputs=['report']) as args:\n"
        "    args.report.write_text(hqcm.__path__[0])\n"
    )
    words = [sys.executable, "stages/say.py", "--report", "out put.txt"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run(words, cwd=folder, env=environment, check=True)
    assert (folder / "out put.txt").read_text() == str(folder / "src" / "hqcm")


def test_what_a_killed_stage_left_is_cleared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".partial-out").mkdir()
    (folder / ".partial-out" / "stale").touch()
    call(monkeypatch, "--report", folder / "out")
    with stage("doc", outputs=["report"]) as args:
        args.report.mkdir()
        (args.report / "fresh").touch()
    assert names(folder / "out") == ["fresh"]


def test_a_folder_replaces_a_folder_and_a_file_a_file(folder: Path) -> None:
    for name in ("old", "new"):
        (folder / name).mkdir()
        (folder / name / name).touch()
    publish(folder / "new", folder / "old")
    assert names(folder / "old") == ["new"]
    (folder / "file").write_text("newer")
    publish(folder / "file", folder / "in.txt")
    assert (folder / "in.txt").read_text() == "newer"


def test_a_folder_that_has_no_successor_keeps_its_name(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "whole").touch()
    with pytest.raises(FileNotFoundError, match="absent"):
        publish(folder / "absent", folder / "old")
    assert names(folder) == ["in.txt", "old"]
    assert names(folder / "old") == ["whole"]


def test_a_folder_is_removed_when_its_successor_has_the_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        (folder / name).mkdir()
        (folder / name / name).touch()

    def kill(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", kill)
    with pytest.raises(KeyboardInterrupt):
        publish(folder / "new", folder / "old")
    monkeypatch.undo()
    assert names(folder / "old") == ["new"]
    # What the killed one left goes with the next.
    (folder / "new").mkdir()
    publish(folder / "new", folder / "old")
    assert names(folder) == ["in.txt", "old"]


def test_an_output_beside_another_is_named_after_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(monkeypatch, "--slices", folder / "akter.h5")
    beside = {"rejected": ("slices", ".rejected.csv")}
    with stage("doc", outputs=["slices"], beside=beside) as args:
        args.slices.touch()
        args.rejected.touch()
    assert names(folder) == ["akter.h5", "akter.rejected.csv", "in.txt"]


def test_an_optional_output_that_is_not_written_is_not_left_from_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = {"folds": ("slices", ".folds.csv")}
    for is_written in (True, False):
        call(monkeypatch, "--slices", folder / "a.h5")
        with stage("doc", outputs=["slices"], beside=beside, optional=["folds"]) as args:
            args.slices.touch()
            if is_written:
                args.folds.touch()
        assert ("a.folds.csv" in names(folder)) == is_written


def test_an_output_that_was_not_written_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(monkeypatch, "--report", folder / "out.txt")
    with pytest.raises(FileNotFoundError, match=r"out\.txt"), stage("doc", outputs=["report"]):
        pass


def test_a_live_output_is_there_while_the_stage_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = folder / "new" / "history.csv"
    call(monkeypatch, "--history", live, "--seed", "7")
    with stage("doc", live=["history"], values={"seed": int}) as args:
        assert args.seed == 7
        args.history.write_text("epoch")
        assert live.read_text() == "epoch"


def test_many_inputs_are_a_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(monkeypatch, "--slices", folder / "in.txt", folder / "in.txt")
    with stage("doc", inputs=["slices"], many=["slices"]) as args:
        assert args.slices == [folder / "in.txt"] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--raw", "absent.txt"], "--raw: absent.txt must exist; run `dvc repro`"),
        ([], "the following arguments are required: --raw"),
        (["--raw", "absent.txt", "--other", "1"], "unrecognized arguments: --other 1"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    call(monkeypatch, *words)
    with pytest.raises(SystemExit, match="2"), stage("doc", inputs=["raw"]):
        pass
    assert said in capsys.readouterr().err


OPTIONS: dict[str, str] = read_yaml(ROOT / "stages" / "options.yaml")


def options_of(script: Path) -> set[str]:
    """Names of options that dvc.yaml gives to a script."""
    commands = [PIPELINE[name]["cmd"] for name in PIPELINE if script_of(name) == script]
    return {name for command in commands for name in re.findall(r"--(\w+)", command)}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_option_of_a_stage_is_described(script: Path) -> None:
    for name in options_of(script):
        assert len(OPTIONS[name]) > 15, name
        assert "%" not in OPTIONS[name], "argparse takes it for a format"


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_says_what_the_stage_does_and_what_each_option_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: Path
) -> None:
    call(monkeypatch, "--help")
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out
    assert str(ast.get_docstring(parse(script))) in printed
    said = " ".join(printed.split())
    for name in options_of(script):
        assert f"--{name} {name.upper()}" in printed
        assert " ".join(OPTIONS[name].split()) in said


def test_a_docstring_of_several_lines_stays_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "--help")
    monkeypatch.setattr("sys.argv", [str(ROOT / "stages" / "any.py"), "--help"])
    with pytest.raises(SystemExit, match="0"), stage("One line.\n\n  a  b\n", inputs=["raw"]):
        pass
    assert "One line.\n\n  a  b\n" in capsys.readouterr().out


def test_help_needs_a_description_of_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [str(ROOT / "stages" / "any.py"), "--help"])
    with pytest.raises(KeyError, match="speed"), stage("doc", inputs=["speed"]):
        pass
