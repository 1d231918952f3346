"""`make study PROTOCOLS=cv` runs every fold, keeps each run, and never trains a kept one again."""

import shutil
from collections.abc import Iterator

import pytest

from hqcm.cross_validation.judged import read_judged
from hqcm.cross_validation.kept import read_runs, read_slices
from tiny_project import TinyProject

STUDY = (
    *("make", "-o", ".venv/installed", "study", "STUDY=folds", "PROTOCOLS=cv", "SIZE_PX=32"),
    *("HYBRID=paper", "CLASSICAL=counterpart", "SEEDS=0", "SET=train.max_epochs=1 split.n_folds=2"),
)


@pytest.fixture
def project(tiny: TinyProject) -> Iterator[TinyProject]:
    yield tiny
    tiny.restore()


def test_every_fold_is_kept_and_not_trained_again(project: TinyProject) -> None:
    assert "4 runs, 0 done before" in project.run(*STUDY)
    published = project.folder / "reports/study/folds"
    runs, slices = read_runs(published / "runs"), read_slices(published / "runs")
    names = [run.course.cell.name for run in runs]
    assert names == [f"{v}-cv_1_{fold}-0" for v in ("counterpart", "paper") for fold in (1, 2)]
    for variant in ("paper", "counterpart"):
        rows = [row for run in runs if run.course.variant == variant for row in run.rows]
        assert sorted(rows) == list(range(len(slices)))
    judged = read_judged(published / "cv.json")
    assert [(row.first, row.second) for row in judged.rows][:1] == [("paper", "counterpart")]
    assert judged.rows[0].n_slices == len(slices)
    before = (published / "report.md").read_bytes()

    # As in a fresh clone: what is kept is in git, workspace and cache are not.
    shutil.rmtree(project.folder / ".study")
    assert "0 runs" in project.run(*STUDY)
    assert (published / "report.md").read_bytes() == before

    changed = [*STUDY[:-1], STUDY[-1].replace("max_epochs=1", "max_epochs=2")]
    assert "4 runs, 0 done before" in project.run(*changed)


def test_folds_stand_alone(project: TinyProject) -> None:
    words = [word.replace("PROTOCOLS=cv", "PROTOCOLS=cv random") for word in STUDY]
    ended = project.start(*words)
    assert ended.returncode
    assert "cv must stand alone under --protocols" in ended.stderr
