"""The random split is scikit-learn's; the others keep together what belongs together."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.model_selection import train_test_split

import reference
from hqcm.contracts.parts import EXCLUDED, PARTS
from hqcm.preparation.splitting import SplitParams, held_out_sizes, split_slices

PAPER = [0.70, 0.15, 0.15]


def index(n_slices: int) -> pd.DataFrame:
    """Ids that are not sorted, and labels in runs, as sources lie one after the other."""
    return pd.DataFrame(
        {
            "slice_id": [f"akter/{n_slices - i}" for i in range(n_slices)],
            "group_id": [f"akter/{n_slices - i}" for i in range(n_slices)],
            "source": "akter",
            "label": [4 * i // n_slices for i in range(n_slices)],
        }
    )


def alone(index: pd.DataFrame) -> pd.DataFrame:
    """No slice has a twin."""
    return pd.DataFrame({"slice_id": index["slice_id"], "duplicate_group": index["slice_id"]})


def draw(
    index: pd.DataFrame,
    protocol: str = "random",
    params: SplitParams | None = None,
    duplicates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    groups = alone(index) if duplicates is None else duplicates
    return split_slices(index, groups, protocol, params or make_params())


def make_params(fractions: Any = None, seed: int = 42, held_out: str = "figshare") -> SplitParams:
    return SplitParams.model_validate(
        {"fractions": fractions or PAPER, "seed": seed, "held_out_source": held_out}
    )


def members(split: pd.DataFrame, part: str) -> set[str]:
    return set(split.loc[split["part"] == part, "slice_id"])


def test_the_papers_totals_are_the_released_label_files() -> None:
    split = draw(index(7576))
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
    split = draw(frame)
    assert members(split, "train") == set(train)
    assert members(split, "validation") == set(validation)
    assert members(split, "test") == set(test)


def test_rows_are_in_the_order_of_the_store() -> None:
    frame = index(50)
    split = draw(frame)
    assert list(split) == ["slice_id", "part"]
    assert split["slice_id"].tolist() == frame["slice_id"].tolist()


@given(st.integers(30, 200), st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8))
def test_every_slice_is_in_one_part(n_slices: int, seed: int, test: int, validation: int) -> None:
    fractions = [(20 - test - validation) / 20, validation / 20, test / 20]
    split = draw(index(n_slices), params=make_params(fractions, seed))
    assert split["slice_id"].is_unique
    assert len(split) == n_slices
    for part, fraction in zip(("train", "validation", "test"), fractions, strict=True):
        # Each of the two steps rounds once.
        assert abs(len(members(split, part)) - fraction * n_slices) < 2


def test_the_seed_draws_the_split() -> None:
    first, again, other = (draw(index(100), params=make_params(seed=seed)) for seed in (1, 1, 2))
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
        draw(index(n_slices))


def test_four_slices_are_enough() -> None:
    assert draw(index(4))["part"].nunique() == 3


def test_an_unknown_protocol_names_the_legal_ones() -> None:
    with pytest.raises(ValueError, match="protocol must be one of random, patient, sourc"):
        draw(index(10), "rnadom")


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
        make_params(fractions)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True])
def test_a_seed_that_numpy_would_not_take_is_refused(seed: Any) -> None:
    with pytest.raises(ValidationError, match="seed"):
        make_params(seed=seed)


def test_thirds_written_by_hand_sum_to_one() -> None:
    assert make_params([0.3333333333] * 3)


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be one of trainingdatapro, figshare, akter"):
        make_params(held_out="kaggle")


Member = tuple[str, int, int, int]
COHORTS = st.lists(
    st.tuples(
        st.sampled_from(["trainingdatapro", "figshare", "akter"]),
        *(st.integers(0, 25), st.integers(0, 30), st.integers(0, 3)),
    ),
    min_size=8,
    max_size=60,
)


def cohort(members: list[Member]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Index and duplicate groups of slices given as (source, patient, picture, label)."""
    slice_ids = [f"{source}/{i}" for i, (source, *_) in enumerate(members)]
    frame = pd.DataFrame(
        {
            "slice_id": slice_ids,
            "source": [source for source, *_ in members],
            "group_id": [f"{source}-{patient}" for source, patient, _, _ in members],
            "label": [label for *_, label in members],
        }
    )
    groups = pd.DataFrame(
        {"slice_id": slice_ids, "duplicate_group": [f"d{copy}" for _, _, copy, _ in members]}
    )
    return frame, groups


