"""Intervals by drawing groups anew, against loops, scipy and what must hold of any draw."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hqcm.contracts.params import check_section
from hqcm.evaluation.bootstrap import (
    Measure,
    UncertaintyParams,
    Weights,
    _count_draws,
    count_groups,
    divide,
    draw_groups,
    draw_measure,
    estimate_protocol,
    measure_means,
    number_groups,
    size_of,
    sum_groups,
)
from hqcm.evaluation.statistics import Size
from reference import resampled_mean

PARAMS = UncertaintyParams(n_resamples=200, seed=0)
FEW = settings(max_examples=25)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Values in [0, 1] of a few slices, and their groups, two or more, none empty."""
    n_groups = draw(st.integers(2, 6))
    rest = draw(st.lists(st.integers(0, n_groups - 1), min_size=0, max_size=9))
    groups = np.array([*range(n_groups), *rest], np.int64)
    values = draw(st.lists(st.floats(0, 1), min_size=len(groups), max_size=len(groups)))
    return np.array(values), groups


def test_numbers_follow_the_names() -> None:
    np.testing.assert_array_equal(number_groups(np.array(["b", "a", "b", "ä"])), [1, 0, 1, 2])


def test_sums_sizes_and_quotients() -> None:
    groups = np.array([0, 2, 1, 2])
    np.testing.assert_array_equal(sum_groups(np.array([1.0, 2, 3, 4]), groups), [1, 3, 6])
    assert size_of(np.array([True, True, False, True]), groups) == (3, 2)
    assert size_of(np.zeros(4, np.bool_), groups) == (0, 0)
    np.testing.assert_array_equal(divide(np.array([1.0, 2]), np.array([2.0, 0])), [0.5, np.nan])


def test_means_are_over_the_slices_that_have_a_value() -> None:
    groups = np.array([0, 0, 1])
    measure = measure_means({"a": np.array([1.0, np.nan, 4.0]), "b": np.full(3, np.nan)}, groups)
    found = measure.quantities(np.array([[1.0, 1], [3, 1], [2, 0]]))
    np.testing.assert_allclose(found["a"], [2.5, 1.75, 1])
    assert np.isnan(found["b"]).all()
    assert measure.sizes == {"a": (2, 2), "b": (0, 0)}


def test_draws_are_counted_row_by_row() -> None:
    drawn = np.array([[0, 0, 2], [1, 1, 1]])
    np.testing.assert_array_equal(_count_draws(drawn, 3), [[2, 0, 1], [0, 3, 0]])


def test_every_draw_is_of_as_many_groups_as_there_are_and_the_seed_decides_which() -> None:
    def weights_of(weights: Weights) -> np.ndarray:
        return weights.T

    first = draw_groups(weights_of, 7, PARAMS)
    assert first.shape == (7, 200)
    np.testing.assert_array_equal(first.sum(axis=0), 7)
    assert first.mean() == 1
    np.testing.assert_array_equal(first, draw_groups(weights_of, 7, PARAMS))
    other = draw_groups(weights_of, 7, UncertaintyParams(n_resamples=200, seed=1))
    assert (first != other).any()


def test_each_draw_gives_the_mean_of_the_slices_drawn() -> None:
    values = np.array([0.1, 0.9, np.nan, 0.4, 0.6, 0.7])
    groups = np.array([0, 0, 1, 2, 2, 3])
    found = draw_measure(measure_means({"a": values}, groups), 4, PARAMS).draws["a"]
    weights = draw_groups(lambda weights: weights.T, 4, PARAMS).astype(int).T
    listed = [None if np.isnan(value) else float(value) for value in values]
    for mean, counts in zip(found, weights, strict=True):
        expected = resampled_mean(listed, groups.tolist(), np.repeat(range(4), counts).tolist())
        assert mean == pytest.approx(expected if expected is not None else np.nan, nan_ok=True)


def test_groups_of_one_slice_are_the_ordinary_bootstrap_of_scipy() -> None:
    values = np.sin(np.arange(30)) ** 2
    measure = measure_means({"a": values}, np.arange(30))
    found = estimate_protocol({"h": measure, "c": measure}, ("h", "c"), 30, PARAMS)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=200, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    estimate = found.networks["h"]["a"]
    assert estimate.bounds == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert estimate.value == pytest.approx(values.mean(), abs=1e-6)
    assert (estimate.n, estimate.n_groups) == (30, 30)


