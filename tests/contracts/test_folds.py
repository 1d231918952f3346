"""The table of published folds is read as it was written, empty or not."""

from pathlib import Path

import numpy as np
import pytest

from hqcm.cohort.converted import read_folds, write_folds


@pytest.mark.parametrize("rows", [[], [("figshare/set/1.mat", 5), ("figshare/2.mat", 1)]])
def test_folds_are_read_as_they_were_written(tmp_path: Path, rows: list[tuple[str, int]]) -> None:
    write_folds(tmp_path / "folds.csv", rows)
    folds = read_folds(tmp_path / "folds.csv")
    assert list(folds.itertuples(index=False, name=None)) == rows
    assert list(folds) == ["slice_id", "fold"]
    assert folds["fold"].dtype == np.int64