def parts_of(split: pd.DataFrame, by: "pd.Series[str]") -> dict[str, set[str]]:
    together = split["part"].groupby(by.to_numpy()).unique()
    return {str(name): set(parts) for name, parts in together.items()}


def families(frame: pd.DataFrame, groups: pd.DataFrame) -> list[set[int]]:
    rows = list(zip(frame["group_id"], groups["duplicate_group"], strict=True))
    joined = [
        (i, j)
        for i, one in enumerate(rows)
        for j, other in enumerate(rows)
        if one[0] == other[0] or one[1] == other[1]
    ]
    return reference.reachable(len(rows), joined)


@given(COHORTS, st.integers(0, 5))
def test_no_patient_and_no_duplicate_group_straddles_parts(
    members: list[Member], seed: int
) -> None:
    frame, groups = cohort(members)
    assume(len({min(family) for family in families(frame, groups)}) >= len(PARTS))
    split = draw(frame, "patient", make_params(seed=seed), groups)
    for by in (frame["group_id"], groups["duplicate_group"]):
        assert all(len(parts) == 1 for parts in parts_of(split, by).values())
    assert set(split["part"]) == set(PARTS)
    assert split["slice_id"].tolist() == frame["slice_id"].tolist()


@given(COHORTS, st.sampled_from(["trainingdatapro", "figshare", "akter"]), st.integers(0, 5))
def test_a_source_left_out_is_the_test_and_nothing_of_it_is_seen_before(
    members: list[Member], held_out: str, seed: int
) -> None:
    frame, groups = cohort(members)
    reached = families(frame, groups)
    related = [{members[i][0] for i in family} >= {held_out} for family in reached]
    free = {min(f) for f, is_related in zip(reached, related, strict=True) if not is_related}
    assume(len(free) >= 2)
    assume(held_out in set(frame["source"]))
    split = draw(frame, "source", make_params(seed=seed, held_out=held_out), groups)
    for part, source, is_related in zip(split["part"], frame["source"], related, strict=True):
        assert (part == "test") == (source == held_out)
        assert (part == EXCLUDED) == (is_related and source != held_out)
    for by in (frame["group_id"], groups["duplicate_group"]):
        assert all(len(p - {"test", EXCLUDED}) <= 1 for p in parts_of(split, by).values())
    assert {"train", "validation", "test"} <= set(split["part"])


def test_of_the_sources_that_are_left_training_keeps_its_share() -> None:
    frame, groups = cohort([("akter", i, i, i % 4) for i in range(170)] + [("figshare", 0, 999, 1)])
    split = draw(frame, "source", duplicates=groups)
    assert split["part"].value_counts().to_dict() == {"train": 140, "validation": 30, "test": 1}


def test_a_source_left_out_must_be_in_the_cohort() -> None:
    with pytest.raises(ValueError, match=r"be a source of the cohort \(akter\); got figshare"):
        draw(index(20), "source")


def test_patients_that_are_all_joined_are_an_error() -> None:
    frame = index(20)
    groups = alone(frame).assign(duplicate_group="one")
    with pytest.raises(ValueError, match=r"every part must get a family .* got 1 families for 3"):
        draw(frame, "patient", duplicates=groups)


@pytest.mark.parametrize("protocol", ["random", "patient"])
def test_slices_of_unknown_groups_are_an_error(protocol: str) -> None:
    frame = index(20)
    with pytest.raises(ValueError, match="slice akter/9 must be in a duplicate group"):
        draw(frame, protocol, duplicates=alone(frame).drop(index=11))
