"""The predictions of a whole study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hqcm.contracts.study import Cell, StudyParams
from hqcm.results.predictions import predictions_path, read_study_predictions, write_predictions
from toy_study import STUDY, make_predictions, write_study


def test_every_cell_is_read_and_what_else_lies_there_is_not(tmp_path: Path) -> None:
    write_study(tmp_path)
    folder = tmp_path / "predictions"
    (folder / "paper-random-7.h5").write_text("an earlier experiment")
    found = read_study_predictions(folder, STUDY)
    assert {p: list(v) for p, v in found.items()} == {"random": ["paper", "counterpart"]}
    expected = make_predictions(1, skill=0.6)
    np.testing.assert_array_equal(found["random"]["counterpart"][1].logits, expected.logits)
    assert len(found["random"]["paper"]) == 2


def test_a_cell_without_predictions_is_named(tmp_path: Path) -> None:
    write_study(tmp_path)
    study = StudyParams(**{**STUDY.model_dump(), "seeds": [0, 5]})
    with pytest.raises(FileNotFoundError, match=r"paper-random-5.h5 must exist; run `dvc repro`"):
        read_study_predictions(tmp_path / "predictions", study)


@pytest.mark.parametrize("column", ["slice_id", "y_true"])
def test_runs_on_other_slices_cannot_be_compared(tmp_path: Path, column: str) -> None:
    write_study(tmp_path)
    folder = tmp_path / "predictions"
    run = make_predictions(1, skill=0.6)
    other = replace(run, **{column: getattr(run, column)[::-1]})
    write_predictions(predictions_path(folder, Cell("counterpart", "random", 1)), other)
    with pytest.raises(
        ValueError,
        match=r"counterpart-random-1.h5: slice_id and y_true must equal .*paper-random-0.h5",
    ):
        read_study_predictions(folder, STUDY)
