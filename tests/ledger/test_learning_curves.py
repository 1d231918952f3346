"""Learning curves against each other, and means over runs."""

from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hqcm.ledger.learning_curves import (
    Curves,
    _over_runs,
    measure_convergence,
    measure_end,
    measure_lead,
)
from hqcm.ledger.rules import Measured
from hqcm.paper.claims import Convergence, Throughout
from reference import student_quantile
from toy_evidence import curve

TO_90 = Convergence(kind="convergence", column="validation_accuracy", share_of_best=0.9)
AHEAD = Throughout(kind="throughout", lower=["train_loss"], higher=["train_accuracy"], share=0.9)
QUICK = curve([0.5, 0.8, 0.9, 0.95], [1.0, 0.5, 0.4, 0.3])
SLOW = curve([0.4, 0.5, 0.7, 0.8, 0.79], [2.0, 1.5, 1.0, 0.5, 0.1])


def test_the_ends_of_a_curve() -> None:
    assert measure_end([QUICK], "first/train_loss") == Measured(
        value=1.0, low=None, high=None, n=1, unit="runs"
    )
    assert measure_end([QUICK, SLOW], "last/train_accuracy").value == pytest.approx(0.87)


@pytest.mark.parametrize("path", ["best/train_loss", "train_loss"])
def test_a_curve_has_two_ends(path: str) -> None:
    with pytest.raises(ValueError, match=rf"first or last epoch; got {path}"):
        measure_end([QUICK], path)


def test_a_column_that_no_curve_has_is_named() -> None:
    message = r"must hold f1; got epoch, train_loss, train_accuracy, validation_accuracy"
    with pytest.raises(ValueError, match=message):
        measure_end([QUICK], "first/f1")
    with pytest.raises(ValueError, match=message):
        measure_convergence(Curves([QUICK], [SLOW]), TO_90.model_copy(update={"column": "f1"}))
    with pytest.raises(ValueError, match=message):
        measure_lead(Curves([QUICK], [SLOW]), AHEAD.model_copy(update={"higher": ["f1"]}))


def test_the_goal_is_one_that_both_reach() -> None:
    # 0.9 x min(0.95, 0.80) = 0.72: reached in epoch 2 by the one, in epoch 4 by the other.
    assert measure_convergence(Curves([QUICK], [SLOW]), TO_90).value == 2 - 4
    assert measure_convergence(Curves([SLOW], [QUICK]), TO_90).value == 4 - 2


def test_seeds_are_paired() -> None:
    found = measure_convergence(Curves([QUICK, SLOW, QUICK], [SLOW, SLOW, QUICK]), TO_90)
    assert found.value == pytest.approx((-2 + 0 + 0) / 3)
    assert found.n == 3
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        measure_convergence(Curves([QUICK, SLOW], [SLOW]), TO_90)


def test_only_epochs_that_both_ran_are_compared() -> None:
    # In the four shared epochs the quick one has less loss and more accuracy.
    assert measure_lead(Curves([QUICK], [SLOW]), AHEAD).value == 1.0
    assert measure_lead(Curves([SLOW], [QUICK]), AHEAD).value == 0.0


def test_ahead_is_ahead_in_every_column() -> None:
    mixed = curve([0.6, 0.9, 0.8, 0.99], [0.9, 0.6, 0.4, 0.2])
    # Epoch 2 has more loss, epoch 3 the same loss and less accuracy.
    assert measure_lead(Curves([mixed], [QUICK]), AHEAD).value == 0.5


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0], [0.5, 0.7, 0.6, 0.9, 0.4]])
def test_student_s_interval_of_three_runs_or_more(values: list[float]) -> None:
    found = _over_runs(values)
    expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.value == pytest.approx(np.mean(values))
    assert (found.n, found.unit) == (len(values), "runs")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=8))
def test_the_interval_follows_from_the_deviation_of_the_runs(values: list[float]) -> None:
    reach = student_quantile(len(values) - 1) * stdev(values) / len(values) ** 0.5
    found = _over_runs(values)
    expected = (mean(values) - reach, mean(values) + reach)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("values", [[1.5], [1.5, 2.5]])
def test_fewer_runs_have_no_interval(values: list[float]) -> None:
    n = len(values)
    alone = Measured(value=sum(values) / n, low=None, high=None, n=n, unit="runs")
    assert _over_runs(values) == alone


def test_equal_runs_have_an_interval_of_no_width() -> None:
    found = _over_runs([-2.0] * 3)
    assert (found.low, found.high) == (-2.0, -2.0)


def test_no_run_has_no_mean() -> None:
    with pytest.raises(ValueError, match="must have one run at least; got none"):
        _over_runs([])
