"""The eight orientations, and the two tables of near-duplicates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hqcm.cohort.duplicates import ORIENTATIONS, invert, orient, read_duplicates, read_twins

SQUARE = np.array([[1, 2], [3, 4]])
SEEN = {
    "same": [[1, 2], [3, 4]],
    "mirrored": [[2, 1], [4, 3]],
    "flipped": [[3, 4], [1, 2]],
    "turned-180": [[4, 3], [2, 1]],
    "transposed": [[1, 3], [2, 4]],
    "turned-90-clockwise": [[3, 1], [4, 2]],
    "turned-90-counterclockwise": [[2, 4], [1, 3]],
    "antitransposed": [[4, 2], [3, 1]],
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_orientation_is_what_its_name_says(orientation: str) -> None:
    assert orient(SQUARE, orientation).tolist() == SEEN[orientation]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_orientation_is_undone(orientation: str) -> None:
    assert orient(orient(SQUARE, orientation), invert(orientation)).tolist() == SQUARE.tolist()


def test_the_eight_orientations_are_all_there_are() -> None:
    assert len({orient(SQUARE, orientation).tobytes() for orientation in ORIENTATIONS}) == 8


def test_ids_of_digits_stay_text(tmp_path: Path) -> None:
    (tmp_path / "twins.csv").write_text("slice_id,twin_id,orientation,correlation\n07,1,same,1\n")
    (tmp_path / "duplicates.csv").write_text("slice_id,duplicate_group\n07,07\n1,07\n")
    twins, duplicates = (
        read_twins(tmp_path / "twins.csv"),
        read_duplicates(tmp_path / "duplicates.csv"),
    )
    assert twins.iloc[0].tolist() == ["07", "1", "same", 1.0]
    assert twins["correlation"].dtype == np.float64
    assert duplicates["duplicate_group"].tolist() == ["07", "07"]


def test_no_twins_are_a_table_too(tmp_path: Path) -> None:
    columns = ["slice_id", "twin_id", "orientation", "correlation"]
    pd.DataFrame(columns=columns).to_csv(tmp_path / "twins.csv", index=False)
    assert list(read_twins(tmp_path / "twins.csv")) == columns
