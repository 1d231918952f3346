"""Expected calibration error against a loop over slices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hqcm.evaluation.calibration import expected_calibration_error
from reference import calibration_error


@given(
    hnp.arrays(np.float64, (12, 4), elements=st.floats(0.01, 1)),
    hnp.arrays(np.int64, 12, elements=st.integers(0, 3)),
)
def test_equals_the_loop(raw: np.ndarray, y_true: np.ndarray) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    expected = calibration_error(probabilities.tolist(), y_true.tolist(), 15)
    found = expected_calibration_error(probabilities, y_true)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0 <= found <= 1


def test_certain_and_right_is_zero_certain_and_wrong_is_one() -> None:
    certain = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    assert expected_calibration_error(certain, np.array([0, 1])) == 0
    assert expected_calibration_error(certain, np.array([1, 0])) == 1


def test_surplus_and_lack_in_different_bins_do_not_cancel() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0]])
    assert expected_calibration_error(probabilities, np.array([0, 1])) == pytest.approx(0.35)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    probabilities = np.array([[0.5, 0.5, 0, 0], [0.6, 0.4, 0, 0]])
    found = expected_calibration_error(probabilities, np.array([0, 1]), n_bins=2)
    assert found == pytest.approx((0.5 + 0.6) / 2)
