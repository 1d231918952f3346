"""`make study`: a workspace of its own, resumed where it was stopped, published at its end."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import run_study
import yaml

from hqcm.reporting.section_study import FILE, TITLE
from pipeline_tree import PIPELINE as REAL
from pipeline_tree import paths

ROOT = Path(__file__).resolve().parents[1]
# The stages' names and files with nothing behind them: a run takes no time and is written down.
PIPELINE = """
stages:
  train_hybrid:
    matrix:
      variant: ${study.hybrid}
      protocol: ${study.protocols}
      seed: ${study.seeds}
    cmd: python stages/train.py data/${key}.txt
    deps: [stages/train.py, src/rate.txt]
    params: [train]
    outs: ["data/${key}.txt"]
  report:
    cmd: python stages/report.py
    deps: [stages/report.py, data]
    params: [study]
    outs:
      - reports:
          cache: false
"""
TRAIN = """
import os, pathlib, signal, sys, time
done = pathlib.Path(os.environ["STUDY_LOG"])
cell = pathlib.Path(sys.argv[1])
with done.open("a") as file:
    file.write(cell.stem + "\\n")
fatal = done.with_name(cell.stem)
if fatal.exists():
    how = signal.Signals[fatal.read_text()]
    fatal.unlink()
    cell.write_text("half")
    os.killpg(0, how)
    time.sleep(60)
cell.write_text("whole")
"""
REPORT = """
import pathlib
assert {path.read_text() for path in pathlib.Path("data").glob("*.txt")} == {"whole"}
reports = pathlib.Path("reports")
for name in "compare.json figures/study.png figures/fig06.png history/a.csv page.html".split():
    (reports / name).parent.mkdir(parents=True, exist_ok=True)
    (reports / name).write_text(name)
text = "# Report\\n\\n## One\\n\\na\\n\\n## Is it the quantum layer?\\n\\nNo.\\n\\n## Two\\n\\nb\\n"
(reports / "report.md").write_text(text)
"""
PARAMS = """
# What to run.
data: {cohort: phantom}
train:
  # How fast.
  rate: 0.01
variants:
  paper: {head: quantum}
  bare: {head: quantum}
  plain: {head: linear}
  deep: {body: deep}