def test_slices_that_repeat_each_other_do_not_narrow_the_interval() -> None:
    values, groups = np.sin(np.arange(12)) ** 2, np.arange(12)
    once = measure_means({"a": values}, groups)
    many = measure_means({"a": np.repeat(values, 9)}, np.repeat(groups, 9))
    one, other = (
        estimate_protocol({"h": m, "c": m}, ("h", "c"), 12, PARAMS).networks["h"]["a"]
        for m in (once, many)
    )
    assert one.bounds == pytest.approx(other.bounds, abs=2e-6)
    assert (one.n, other.n, other.n_groups) == (12, 108, 12)


@FEW
@given(grouped(), st.randoms(use_true_random=False))
def test_the_interval_holds_the_mean_lies_within_the_values_and_knows_no_order(
    data: tuple[np.ndarray, np.ndarray], random: Any
) -> None:
    values, groups = data
    order = list(range(len(values)))
    random.shuffle(order)
    found, shuffled = (
        estimate_protocol({"h": m, "c": m}, ("h", "c"), count_groups(groups), PARAMS)
        for m in (
            measure_means({"a": values}, groups),
            measure_means({"a": values[order]}, groups[order]),
        )
    )
    one, other = found.networks["h"]["a"], shuffled.networks["h"]["a"]
    assert one.bounds == pytest.approx(other.bounds, abs=2e-6)
    assert one.low <= one.value <= one.high
    if one.value not in {0, 1}:  # there Wilson's takes over
        assert values.min() - 1e-6 <= one.low <= one.high <= values.max() + 1e-6


def test_differences_are_paired() -> None:
    groups = np.arange(20)
    hard = np.linspace(0, 1, 20)  # what both find hard
    first = measure_means({"a": hard}, groups)
    second = measure_means({"a": hard - 0.1 - 0.01 * (groups % 2)}, groups)
    found = estimate_protocol({"h": first, "c": second}, ("h", "c"), 20, PARAMS)
    difference, alone = found.differences["a"], found.networks["h"]["a"]
    assert difference.value == pytest.approx(0.105)
    assert difference.high - difference.low < 0.01
    assert alone.high - alone.low > 0.2


def test_one_group_has_no_interval_and_neither_has_what_few_groups_hold() -> None:
    values = np.linspace(0, 1, 6)
    one = measure_means({"a": values}, np.zeros(6, np.int64))
    found = estimate_protocol({"h": one, "c": one}, ("h", "c"), 1, PARAMS)
    assert (found.networks, found.differences) == ({"h": {}, "c": {}}, {})
    groups = np.array([0, 0, 1, *range(2, 42)])
    rare = np.where(groups < 2, 0.5, np.nan)  # two of 42 groups: missing in 13 % of the draws
    most = np.where(groups < 5, groups / 5.0, np.nan)
    nowhere = np.full(len(groups), np.nan)
    measure = measure_means({"rare": rare, "most": most, "nowhere": nowhere}, groups)
    params = UncertaintyParams(n_resamples=2000, seed=0)
    found = estimate_protocol({"h": measure, "c": measure}, ("h", "c"), 42, params)
    assert list(found.networks["h"]) == ["most"]
    assert (found.networks["h"]["most"].n, found.networks["h"]["most"].n_groups) == (6, 5)


def test_a_quantity_of_one_network_alone_is_no_difference() -> None:
    def quantities(weights: Weights) -> dict[str, np.ndarray]:
        return {"a": np.full(len(weights), np.nan)}

    groups = np.arange(5)
    whole = measure_means({"a": groups / 5}, groups)
    void = Measure(quantities, {"a": Size(5, 5)})
    found = estimate_protocol({"h": whole, "c": void}, ("h", "c"), 5, PARAMS)
    assert list(found.networks["h"]) == ["a"]
    assert (found.networks["c"], found.differences) == ({}, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_resamples": 10}, "uncertainty.n_resamples: .*greater than or equal to 100"),
        ({"seed": -1}, "uncertainty.seed: .*greater than or equal to 0"),
    ],
)
def test_params_out_of_range_are_named(change: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_section(
            "uncertainty", UncertaintyParams, {"uncertainty": {**PARAMS.model_dump(), **change}}
        )
