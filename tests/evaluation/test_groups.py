"""Groups of slices."""

import numpy as np

from hqcm.evaluation.bootstrap import (
    divide,
    measure_means,
    number_groups,
    size_of,
    sum_groups,
)


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
