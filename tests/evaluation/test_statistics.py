"""Intervals and the signed-rank test against rank sums by hand, enumeration and scipy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from hqcm.evaluation.statistics import (
    Size,
    estimate,
    estimate_difference,
    mcnemar_exact,
    rounded,
    wilcoxon_signed_rank,
    wilson_interval,
)
from hqcm.results.intervals import Estimate
from reference import (
    difference_bounds,
    mcnemar_p,
    mid_ranks,
    quantile_of,
    score_interval,
    signed_rank_p,
)

FRACTIONS = hnp.arrays(np.float64, 9, elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))


@pytest.mark.parametrize(
    ("correct", "interval"), [(1097, (0.9524, 0.9741)), (986, (0.8462, 0.8857))]
)
def test_wilson_gives_the_intervals_of_the_papers_accuracies(
    correct: int, interval: tuple[float, float]
) -> None:
    assert wilson_interval(correct / 1137, 1137) == pytest.approx(interval, abs=5e-5)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_scipy(counts: tuple[int, int]) -> None:
    k, n = counts
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    low, high = wilson_interval(k / n, n)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= k / n <= high <= 1 or k in (0, n)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_where_the_score_is_1_96(counts: tuple[int, int]) -> None:
    k, n = counts
    assert wilson_interval(k / n, n) == pytest.approx(score_interval(k, n), abs=1e-9)


@pytest.mark.parametrize(("fraction", "n"), [(1.2, 10), (-0.1, 10), (0.5, 0)])
def test_wilson_refuses_what_is_no_proportion(fraction: float, n: int) -> None:
    with pytest.raises(ValueError, match=r"fraction must be in \[0, 1\] and n at least 1; got"):
        wilson_interval(fraction, n)


def test_rank_sums_by_hand() -> None:
    # differences 3, -1, 0, 2, 2 -> ranks of |d| without the zero: 4, 1, 2.5, 2.5
    first, second = np.array([5.0, 1, 7, 4, 9]), np.array([2.0, 2, 7, 2, 7])
    found = wilcoxon_signed_rank(first, second)
    assert (found["statistic"], found["n"], found["n_zero"]) == (1.0, 5, 1)
    assert found["effect"] == pytest.approx((9 - 1) / 10)


def test_the_effect_changes_sign_with_the_order_and_the_rest_does_not() -> None:
    first = np.linspace(0, 1, 30) ** 2
    second = np.linspace(0, 1, 30)[::-1] * 0.7
    one, other = wilcoxon_signed_rank(first, second), wilcoxon_signed_rank(second, first)
    assert one["effect"] == pytest.approx(-(other["effect"] or 0))
    assert one["p_value"] == pytest.approx(other["p_value"])
    assert one["statistic"] == other["statistic"]


def test_p_value_is_the_share_of_sign_patterns_at_least_as_extreme() -> None:
    difference = np.array([0.5, 1.5, -2.5, 3.5, 4.5, 5.5, -6.5])
    ranks = np.arange(1, 8)
    observed = min(ranks[difference > 0].sum(), ranks[difference < 0].sum())
    sums = [sum(np.array(s) * ranks) for s in itertools.product((0, 1), repeat=7)]
    share = sum(min(s, 28 - s) <= observed for s in sums) / len(sums)
    found = wilcoxon_signed_rank(difference, np.zeros(7))
    assert found["p_value"] == pytest.approx(share, abs=1e-12)


@settings(deadline=None)
@given(
    st.one_of(
        st.lists(st.integers(-6, 6), min_size=1, max_size=90),  # ties and zeros
        st.lists(st.integers(-99, 99), min_size=1, max_size=60, unique_by=abs),  # none but zero
    )
)
def test_signed_ranks_by_counting_signs_or_the_normal_curve(differences: list[int]) -> None:
    kept = [float(d) for d in differences if d]
    found = wilcoxon_signed_rank(np.array(differences, float), np.zeros(len(differences)))
    assert found["n_zero"] == len(differences) - len(kept)
    if not kept:
        assert found["p_value"] is None
        return
    ranks = mid_ranks([abs(d) for d in kept])
    above = sum(rank for rank, d in zip(ranks, kept, strict=True) if d > 0)
    assert found["statistic"] == min(above, sum(ranks) - above)
    assert found["effect"] == pytest.approx(2 * above / sum(ranks) - 1, abs=1e-12)
    assert found["p_value"] == pytest.approx(signed_rank_p(kept), rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(FRACTIONS, FRACTIONS)
def test_the_signed_rank_test_is_antisymmetric_and_bounded(
    first: np.ndarray, second: np.ndarray
) -> None:
    one, other = wilcoxon_signed_rank(first, second), wilcoxon_signed_rank(second, first)
    ranked = one["n"] - one["n_zero"]
    assert 0 <= one["statistic"] == other["statistic"] <= ranked * (ranked + 1) / 4
    if one["p_value"] is None or one["effect"] is None or other["effect"] is None:
        assert (one["effect"], ranked) == (None, 0)
    else:
        assert 0 < one["p_value"] <= 1
        assert one["effect"] == -other["effect"]
        assert -1 <= one["effect"] <= 1


def test_large_samples_with_ties_equal_scipy() -> None:
    first, second = np.arange(200) % 7 / 7, np.arange(200) % 11 / 11
    expected = stats.wilcoxon(first, second, zero_method="wilcox", alternative="two-sided")
    found = wilcoxon_signed_rank(first, second)
    assert (found["statistic"], found["p_value"]) == (expected.statistic, expected.pvalue)


def test_no_difference_at_all_has_no_p_value() -> None:
    same = np.linspace(0, 1, 6)
    assert wilcoxon_signed_rank(same, same) == {
        "statistic": 0.0,
        "p_value": None,
        "n": 6,
        "n_zero": 6,
        "effect": None,
    }


def test_unpaired_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"pairs must be equal in number; got \(3,\) and \(2,\)"):
        wilcoxon_signed_rank(np.zeros(3), np.zeros(2))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))
def test_mcnemar_is_the_binomial_sum(n_first: int, n_second: int, n_both: int) -> None:
    first = np.array([True] * n_first + [False] * n_second + [True] * n_both, np.bool_)
    second = np.array([False] * n_first + [True] * n_second + [True] * n_both, np.bool_)
    found, turned = mcnemar_exact(first, second), mcnemar_exact(second, first)
    assert found[:2] == (n_first, n_second)
    assert found[2] == pytest.approx(float(mcnemar_p(n_first, n_second)), rel=1e-9)
    assert turned[2] == found[2]


def test_mcnemar_by_hand() -> None:
    right, wrong = np.array([True] * 5 + [False] * 3), np.array([False] * 5 + [True] * 3)
    # one of eight would be 2 (1 + 8) / 256; three of eight 2 (1 + 8 + 28 + 56) / 256
    assert mcnemar_exact(right, wrong)[2] == pytest.approx(186 / 256)
    assert mcnemar_exact(right, right) == (0, 0, 1.0)


def test_unpaired_hits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"pairs must be equal in number; got \(3,\) and \(2,\)"):
        mcnemar_exact(np.zeros(3, np.bool_), np.zeros(2, np.bool_))


SIZE = Size(40, 12)
RAMP = np.linspace(0, 1, 101)


def test_the_interval_leaves_two_and_a_half_per_cent_on_either_side() -> None:
    assert estimate(0.5, RAMP, SIZE) == Estimate(
        value=0.5, low=0.025, high=0.975, n=40, n_groups=12
    )


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=60), st.integers(0, 4))
def test_bounds_are_quantiles_of_the_sorted_draws(draws: list[float], n_undefined: int) -> None:
    with_holes = np.array([*draws, *[np.nan] * min(n_undefined, len(draws) // 10)])
    found = estimate(0.5, with_holes, SIZE)
    assert found is not None
    expected = [quantile_of(draws, share) for share in (0.025, 0.975)]
    assert found.bounds == pytest.approx(expected, abs=1e-6)


COUNTS = st.integers(2, 90).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_where_no_draw_tells_two_shares_apart_newcombe_speaks(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    pair = []
    for k, n in (first, second):
        low, high = score_interval(k, n)
        pair.append(Estimate(value=k / n, low=low, high=high, n=n, n_groups=n))
    value = pair[0].value - pair[1].value
    found = estimate_difference(value, np.full(9, value), SIZE, (pair[0], pair[1]))
    assert found is not None
    assert found.bounds == pytest.approx(difference_bounds(first, second), abs=2e-6)


def test_undefined_draws_are_left_out_up_to_a_tenth() -> None:
    few, many = (np.where(share > RAMP, np.nan, RAMP) for share in (0.09, 0.11))
    found = estimate(0.5, few, SIZE)
    assert found is not None
    assert found.low == pytest.approx(0.09 + 0.025 * 0.91)
    assert estimate(0.5, many, SIZE) is None


def test_nothing_is_said_of_one_group_or_of_an_undefined_value() -> None:
    assert estimate(0.5, RAMP, Size(40, 1)) is None
    assert estimate(float("nan"), RAMP, SIZE) is None
    assert estimate_difference(float("nan"), RAMP, SIZE, (None, None)) is None


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_at_an_end_of_the_scale_wilson_counts_the_groups(end: float) -> None:
    found = estimate(end, np.full(9, end), SIZE)
    assert found is not None
    assert found.bounds == pytest.approx(wilson_interval(end, 12), abs=1e-6)
    assert found.high - found.low > 0.2


def test_the_same_draw_within_the_scale_stays_without_width() -> None:
    found = estimate(0.5, np.full(9, 0.5), SIZE)
    assert found is not None
    assert found.bounds == (0.5, 0.5)


def test_a_difference_that_no_draw_shows_is_as_wide_as_both_together() -> None:
    one = estimate(1.0, np.ones(9), SIZE)
    other = estimate(1.0, np.ones(9), Size(40, 20))
    found = estimate_difference(0.0, np.zeros(9), SIZE, (one, other))
    assert one is not None
    assert other is not None
    assert found is not None
    assert found.bounds == pytest.approx((one.low - 1, 1 - other.low), abs=1e-6)


def test_bounds_of_two_independent_fractions_as_newcombe_prints_them() -> None:
    # Newcombe 1998, table II, method 10: 56/70 - 48/80 is 0.2, from 0.0524 to 0.3339
    pair = [
        Estimate(value=k / n, low=low, high=high, n=n, n_groups=n)
        for k, n in ((56, 70), (48, 80))
        for low, high in [wilson_interval(k / n, n)]
    ]
    found = estimate_difference(0.2, np.full(9, 0.2), SIZE, (pair[0], pair[1]))
    assert found is not None
    assert found.bounds == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_difference_at_zero_is_no_fraction_at_the_end_of_its_scale() -> None:
    found = estimate_difference(0.0, np.zeros(9), SIZE, (None, None))
    assert found is not None
    assert found.bounds == (0, 0)


def test_zero_has_no_sign_and_six_digits_are_kept() -> None:
    assert str(rounded(-1e-9)) == "0.0"
    assert rounded(2 / 3) == 0.666667
