"""`make study`: a workspace of its own, resumed where it was stopped, published at its end."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from hqcm.contracts.params import check_section, read_yaml
from hqcm.formats.convert import count_cores
from hqcm.networks.variants import Variant
from hqcm.orchestration import workspace as workspaces
from hqcm.orchestration.publication import _FIGURES, publish
from hqcm.orchestration.running import name_prediction, share_cores
from hqcm.orchestration.settings import parse_changes, write_params
from hqcm.orchestration.workspace import (
    _CODE,
    fill_workspace,
    find_commit,
    require_name,
    take_over,
)
from pipeline_tree import PIPELINE, ROOT, paths
from toy_project import PARAMS, kill_first, make_toy_project, start, trained


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_toy_project(tmp_path / "project")


RUNS = [f"{name}-random-{seed}" for seed in (0, 1) for name in ("paper", "bare", "plain")]


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_finished_run_is_repeated(project: Path, how: signal.Signals, n_jobs: int) -> None:
    kill_first(project, "bare-random-1", how)
    assert start(project, "0", "1", n_jobs=n_jobs) != 0
    before = trained(project)
    assert "bare-random-1" in before
    assert not (project / "reports").exists()

    assert start(project, "0", "1", n_jobs=n_jobs) == 0
    after = trained(project)[len(before) :]
    # What was under way beside it may or may not have ended before all was killed.
    beside = set(before[-2:]) - {"bare-random-1"} if n_jobs > 1 else set()
    assert set(after) - beside == (set(RUNS) - set(before)) | {"bare-random-1"}
    assert len(after) == len(set(after))

    n_before = len(trained(project))
    assert start(project, "0", "1", n_jobs=3 - n_jobs) == 0
    assert trained(project)[n_before:] == []


@pytest.mark.slow
def test_jobs_predict_what_they_have_trained(project: Path) -> None:
    assert start(project, "0", "1", n_jobs=2) == 0
    by_jobs = (project / ".study").glob("phantom-?/data/predicted/*.txt")
    assert sorted(path.stem for path in by_jobs) == sorted(RUNS)
    # Nothing is predicted a second time where the pipeline is reproduced as a whole.
    predicted = (project.parent / "log.predicted").read_text().split()
    assert sorted(predicted) == sorted(RUNS)


@pytest.mark.slow
def test_what_a_study_publishes_and_what_it_takes_from_the_cache(project: Path) -> None:
    assert start(project, "0", "1") == 0
    assert sorted(trained(project)) == sorted(RUNS)
    published = project / "reports/study/phantom"
    assert {path.relative_to(published).as_posix() for path in published.rglob("*.*")} == {
        *("compare.json", "dvc.lock", "figures/study.png", "history/a.csv"),
        "params.yaml",
    }
    assert (project / "params.yaml").read_text() == PARAMS
    assert not (project / "dvc.lock").exists()
    params = (published / "params.yaml").read_text()
    assert yaml.safe_load(params)["study"]["seeds"] == [0, 1]
    assert "# How fast." in params

    assert start(project, "0", "1", "2") == 0
    assert trained(project)[6:] == ["paper-random-2", "bare-random-2", "plain-random-2"]
    assert start(project, "0", settings=("train.rate=0.1",)) == 0
    assert trained(project)[9:] == ["paper-random-0", "bare-random-0", "plain-random-0"]
    assert start(project, "0", "1") == 0
    assert trained(project)[12:] == []  # from the cache
    before = (published / "params.yaml").read_bytes()
    assert start(project, "0", options=("--name", "other"), settings=("train.rate=0.1",)) == 0
    assert trained(project)[12:] == []  # what is trained is known by what went in, not by a name
    assert "rate: 0.1" in (project / "reports/study/other/params.yaml").read_text()
    assert (published / "params.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["../reports", "a/b", "", "A", "phantom-1", "a-", "-a", "a--b", "."]
)
def test_a_name_of_a_study_is_one_folder_that_no_job_takes(name: str) -> None:
    with pytest.raises(SystemExit, match="study: --name must be words of a-z"):
        require_name(name)


@pytest.mark.parametrize("name", ["phantom", "clinical-48px", "3-seeds"])
def test_names_of_studies(name: str) -> None:
    require_name(name)


@pytest.mark.parametrize(("n_jobs", "n_threads"), [(1, "6"), (2, "3"), (4, "1"), (7, "1")])
def test_jobs_share_the_cores_that_they_may_use(
    monkeypatch: pytest.MonkeyPatch, n_jobs: int, n_threads: str
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert share_cores(n_jobs) == n_threads
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert share_cores(n_jobs) == "5"


def test_where_cores_cannot_be_told_apart_all_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert count_cores() == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert count_cores() == 1


def test_figures_that_show_slices_are_not_passed_on() -> None:
    report = (ROOT / "tests/reporting/report.golden.md").read_text(encoding="utf-8")
    figures = set(re.findall(r"\(figures/([^)]+)\.png\)", report))
    left = figures - {*_FIGURES} - {"tuned"}  # of all studies, see reports/study/tuned.svg
    assert left == {"fig06-samples", "fig10-attention", "explanation", "twins"}


def test_what_is_copied_exists() -> None:
    assert all((ROOT / name).exists() for name in _CODE)


@pytest.mark.parametrize("stage", [stage for stage in PIPELINE if stage.startswith("train")])
def test_what_is_trained_predicts(stage: str) -> None:
    assert set(paths(stage, "outs")) & set(paths(name_prediction(stage), "deps"))


@pytest.mark.parametrize("stage", PIPELINE)
def test_what_no_stage_makes_is_copied(stage: str) -> None:
    made = ("raw", "interim", "processed", "checked", "heads", "checkpoints", "predictions")
    here = [*_CODE, *(f"data/{name}" for name in made), "data/explanation.h5", "reports"]
    for needed in paths(stage, "deps"):
        assert any(needed == name or needed.startswith(f"{name}/") for name in here), needed


def test_the_clinical_files_are_linked_not_copied(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "_find_cache", lambda _: project / "cache")
    for _ in range(2):
        (project / "data/raw/clinical/figshare").mkdir(parents=True, exist_ok=True)
        fill_workspace(project, project / ".study/clinical")
        link = project / ".study/clinical/data/raw/clinical"
        assert link.is_symlink()
        assert (link / "figshare").is_dir()
    shutil.rmtree(project / "data/raw")
    fill_workspace(project, project / ".study/clinical")
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
        ({"study.hybrid": ["paper", "paper"]}, r"study\.hybrid: .*; paper comes twice; got"),
        ({"study.seeds": 5}, r"study\.seeds: .*valid list; got 5"),
        ({"variants": 5}, r"variants: .*valid dictionary; got 5"),
        ({"study.seeds.x": 5}, r"study\.seeds\.x must be a key of params\.yaml"),
        ({"study.classical": ["deep"]}, "study: the first .* must have an attention map, .* deep"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    project: Path, changes: dict[str, object], message: str
) -> None:
    target = project / "changed.yaml"
    with pytest.raises(SystemExit, match=message):
        write_params(project / "params.yaml", target, changes)
    assert not target.exists()


def test_the_stages_that_train_seed_by_seed(project: Path) -> None:
    changes = {"study.hybrid": ["paper", "bare"], "study.seeds": [0, 1]}
    cells = write_params(project / "params.yaml", project / "new.yaml", changes)
    assert [cell.partition("@")[2] for cell in cells] == RUNS
    assert {cell.partition("@")[0] for cell in cells[:2]} == {"train_hybrid"}
    assert cells[2] == "train_classical@plain-random-0"


@pytest.mark.parametrize("base", read_yaml(ROOT / "params.yaml")["variants"])
@pytest.mark.parametrize(("decimals", "rate"), [("001", 0.001), ("03", 0.03), ("00001", 0.00001)])
def test_a_tuned_network_is_its_base_at_another_learning_rate(
    base: str, decimals: str, rate: float, tmp_path: Path
) -> None:
    name = f"{base}_lr{decimals}"
    before = read_yaml(ROOT / "params.yaml")["variants"]
    kind = "hybrid" if before[base].get("head") == "quantum" else "classical"
    # The first of them must have an attention map.
    names = [name] if kind == "hybrid" else ["counterpart", name]
    cells = write_params(ROOT / "params.yaml", tmp_path / "new.yaml", {f"study.{kind}": names})
    assert f"train_{kind}@{name}-random-0" in cells
    params = read_yaml(tmp_path / "new.yaml")
    own = {"base": base, "learning_rate": rate}
    assert params["variants"] == before | {name: before[base] | own}
    assert check_section(f"variants.{name}", Variant, params).learning_rate == rate


@pytest.mark.parametrize("name", ["plain_lr", "plain_lr0", "papre_lr001"])
def test_no_network_is_made_up(project: Path, name: str) -> None:
    with pytest.raises(SystemExit, match=f"must be sections of variants; got '{name}'"):
        write_params(project / "params.yaml", project / "new.yaml", {"study.classical": [name]})


def test_a_section_of_that_name_comes_first(project: Path) -> None:
    source = project / "params.yaml"
    source.write_text(PARAMS.replace("  deep:", "  plain_lr001: {head: own}\n  deep:"))
    write_params(source, project / "new.yaml", {"study.classical": ["plain_lr001"]})
    written = read_yaml(project / "new.yaml")["variants"]["plain_lr001"]
    assert written == {"head": "own"}


def test_a_setting_is_a_key_and_a_value() -> None:
    settings = ["train.rate=1.0e-3", "filters=[8, 8]", "name=a=b"]
    changes = {"train.rate": 0.001, "filters": [8, 8], "name": "a=b"}
    assert parse_changes(settings) == changes
    with pytest.raises(SystemExit, match="must be written key=value; got 'train'"):
        parse_changes(["train"])
    with pytest.raises(SystemExit, match=r"value of a setting must be YAML; got 'train\.rate=\['"):
        parse_changes(["train.rate=["])


def test_one_study_at_a_time(tmp_path: Path) -> None:
    held = take_over(tmp_path / "w")
    with pytest.raises(SystemExit, match=r"one study at a time must work in .+; another one is"):
        take_over(tmp_path / "w")
    held.close()
    take_over(tmp_path / "w").close()


def test_what_was_published_stays_whole_until_its_successor_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, published = tmp_path / "w", tmp_path / "p"
    (workspace / "reports").mkdir(parents=True)
    for name in ("params.yaml", "dvc.lock"):
        (workspace / name).touch()
    (workspace / "reports/metrics.json").write_text("{}")
    published.mkdir()
    (published / "whole").touch()

    def fail(*_: object) -> None:
        raise OSError("disc full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disc full"):
        publish(workspace, published, None)
    monkeypatch.undo()
    assert [path.name for path in published.iterdir()] == ["whole"]
    publish(workspace, published, None)
    assert not (published / "whole").exists()
    assert (published / "metrics.json").read_text() == "{}"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    command = ["git", *who, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_study_is_of_the_commit_whose_code_it_runs(project: Path) -> None:
    assert find_commit(project) is None
    git(project, "init", "-q")
    assert find_commit(project) is None
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    commit = git(project, "rev-parse", "HEAD").strip()
    assert find_commit(project) == commit
    (project / "reports").mkdir()
    assert find_commit(project) == commit
    (project / "src/rate.txt").write_text("2")
    assert find_commit(project) == f"{commit}, with local changes"


@pytest.mark.parametrize("commit", ["0a1b", None])
def test_what_is_published_says_of_which_commit_it_is(tmp_path: Path, commit: str | None) -> None:
    workspace, published = tmp_path / "w", tmp_path / "p"
    (workspace / "reports").mkdir(parents=True)
    published.mkdir()
    (published / "old").touch()
    for name in ("params.yaml", "dvc.lock"):
        (workspace / name).touch()
    (workspace / "reports/metrics.json").write_text("{}")
    publish(workspace, published, commit)
    said = {"commit.txt"} if commit else set()
    files = {"dvc.lock", "params.yaml", "metrics.json"}
    assert {path.name for path in published.iterdir()} == files | said
    for name in said:
        assert (published / name).read_text() == "Made with the code of commit 0a1b.\n"
