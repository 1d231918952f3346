"""The random split is scikit-learn's; the others keep together what belongs together."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.model_selection import train_test_split

import reference
from hqcm.slices.split_file import EXCLUDED, PARTS
from hqcm.splitting.protocols import SplitParams, _held_out_sizes, split_slices

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
    folds: dict[str, int] | None = None,
) -> pd.DataFrame:
    groups = alone(index) if duplicates is None else duplicates
    known = pd.DataFrame((folds or {}).items(), columns=["slice_id", "fold"])
    return split_slices(index, groups, known, protocol, params or make_params())


def make_params(
    fractions: Any = None, seed: int = 42, held_out: str = "figshare", test_fold: Any = 1
) -> SplitParams:
    drawn = {"fractions": fractions or PAPER, "seed": seed}
    left_out = {"held_out_source": held_out, "test_fold": test_fold, "n_folds": 5}
    return SplitParams.model_validate(drawn | left_out)


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
    assert _held_out_sizes(1000, PAPER) == (300, 150)  # 1000 * (1 - 0.7) is 300.00000000000006
    assert _held_out_sizes(10, [0.7, 0.1, 0.2]) == (3, 2)


@pytest.mark.parametrize("n_slices", [0, 1, 2, 3])
def test_too_few_slices_for_three_parts_are_an_error(n_slices: int) -> None:
    said = rf"split\.fractions must give every part a slice or more; got .* of {n_slices} slices"
    with pytest.raises(ValueError, match=said):
        draw(index(n_slices))


def test_four_slices_are_enough() -> None:
    assert draw(index(4))["part"].nunique() == 3


def test_an_unknown_protocol_names_the_legal_ones() -> None:
    with pytest.raises(
        ValueError, match=r"must be one of random, patient, source, folds, cv or .*; got rn"
    ):
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
        ([float("nan"), 0.5, 0.5], "finite number"),
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


@pytest.mark.parametrize("fold", [0, 6, 1.5, "1", None])
def test_a_fold_that_is_none_is_refused(fold: Any) -> None:
    with pytest.raises(ValidationError, match="test_fold"):
        make_params(test_fold=fold)


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


# Whatever else is drawn: a slice in the fold to test on, and two people free to train and validate.
SURE: list[Member] = [("figshare", 91, 91, 1), ("figshare", 92, 92, 2), ("figshare", 93, 93, 3)]
FOLDS = st.lists(st.integers(2, 5), min_size=60, max_size=60)


@given(COHORTS, FOLDS, st.integers(1, 5), st.integers(0, 5))
def test_a_fold_is_the_test_and_no_patient_and_no_copy_of_it_is_seen_before(
    members: list[Member], drawn: list[int], test_fold: int, seed: int
) -> None:
    """Folds of slices, not of patients: worse than any that was published."""
    frame, groups = cohort(members + SURE)
    assigned = [*drawn[: len(members)], 0, 1, 1]  # the first of SURE is tested on, never the rest
    moved = [(fold + test_fold - 1) % 5 + 1 for fold in assigned]
    is_folded = (frame["source"] == "figshare").to_numpy()
    folds = dict(zip(frame["slice_id"][is_folded], np.array(moved)[is_folded], strict=True))
    split = draw(frame, "folds", make_params(seed=seed, test_fold=test_fold), groups, folds)
    assert split["slice_id"].tolist() == frame["slice_id"].tolist()
    part, is_tested = split["part"].to_numpy(str), is_folded & (np.array(moved) == test_fold)
    assert set(part[is_tested]) == {"test"}
    assert set(part[is_folded & ~is_tested]) <= {"train", "validation", EXCLUDED}
    for family in families(frame, groups):
        rows = sorted(family)
        assert len(set(part[rows]) - {EXCLUDED}) == 1
        is_left_out = (is_folded & ~is_tested)[rows] & is_tested[rows].any()
        assert ((part[rows] == EXCLUDED) == is_left_out).all()
    assert {"train", "validation", "test"} <= set(part)
    for by in (frame["group_id"], groups["duplicate_group"]):
        assert all(len(parts - {EXCLUDED}) <= 1 for parts in parts_of(split, by).values())


def folded(n_patients: int, n_others: int) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Patients of two slices each, fold after fold, and slices of source 3 of their own."""
    people = [("figshare", i, 2 * i + k, 1 + i % 3) for i in range(n_patients) for k in range(2)]
    others = [("akter", 500 + i, 500 + i, i % 4) for i in range(n_others)]
    frame, groups = cohort(people + others)
    folds = {f"figshare/{i}": 1 + i // 2 % 5 for i in range(2 * n_patients)}
    return frame, groups, folds


def test_folds_that_part_patients_and_pictures_lose_nobody() -> None:
    frame, groups, folds = folded(50, 200)
    split = draw(frame, "folds", make_params(test_fold=3), groups, folds)
    counts = pd.crosstab(frame["source"], split["part"])
    # Of 26 or 28 slices of a class in four folds, 70 to 15: whole patients of two slices, so 4.
    assert counts.loc["figshare"].to_dict() == {"test": 20, "train": 68, "validation": 12}
    # Of 50 of a class that have no fold, 70 to 15 to 15.
    by_class = pd.crosstab(frame["label"][100:], split["part"][100:])
    assert (abs(by_class - [7.5, 35, 7.5]) < 1).all(axis=None)


def test_copies_follow_their_slice_and_its_other_folds_are_left_out() -> None:
    frame, groups, folds = folded(15, 12)
    copied = {30: "d0", 31: "d2", 32: "d4", 33: "d5"}  # patients 0, 1, and 2 twice; folds 1 to 3
    groups.loc[list(copied), "duplicate_group"] = list(copied.values())
    groups.loc[8, "duplicate_group"] = "d6"  # patient 4 of fold 5 shows a picture of patient 3
    split = draw(frame, "folds", make_params(test_fold=4), groups, folds)
    part = split["part"]
    assert set(part[[6, 7]]) == {"test"}
    assert set(part[[8, 9]]) == {EXCLUDED}
    assert (part == EXCLUDED).sum() == 2
    for copy, original in ((30, 0), (31, 2), (32, 4), (33, 4)):
        assert part[copy] == part[original] != "test"
    part = draw(frame, "folds", make_params(test_fold=3), groups, folds)["part"]
    assert set(part[[4, 5, 32, 33]]) == {"test"}
    assert EXCLUDED not in set(part)


@pytest.mark.parametrize(
    ("n_others", "parts"), [(0, []), (1, ["train"]), (2, ["train", "validation"])]
)
def test_of_few_that_have_no_fold_training_gets_the_first(n_others: int, parts: list[str]) -> None:
    frame, groups, folds = folded(15, n_others)
    split = draw(frame, "folds", None, groups, folds)
    assert sorted(split["part"][30:]) == parts


@pytest.mark.parametrize("n_known", [0, 29])
def test_without_the_fold_index_its_protocol_says_what_is_needed(n_known: int) -> None:
    frame, groups, folds = folded(15, 9)
    known = dict(list(folds.items())[:n_known])
    said = (
        "protocol folds: every slice of figshare must have a fold; got none for "
        rf"{30 - n_known} of 30: put its author's cvind.mat with its files"
    )
    with pytest.raises(ValueError, match=said):
        draw(frame, "folds", None, groups, known)
    for protocol in ("random", "patient", "source"):
        expected = draw(frame, protocol, None, groups, folds)
        pd.testing.assert_frame_equal(draw(frame, protocol, None, groups, known), expected)


def test_a_fold_without_slices_is_an_error() -> None:
    frame, groups, folds = folded(3, 9)
    with pytest.raises(ValueError, match=r"slices of figshare \(1, 2, 3\); got 4"):
        draw(frame, "folds", make_params(test_fold=4), groups, folds)
    with pytest.raises(ValueError, match=r"slices of figshare \(there is none\); got 1"):
        draw(index(20), "folds")


def test_a_single_family_cannot_train_and_validate() -> None:
    frame, groups, folds = folded(2, 9)
    with pytest.raises(ValueError, match=r"every part must get a family .* got 1 families for 2"):
        draw(frame, "folds", None, groups, folds)


def test_patients_that_are_all_joined_are_an_error() -> None:
    frame = index(20)
    groups = alone(frame).assign(duplicate_group="one")
    with pytest.raises(ValueError, match=r"every part must get a family .* got 1 families for 3"):
        draw(frame, "patient", duplicates=groups)


@pytest.mark.parametrize("protocol", ["random", "patient"])
def test_slices_of_unknown_groups_are_an_error(protocol: str) -> None:
    frame = index(20)
    with pytest.raises(ValueError, match="every slice must be in a duplicate group; got none for"):
        draw(frame, protocol, duplicates=alone(frame).drop(index=11))
