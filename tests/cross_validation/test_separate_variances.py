"""The interval knows what varies: patients, seeds, training sets, each alone and together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hqcm.cross_validation.separate_variances import Differences, Spread, measure_spread

N_FOLDS, N_FAMILIES, MEMBERS = 5, 40, 3
FAMILY = np.repeat(np.arange(N_FAMILIES), MEMBERS)
FOLD = (FAMILY % N_FOLDS)[None]


def add_up(*effects: NDArray[np.float64], n_seeds: int = 2) -> Differences:
    """Effects that add up, each of a shape that `(1, n_seeds, n_slices)` can be made of."""
    shape = (1, n_seeds, len(FAMILY))
    return Differences(
        np.sum([np.broadcast_to(each, shape) for each in effects], axis=0), FOLD, FAMILY
    )


def of_cells(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """An effect of each fold (row) and seed, ``(n_folds, n_seeds)``, on the slices it tests."""
    return values[FOLD[0]].T[None]


def draw(*shape: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(shape)


def test_the_value_is_the_mean_over_all() -> None:
    values = draw(1, 2, len(FAMILY))
    assert measure_spread(add_up(values)).value == pytest.approx(values.mean())


def test_patients_alone_give_the_variance_of_a_mean_over_families() -> None:
    effect = draw(N_FAMILIES)
    found = measure_spread(add_up(effect[FAMILY]))
    assert found.patients == pytest.approx(effect.var(ddof=1) / N_FAMILIES)
    assert found.seeds == 0


def test_seeds_alone_give_the_variance_of_a_mean_over_runs() -> None:
    values = draw(N_FOLDS, 4)
    found = measure_spread(add_up(of_cells(values), n_seeds=4))
    assert found.seeds == pytest.approx(values.var(axis=1, ddof=1).mean() / (4 * N_FOLDS))


def test_training_sets_count_for_what_folds_share_of_them() -> None:
    values = draw(N_FOLDS)[:, None].repeat(2, axis=1)
    found = measure_spread(add_up(of_cells(values)))
    assert found.training_sets == pytest.approx(16 / 5 * values[:, 0].var(ddof=1))


def test_of_the_variance_between_folds_a_tenth_is_always_theirs() -> None:
    found = measure_spread(add_up(draw(N_FAMILIES)[FAMILY]))
    means = np.array([draw(N_FAMILIES)[fold::N_FOLDS].mean() for fold in range(N_FOLDS)])
    assert found.training_sets == pytest.approx(16 / 5 * 0.1 * means.var(ddof=1))


def test_the_corrected_t_is_nadeau_and_bengios() -> None:
    values = draw(N_FOLDS, 2)
    found = measure_spread(add_up(of_cells(values)))
    expected = (1 / 5 + 1 / 4) * values.mean(axis=1).var(ddof=1)
    assert found.corrected == pytest.approx(np.sqrt(expected))
    assert found.corrected_half_width(0.95) == pytest.approx(2.7764 * np.sqrt(expected), rel=1e-4)


@given(st.integers(0, 20), st.floats(-5, 5), st.floats(0.1, 10))
@settings(max_examples=30)
def test_shift_and_scale_go_through(seed: int, shift: float, scale: float) -> None:
    one = draw(N_FAMILIES, seed=seed)[FAMILY] + of_cells(draw(N_FOLDS, 2, seed=seed + 1))
    plain, other = measure_spread(add_up(one)), measure_spread(add_up(scale * one + shift))
    assert other.value == pytest.approx(scale * plain.value + shift, abs=1e-9)
    assert other.half_width(0.95) == pytest.approx(scale * plain.half_width(0.95))


def test_no_number_of_seeds_gets_below_the_floor() -> None:
    found = measure_spread(add_up(draw(N_FAMILIES)[FAMILY], of_cells(draw(N_FOLDS, 2))))
    assert 0 < found.floor(0.95) < found.half_width(0.95)
    assert found._replace(seeds=0.0).half_width(0.95) == found.floor(0.95)


def test_the_tail_is_students() -> None:
    found = Spread(1.0, 0.25, 0.0, 0.0, 4.0, 1.0, 5)
    assert found.tail(0) == pytest.approx(0.05806, rel=1e-3)  # t = 2 with 4 degrees of freedom
    assert found.tail(1) == pytest.approx(0.5)
    assert found._replace(patients=0.0).tail(0) == 0
    assert found._replace(patients=0.0).tail(1) == 1


def test_a_fold_without_slices_is_an_error() -> None:
    values = np.zeros((1, 1, 4))
    with pytest.raises(ValueError, match="two folds or more"):
        measure_spread(Differences(values, np.zeros((1, 4), np.int64), np.arange(4)))
    with pytest.raises(ValueError, match="none empty"):
        measure_spread(Differences(values, np.array([[0, 0, 2, 2]]), np.arange(4)))


def test_slices_of_one_patient_are_not_many() -> None:
    """Three slices of each family with one fate count as one."""
    together = measure_spread(add_up(draw(N_FAMILIES)[FAMILY])).patients
    apart = measure_spread(
        Differences(draw(N_FAMILIES)[FAMILY] + np.zeros((1, 2, 1)), FOLD, np.arange(len(FAMILY)))
    ).patients
    assert together == pytest.approx(apart * 3 * (N_FAMILIES * 3 - 1) / (N_FAMILIES * 3 - 3))
