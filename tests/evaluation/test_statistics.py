"""Intervals and the signed-rank test against rank sums by hand, enumeration and scipy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hqcm.evaluation.statistics import mcnemar_exact, wilcoxon_signed_rank, wilson_interval
from reference import mcnemar_p, mid_ranks, score_interval, signed_rank_p


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
    assert (found["n_only_first"], found["n_only_second"]) == (n_first, n_second)
    assert found["p_value"] == pytest.approx(float(mcnemar_p(n_first, n_second)), rel=1e-9)
    assert turned["p_value"] == found["p_value"]


def test_mcnemar_by_hand() -> None:
    right, wrong = np.array([True] * 5 + [False] * 3), np.array([False] * 5 + [True] * 3)
    # one of eight would be 2 (1 + 8) / 256; three of eight 2 (1 + 8 + 28 + 56) / 256
    assert mcnemar_exact(right, wrong)["p_value"] == pytest.approx(186 / 256)
    assert mcnemar_exact(right, right) == {"n_only_first": 0, "n_only_second": 0, "p_value": 1.0}


def test_unpaired_hits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"pairs must be equal in number; got \(3,\) and \(2,\)"):
        mcnemar_exact(np.zeros(3, np.bool_), np.zeros(2, np.bool_))
