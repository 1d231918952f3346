"""Groups are what a walk along the pairs reaches."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from hqcm.cohort.families import find_families, group_duplicates

NUMBERS = st.integers(0, 14)


def table(pairs: list[tuple[int, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"s{a}", f"s{b}") for a, b in pairs], columns=["slice_id", "twin_id"], dtype=str
    )


@given(st.lists(st.tuples(NUMBERS, NUMBERS)))
def test_a_group_is_all_twins_of_twins_named_after_the_first(pairs: list[tuple[int, int]]) -> None:
    groups = group_duplicates([f"s{k}" for k in range(15)], table(pairs))
    reached = reference.reachable(15, pairs)
    assert groups["slice_id"].tolist() == [f"s{k}" for k in range(15)]
    assert groups["duplicate_group"].tolist() == [f"s{min(group)}" for group in reached]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_a_family_is_patients_joined_by_pictures(members: list[tuple[int, int]]) -> None:
    index = pd.DataFrame(
        {
            "slice_id": [f"s{k}" for k in range(len(members))],
            "group_id": [f"p{patient}" for patient, _ in members],
        }
    )
    duplicates = pd.DataFrame(
        {"slice_id": index["slice_id"], "duplicate_group": [f"d{copy}" for _, copy in members]}
    )
    family = find_families(index, duplicates.iloc[::-1])
    joined = [
        (i, j)
        for i, one in enumerate(members)
        for j, other in enumerate(members)
        if one[0] == other[0] or one[1] == other[1]
    ]
    reached = reference.reachable(len(members), joined)
    together = [[a == b for b in family] for a in family]
    assert together == [[j in group for j in range(len(members))] for group in reached]


def test_a_slice_without_a_group_is_an_error() -> None:
    index = pd.DataFrame({"slice_id": ["a", "b", "c"], "group_id": ["p", "p", "q"]})
    duplicates = pd.DataFrame({"slice_id": ["a"], "duplicate_group": ["a"]})
    with pytest.raises(ValueError, match="every slice must be in a duplicate group; got none for"):
        find_families(index, duplicates)
