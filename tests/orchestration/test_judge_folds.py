"""From kept runs alone: comparisons, picture and report of a study under cross-validation."""

import re
import shutil
from itertools import product
from pathlib import Path

import pytest

from hqcm.cross_validation.judged import read_judged
from hqcm.cross_validation.kept import write_run, write_slices
from hqcm.orchestration.publication import judge_folds
from pipeline_tree import ROOT
from toy_runs import N_FOLDS, make_run, make_slices

STUDIES = ROOT / "reports" / "study"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """`paper` always right, `counterpart` on half of the families, `identity` on most."""
    slices = make_slices()
    family = slices["family"].to_numpy()
    write_slices(tmp_path / "runs", slices)
    wrong = {"paper": family < 0, "counterpart": family % 2 == 0, "identity": family == 7}
    for name, is_wrong in wrong.items():
        right = (~is_wrong).__getitem__
        for fold, seed, rate in product(range(1, N_FOLDS + 1), (0, 1), (0.01, 0.001)):
            write_run(tmp_path / "runs", make_run(slices, name, fold, right, seed=seed, rate=rate))
    return tmp_path


def test_the_report_says_what_the_file_says(published: Path) -> None:
    judge_folds(published, ["paper", "counterpart", "identity", "frozen"], 0.02)
    judged = read_judged(published / "cv.json")
    assert [(row.first, row.second) for row in judged.rows[:2]] == [
        ("paper", "counterpart"),
        ("paper", "identity"),
    ]
    report = (published / "report.md").read_text()
    assert "quantum layer minus linear layer, accuracy, +50.0 points" in report
    assert ": ahead. 120 slices of 40 patients or files, 5 folds, 1 repeat, 2 seeds" in report
    assert "(figures/folds.svg)" in report
    for row in judged.rows:
        assert f"{100 * row.difference:+.1f} points" in report
        assert f"{100 * row.half_width:.1f}" in report


def test_the_picture_shows_a_line_a_comparison(published: Path) -> None:
    judge_folds(published, ["paper", "counterpart", "identity"], 0.02)
    drawn = (published / "figures/folds.svg").read_text()
    assert "minus linear layer" in re.sub(r"\s+", " ", drawn)
    assert "minus no layer" in drawn


def test_more_patients_and_seeds_narrow_the_interval(published: Path) -> None:
    judge_folds(published, ["paper", "identity"], 0.02)
    lines = (published / "report.md").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if "patients or files |" in line)
    widths = [
        [float(cell) for cell in line.split("|")[2:-1]] for line in lines[start + 2 : start + 6]
    ]
    assert all(row == sorted(row, reverse=True) for row in widths)
    assert all(list(column) == sorted(column, reverse=True) for column in zip(*widths, strict=True))
    assert widths[-1][-1] < widths[0][0]


def test_the_same_runs_give_the_same_bytes(published: Path) -> None:
    def left() -> dict[str, bytes]:
        judge_folds(published, ["paper", "counterpart"], 0.02)
        files = [*published.glob("*.*"), *(published / "figures").iterdir()]
        return {path.name: path.read_bytes() for path in files}

    assert left() == left()


@pytest.mark.parametrize("study", [path.parent for path in STUDIES.glob("*/cv.json")])
def test_a_committed_study_is_judged_as_it_was(study: Path, tmp_path: Path) -> None:
    """From its kept runs alone, without a slice."""
    copy = tmp_path / study.name
    shutil.copytree(study, copy)
    judged = read_judged(study / "heads.json")
    networks = [judged.rows[0].first, *dict.fromkeys(row.second for row in judged.rows)]
    judge_folds(copy, networks, judged.margin)
    for name in ("cv.json", "heads.json", "report.md"):
        assert (copy / name).read_bytes() == (study / name).read_bytes(), name


def test_the_documents_quote_the_study() -> None:
    text = " ".join((ROOT / "docs/results.md").read_text().split())
    for name in ("cv.json", "heads.json"):
        for row in read_judged(STUDIES / "cv-64px" / name).rows:
            if row.second in {"counterpart", "frozen", "no_entanglement"} and "all" in row.slices:
                value, low, high = (100 * each for each in (row.difference, row.low, row.high))
                points = " points" if name == "cv.json" else ""
                quoted = (
                    f"{value:+.1f}{points} ({low:+.1f} to {high:+.1f})",
                    f"({value:+.1f}, {low:+.1f} to {high:+.1f})",
                    f"({value:+.1f} points, {low:+.1f} to {high:+.1f})",
                )
                assert any(each in text for each in quoted), quoted
