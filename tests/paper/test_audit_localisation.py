"""The number of pairs behind Wilcoxon's statistic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hqcm.paper.audit_localisation import (
    _fewest_pairs,
    _largest_rank_sum,
    _pairs_with_p,
    _two_sided_p,
)
from printed_tables import digits
from reference import signed_rank_p, sum_of_ranks


@pytest.mark.parametrize("n", [0, 1, 2, 7, 1137])
def test_the_largest_rank_sum(n: int) -> None:
    assert _largest_rank_sum(n) == sum_of_ranks(n)


def test_the_bound_for_the_test_slices() -> None:
    assert _largest_rank_sum(1137) == 646953


@pytest.mark.parametrize("statistic", ["0", "1", "5.5", "6", "914737.5", "950092.0"])
@pytest.mark.parametrize("smaller", [True, False])
def test_the_fewest_pairs(statistic: str, smaller: bool) -> None:  # noqa: FBT001 - a parameter
    value = Fraction(statistic)
    n = _fewest_pairs(value, smaller_sum=smaller)
    parts = 2 if smaller else 1
    assert parts * value <= sum_of_ranks(n)
    assert n == 0 or parts * value > sum_of_ranks(n - 1)


def test_p_is_scipys() -> None:
    ramp = np.arange(1.0, 81.0)
    difference = np.where(ramp % 3 == 0, -ramp, ramp)
    test = stats.wilcoxon(difference, method="asymptotic")
    assert _two_sided_p(Fraction(test.statistic), 80) == pytest.approx(test.pvalue, rel=1e-12)


@given(st.lists(st.booleans(), min_size=51, max_size=120))
def test_p_is_the_normal_curves_over_rank_sums(is_above: list[bool]) -> None:
    differences = [rank if up else -rank for rank, up in enumerate(is_above, start=1)]
    statistic = sum(d for d in differences if d > 0)
    p = _two_sided_p(Fraction(statistic), len(differences))
    assert p == pytest.approx(signed_rank_p(differences), rel=1e-9)


@pytest.mark.parametrize("n", [60, 500, 1137])
def test_pairs_are_found_from_statistic_and_p(n: int) -> None:
    statistic = Fraction(sum_of_ranks(n) * 9 // 20)
    p = _two_sided_p(statistic, n)
    found = _pairs_with_p(statistic, digits("p", f"{p:.4f}"))
    assert n in found
    assert all(abs(_two_sided_p(statistic, other) - p) <= 0.0001 for other in found)


@pytest.mark.parametrize(
    ("statistic", "p", "n"),
    [("914737.5", "0.0017", 1995), ("921261.5", "0.0350", 1974), ("950092.0", "0.1064", 1991)],
)
def test_the_printed_statistics_with_their_p(statistic: str, p: str, n: int) -> None:
    assert _pairs_with_p(Fraction(statistic), digits("p", p)) == [n]


def test_a_p_of_nothing_tells_no_number_of_pairs() -> None:
    with pytest.raises(ValueError, match=r"p: p must be printed above 0; got 0\.0000"):
        _pairs_with_p(Fraction(10), digits("p", "0.0000"))
