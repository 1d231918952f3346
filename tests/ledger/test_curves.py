"""Learning curves against each other."""

import pytest

from hqcm.ledger.learning_curves import Curves, measure_convergence, measure_end, measure_lead
from hqcm.paper.claims import Convergence, Throughout
from toy_evidence import curve

TO_90 = Convergence(kind="convergence", column="validation_accuracy", share_of_best=0.9)
AHEAD = Throughout(kind="throughout", lower=["train_loss"], higher=["train_accuracy"], share=0.9)
QUICK = curve([0.5, 0.8, 0.9, 0.95], [1.0, 0.5, 0.4, 0.3])
SLOW = curve([0.4, 0.5, 0.7, 0.8, 0.79], [2.0, 1.5, 1.0, 0.5, 0.1])


def test_the_ends_of_a_curve() -> None:
    assert measure_end([QUICK], "first/train_loss") == (1.0, None, 1, "runs")
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
