"""Means over runs."""

from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hqcm.ledger.learning_curves import Measured, from_estimate, over_runs
from reference import student_quantile
from toy_evidence import estimate


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0], [0.5, 0.7, 0.6, 0.9, 0.4]])
def test_student_s_interval_of_three_runs_or_more(values: list[float]) -> None:
    found = over_runs(values)
    expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert found.bounds == pytest.approx(expected)
    assert found.value == pytest.approx(np.mean(values))
    assert (found.n, found.unit) == (len(values), "runs")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=8))
def test_the_interval_follows_from_the_deviation_of_the_runs(values: list[float]) -> None:
    reach = student_quantile(len(values) - 1) * stdev(values) / len(values) ** 0.5
    bounds = over_runs(values).bounds
    assert bounds is not None
    assert bounds == pytest.approx((mean(values) - reach, mean(values) + reach), abs=1e-6)


@pytest.mark.parametrize("values", [[1.5], [1.5, 2.5]])
def test_fewer_runs_have_no_interval(values: list[float]) -> None:
    assert over_runs(values) == Measured(sum(values) / len(values), None, len(values), "runs")


def test_equal_runs_have_an_interval_of_no_width() -> None:
    assert over_runs([-2.0] * 3).bounds == (-2.0, -2.0)


def test_no_run_has_no_mean() -> None:
    with pytest.raises(ValueError, match="must have one run at least; got none"):
        over_runs([])


def test_an_estimate_rests_on_its_slices() -> None:
    assert from_estimate(estimate(0.5, 0.1)) == (0.5, (0.4, 0.6), 1137, "slices")


@pytest.mark.parametrize(
    ("found", "digits", "text"),
    [
        (Measured(0.96825, (0.92, 1), 63, "slices"), 3, "0.968 (0.920 to 1.000)"),
        (Measured(914737.5, None, 40, "pairs"), 1, "914,737.5"),
        (Measured(7576, None, 7576, "slices"), 0, "7,576"),
    ],
)
def test_a_number_is_shown_with_its_interval(found: Measured, digits: int, text: str) -> None:
    assert found.show(digits) == text
