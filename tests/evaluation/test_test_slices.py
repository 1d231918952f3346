"""Test slices and their families: patients, and whom near-duplicates make one with them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from hqcm.cohort.families import _name_families, read_cohort
from hqcm.evaluation.bootstrap import count_groups
from hqcm.evaluation.test_slices import read_test_groups, read_test_slices
from toy_study import N_TEST, SIZE, make_predictions, write_study

RUN = make_predictions(0, skill=0.9)


def join(duplicates: Path, *pairs: tuple[int, int]) -> None:
    """Give the second slice of each pair the duplicate group of the first."""
    table = pd.read_csv(duplicates, dtype=str)
    group = table["duplicate_group"].tolist()
    for one, other in pairs:
        group[other] = group[one]
    table.assign(duplicate_group=group).to_csv(duplicates, index=False)


def groups_of(folder: Path) -> np.ndarray:
    files = (folder / "prepared.h5", folder / "duplicates.csv")
    return read_test_groups(*files, {"random": {"paper": [RUN]}})["random"]


def test_without_twins_among_them_groups_are_patients_in_the_order_of_the_predictions(
    tmp_path: Path,
) -> None:
    write_study(tmp_path)
    backwards = replace(RUN, slice_id=RUN.slice_id[::-1], y_true=RUN.y_true[::-1])
    files = (tmp_path / "prepared.h5", tmp_path / "duplicates.csv")
    predictions = {"random": {"paper": [backwards]}}
    slices = read_test_slices(*files, predictions)["random"]
    np.testing.assert_array_equal(slices.groups, np.arange(N_TEST)[::-1] // 8)
    np.testing.assert_array_equal(slices.groups, read_test_groups(*files, predictions)["random"])
    assert count_groups(slices.groups) == 5
    assert slices.stack.slice_id == backwards.slice_id.tolist()
    np.testing.assert_array_equal(slices.stack.labels, backwards.y_true)
    assert slices.stack.masks.shape == (N_TEST, SIZE, SIZE)


def test_patients_who_share_a_picture_are_one_group(tmp_path: Path) -> None:
    write_study(tmp_path)
    join(tmp_path / "duplicates.csv", (0, 17), (9, 33))
    patient = np.arange(N_TEST) // 8
    np.testing.assert_array_equal(groups_of(tmp_path), np.array([0, 1, 0, 2, 1])[patient])


def test_slices_of_other_parts_join_test_slices_too(tmp_path: Path) -> None:
    write_study(tmp_path)
    join(tmp_path / "duplicates.csv", (40, 8), (41, 24))  # slices 40 to 47 train, of one patient
    patient = np.arange(N_TEST) // 8
    # The toys' own twins join patient 0 to that one as well.
    np.testing.assert_array_equal(groups_of(tmp_path), np.array([0, 0, 1, 0, 2])[patient])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_a_family_is_what_patients_and_pictures_reach(members: list[tuple[int, int]]) -> None:
    slice_ids = [f"s{k}" for k in range(len(members))]
    index = pd.DataFrame({"slice_id": slice_ids, "group_id": [f"p{p}" for p, _ in members]})
    pictures = [f"d{picture}" for _, picture in members]
    duplicates = pd.DataFrame({"slice_id": slice_ids, "duplicate_group": pictures})
    edges = [
        (i, j)
        for i, (patient, picture) in enumerate(members)
        for j, (other, its_picture) in enumerate(members)
        if patient == other or picture == its_picture
    ]
    reached = reference.reachable(len(members), edges)
    family = _name_families(index, duplicates)
    assert family.index.equals(index.index)
    assert family.tolist() == [f"p{min(members[j][0] for j in group)}" for group in reached]


def test_a_slice_that_is_not_in_the_store_is_named(tmp_path: Path) -> None:
    write_study(tmp_path)
    strange = replace(RUN, slice_id=np.array(["figshare/999", *RUN.slice_id[1:]], dtype=object))
    files = (tmp_path / "prepared.h5", tmp_path / "duplicates.csv")
    with pytest.raises(KeyError, match=r"prepared\.h5: must hold all of \d+ slices; lacks 1"):
        read_test_groups(*files, {"random": {"paper": [strange]}})


def test_a_slice_without_a_duplicate_group_is_named(tmp_path: Path) -> None:
    write_study(tmp_path)
    duplicates = tmp_path / "duplicates.csv"
    pd.read_csv(duplicates, dtype=str)[1:].to_csv(duplicates, index=False)
    with pytest.raises(ValueError, match="every slice must be in a duplicate group; got none for"):
        read_cohort(tmp_path / "prepared.h5", duplicates)