study:
  hybrid: [paper]
  classical: [plain]
  protocols: [random]
  seeds: [0]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the real script and a pipeline of nothing."""
    folder = tmp_path / "project"
    for name in ("stages", "src", "data/paper", "docs", ".dvc"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "run_study.py", folder)
    for name in (".dvcignore", "docs/deviations.md", "CITATION.cff"):
        shutil.copy(ROOT / name, folder / name)
    for name, text in {
        "dvc.yaml": PIPELINE,
        "params.yaml": PARAMS,
        "stages/train.py": TRAIN,
        "stages/report.py": REPORT,
        "src/rate.txt": "1",
        ".dvc/config": "[core]\n    no_scm = true\n",
    }.items():
        (folder / name).write_text(text)
    return folder


def start(project: Path, *seeds: str, settings: tuple[str, ...] = ()) -> int:
    """Run the script in a session of its own; what its end says."""
    lists = ["--hybrid", "paper", "bare", "--classical", "plain", "--protocols", "random"]
    words = ["--cohort", "phantom", *lists, "--seeds", *seeds, "--set", *settings]
    environment = os.environ | {"STUDY_LOG": str(project.parent / "log"), "DVC_NO_ANALYTICS": "1"}
    process = subprocess.Popen(
        [sys.executable, "run_study.py", *words],
        cwd=project,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(process.communicate(timeout=120)[0])  # noqa: T201  (pytest shows it when a test fails)
    return process.returncode


def trained(project: Path) -> list[str]:
    """Every training run that was started, in order."""
    log = project.parent / "log"
    return log.read_text().split() if log.exists() else []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_finished_run_is_repeated(project: Path, how: signal.Signals) -> None:
    fatal = project.parent / "bare-random-0"
    fatal.write_text(how.name)
    assert start(project, "0", "1") != 0
    assert trained(project) == ["paper-random-0", "paper-random-1", "bare-random-0"]
    assert not (project / "reports").exists()

    assert start(project, "0", "1") == 0
    assert trained(project)[3:] == ["bare-random-0", "bare-random-1"]

    published = project / "reports/study/phantom"
    assert {path.relative_to(published).as_posix() for path in published.rglob("*.*")} == {
        *("compare.json", "dvc.lock", "figures/study.png", "history/a.csv"),
        *("params.yaml", "study.md"),
    }
    assert (published / "study.md").read_text() == "# Is it the quantum layer?\n\nNo.\n"
    assert (project / "params.yaml").read_text() == PARAMS
    assert not (project / "dvc.lock").exists()
    params = (published / "params.yaml").read_text()
    assert yaml.safe_load(params)["study"]["seeds"] == [0, 1]
    assert "# How fast." in params

    assert start(project, "0", "1", "2") == 0
    assert trained(project)[5:] == ["paper-random-2", "bare-random-2"]
    assert start(project, "0", settings=("train.rate=0.1",)) == 0
    assert trained(project)[7:] == ["paper-random-0", "bare-random-0"]
    assert start(project, "0", "1") == 0
    assert trained(project)[9:] == []  # from the cache


def test_the_section_and_the_figure_are_those_of_the_report() -> None:
    assert run_study.SECTION == TITLE
    assert f"figures/{FILE}" in run_study.RESULTS


def test_what_is_copied_exists() -> None:
    assert all((ROOT / name).exists() for name in run_study.CODE)


@pytest.mark.parametrize("stage", REAL)
def test_what_no_stage_makes_is_copied(stage: str) -> None:
    made = ("data/raw", "data/interim", "data/processed", "data/checkpoints", "data/predictions")
    here = [*run_study.CODE, *made, "reports"]
    for needed in paths(stage, "deps"):
        assert any(needed == name or needed.startswith(f"{name}/") for name in here), needed


def test_the_clinical_files_are_linked_not_copied(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_study, "find_cache", lambda _: project / "cache")
    for _ in range(2):
        (project / "data/raw/clinical/figshare").mkdir(parents=True, exist_ok=True)
        run_study.fill_workspace(project, project / ".study/clinical")
        link = project / ".study/clinical/data/raw/clinical"
        assert link.is_symlink()
        assert (link / "figshare").is_dir()
    shutil.rmtree(project / "data/raw")
    run_study.fill_workspace(project, project / ".study/clinical")
    assert not link.is_symlink()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train.speed": 1}, r"train\.speed must be a key of params\.yaml; got none"),
        ({"trian.rate": 1}, r"trian\.rate must be a key of params\.yaml; got none"),
        ({"study.hybrid": ["papre"]}, "hybrid networks must be sections of variants; got 'papre'"),
        ({"study.hybrid": ["plain"]}, "hybrid network must be quantum; got plain with linear"),
        ({"study.hybrid": ["deep"]}, "hybrid network must be quantum; got deep with none"),
        ({"study.classical": ["bare"]}, "classical network must not be quantum; got bare"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    project: Path, changes: dict[str, object], message: str
) -> None:
    target = project / "changed.yaml"
    with pytest.raises(SystemExit, match=message):
        run_study.write_params(project / "params.yaml", target, changes)
    assert not target.exists()


def test_the_number_of_runs(project: Path) -> None:
    changes = {"study.hybrid": ["paper", "bare"], "study.seeds": [0, 1, 2]}
    assert run_study.write_params(project / "params.yaml", project / "new.yaml", changes) == 9


def test_a_setting_is_a_key_and_a_value() -> None:
    settings = ["train.rate=1.0e-3", "filters=[8, 8]", "name=a=b"]
    changes = {"train.rate": 0.001, "filters": [8, 8], "name": "a=b"}
    assert run_study.parse_changes(settings) == changes
    with pytest.raises(SystemExit, match="must be written key=value; got 'train'"):
        run_study.parse_changes(["train"])


def test_one_study_at_a_time(tmp_path: Path) -> None:
    held = run_study.take_over(tmp_path / "w")
    with pytest.raises(SystemExit, match=r"one study at a time must work in .+; another one is"):
        run_study.take_over(tmp_path / "w")
    held.close()
    run_study.take_over(tmp_path / "w").close()


def test_a_report_without_the_section() -> None:
    with pytest.raises(SystemExit, match="must have a section 'Two'; got none"):
        run_study.cut_section("# A\n\n## One\n\ntext\n", "Two")
    assert run_study.cut_section("# A\n\n## One\n\ntext\n", "One") == "# One\n\ntext\n"
