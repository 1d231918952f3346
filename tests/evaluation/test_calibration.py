"""Calibration against loops over slices and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import brier_score_loss

from hqcm.evaluation.calibration import (
    N_BINS,
    spread_over_bins,
    squared_errors,
    tabulate_reliability,
)
from reference import brier_score, calibration_error, reliability_rows
from toy_study import make_predictions


def calibration_error_of(
    probabilities: np.ndarray, y_true: np.ndarray, n_bins: int = N_BINS
) -> float:
    """As the scores take it from the columns."""
    columns = spread_over_bins(probabilities, y_true, n_bins)
    assert columns.shape == (len(y_true), n_bins)
    return float(np.abs(columns.sum(axis=0)).sum() / len(y_true))


@given(
    hnp.arrays(np.float64, (12, 4), elements=st.floats(0.01, 1)),
    hnp.arrays(np.int64, 12, elements=st.integers(0, 3)),
)
def test_equals_the_loop(raw: np.ndarray, y_true: np.ndarray) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    expected = calibration_error(probabilities.tolist(), y_true.tolist(), 15)
    found = calibration_error_of(probabilities, y_true)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0 <= found <= 1


def test_certain_and_right_is_zero_certain_and_wrong_is_one() -> None:
    certain = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    assert calibration_error_of(certain, np.array([0, 1])) == 0
    assert calibration_error_of(certain, np.array([1, 0])) == 1


def test_surplus_and_lack_in_different_bins_do_not_cancel() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0]])
    assert calibration_error_of(probabilities, np.array([0, 1])) == pytest.approx(0.35)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    probabilities = np.array([[0.5, 0.5, 0, 0], [0.6, 0.4, 0, 0]])
    found = calibration_error_of(probabilities, np.array([0, 1]), n_bins=2)
    assert found == pytest.approx((0.5 + 0.6) / 2)


@given(
    hnp.arrays(np.float64, (7, 4), elements=st.floats(0.01, 1)),
    hnp.arrays(np.int64, 7, elements=st.integers(0, 3)),
)
def test_the_brier_score_is_briers(raw: np.ndarray, y_true: np.ndarray) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    found = squared_errors(probabilities, y_true)
    assert found.mean() == pytest.approx(brier_score(probabilities.tolist(), y_true.tolist()))
    assert (found >= 0).all()
    assert (found <= 2).all()


def test_two_classes_have_twice_scikit_learns_brier_score() -> None:
    p = np.linspace(0.05, 0.95, 10)
    y_true = np.arange(10) % 2
    found = squared_errors(np.stack([1 - p, p], axis=1), y_true).mean()
    assert found == pytest.approx(2 * brier_score_loss(y_true, p))


@given(
    hnp.arrays(np.float64, (12, 4), elements=st.floats(0.01, 1)),
    hnp.arrays(np.int64, 12, elements=st.integers(0, 3)),
)
def test_the_rows_of_the_diagram_are_means_of_their_bins(
    raw: np.ndarray, y_true: np.ndarray
) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    rows = reliability_rows(probabilities.tolist(), y_true.tolist(), 15)
    found = tabulate_reliability(probabilities, y_true).to_numpy()
    np.testing.assert_allclose(found, np.array(rows), atol=1e-6)


def test_the_diagram_has_a_row_a_bin_and_its_error_is_the_calibration_error() -> None:
    run = make_predictions(0, skill=0.5)
    probabilities = run.probabilities
    table = tabulate_reliability(probabilities, run.y_true)
    assert list(table.columns) == ["bin", "confidence", "accuracy", "n"]
    assert table["n"].sum() == 40
    assert (abs(table["confidence"] - table["bin"]) <= 1 / 30 + 1e-6).all()
    error = (table["n"] * abs(table["accuracy"] - table["confidence"])).sum() / 40
    assert error == pytest.approx(calibration_error_of(probabilities, run.y_true), abs=1e-6)
