"""The random split is scikit-learn's in two steps; parts are disjoint and complete."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.model_selection import train_test_split

from hqcm.preparation.splitting import SplitParams, held_out_sizes, split_slices

PAPER = [0.70, 0.15, 0.15]


def index(n_slices: int) -> pd.DataFrame:
    """Ids that are not sorted, and labels in runs, as sources lie one after the other."""
    return pd.DataFrame(
        {
            "slice_id": [f"akter/{n_slices - i}" for i in range(n_slices)],
            "label": [4 * i // n_slices for i in range(n_slices)],
        }
    )


def params(fractions: Any = None, seed: int = 42) -> SplitParams:
    return SplitParams.model_validate({"fractions": fractions or PAPER, "seed": seed})


def members(split: pd.DataFrame, part: str) -> set[str]:
    return set(split.loc[split["part"] == part, "slice_id"])


def test_the_papers_totals_are_the_released_label_files() -> None:
    split = split_slices(index(7576), "random", params())
    assert split["part"].value_counts().to_dict() == {
        "train": 5303,
        "validation": 1136,
        "test": 1137,
    }


@pytest.mark.parametrize("n_slices", [20, 920, 1000, 7576])
def test_it_is_scikit_learns_split_in_two_steps(n_slices: int) -> None:
    frame = index(n_slices)
    train, rest = train_test_split(frame["slice_id"].tolist(), test_size=0.3, random_state=42)
    validation, test = train_test_split(rest, test_size=0.5, random_state=42)
    split = split_slices(frame, "random", params())
    assert members(split, "train") == set(train)
    assert members(split, "validation") == set(validation)
    assert members(split, "test") == set(test)


def test_rows_are_in_the_order_of_the_store() -> None:
    frame = index(50)
    split = split_slices(frame, "random", params())
    assert list(split) == ["slice_id", "part"]
    assert split["slice_id"].tolist() == frame["slice_id"].tolist()


@given(st.integers(30, 200), st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8))
def test_every_slice_is_in_one_part(n_slices: int, seed: int, test: int, validation: int) -> None:
    fractions = [(20 - test - validation) / 20, validation / 20, test / 20]
    split = split_slices(index(n_slices), "random", params(fractions, seed))
    assert split["slice_id"].is_unique
    assert len(split) == n_slices
    for part, fraction in zip(("train", "validation", "test"), fractions, strict=True):
        # Each of the two steps rounds once.
        assert abs(len(members(split, part)) - fraction * n_slices) < 2


def test_the_seed_draws_the_split() -> None:
    first, again, other = (
        split_slices(index(100), "random", params(seed=seed)) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_a_fraction_that_is_no_binary_number_is_not_rounded_up_twice() -> None:
    assert held_out_sizes(1000, PAPER) == (300, 150)  # 1000 * (1 - 0.7) is 300.00000000000006
    assert held_out_sizes(10, [0.7, 0.1, 0.2]) == (3, 2)


@pytest.mark.parametrize("n_slices", [0, 1, 2, 3])
def test_too_few_slices_for_three_parts_are_an_error(n_slices: int) -> None:
    with pytest.raises(
        ValueError, match=rf"every part must get a slice or more; got .* of {n_slices} slices"
    ):
        split_slices(index(n_slices), "random", params())


def test_four_slices_are_enough() -> None:
    assert split_slices(index(4), "random", params())["part"].nunique() == 3


def test_an_unknown_protocol_names_the_legal_ones() -> None:
    with pytest.raises(ValueError, match="protocol must be one of random; got rnadom"):
        split_slices(index(10), "rnadom", params())


@pytest.mark.parametrize(
    ("fractions", "said"),
    [
        ([0.7, 0.2, 0.2], "must sum to 1, sum to 1.1"),
        ([0.5, 0.5], "at least 3 items"),
        ([0.4, 0.2, 0.2, 0.2], "at most 3 items"),
        ([1.0, 0.0, 0.0], "less than 1"),
        ([1.2, -0.1, -0.1], "greater than 0"),
        ([70, 15, 15], "less than 1"),
        (["0.7", 0.15, 0.15], "valid number"),
        ([float("nan"), 0.5, 0.5], "less than 1"),
    ],
)
def test_fractions_that_are_none_are_refused(fractions: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        params(fractions)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True])
def test_a_seed_that_numpy_would_not_take_is_refused(seed: Any) -> None:
    with pytest.raises(ValidationError, match="seed"):
        params(seed=seed)


def test_thirds_written_by_hand_sum_to_one() -> None:
    assert params([0.3333333333] * 3)
