"""Differences, their intervals and p values, against other derivations."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from hqcm.comparison.effects import (
    Sampled,
    Variance,
    adjust_holm,
    assess,
    decompose,
    pool,
    quantile,
    tail_probability,
)
from hqcm.evaluation.bootstrap import UncertaintyParams, draw_groups, sum_groups
from reference import (
    holm,
    satterthwaite,
    sign_flip_probability,
    student_quantile,
    student_tail,
    two_level_errors,
)

DRAWS = UncertaintyParams(n_resamples=4000, seed=0)
N_SEEDS, N_GROUPS, N_SLICES = 4, 12, 60
Array = NDArray[np.float64]
numbers = st.floats(-1, 1, width=32)


def sample(values: Array, groups: NDArray[np.int64]) -> Sampled:
    """A mean over slices, ``values (n_seeds, n_slices)``, as the stage samples it."""
    sums = sum_groups(np.column_stack([values.T, np.ones(len(groups))]), groups)

    def means(weights: Array) -> Array:
        totals = weights @ sums
        return totals[:, :-1].T / totals[:, -1]

    n_groups = len(sums)
    return Sampled(
        means(np.ones((1, n_groups)))[:, 0], draw_groups(means, n_groups, DRAWS), n_groups
    )


def alone(runs: Sequence[float]) -> Sampled:
    """Runs tested on a single group, so that only seeds vary."""
    values = np.array(runs, np.float64)
    return Sampled(values, np.repeat(values[:, None], 3, axis=1), 1)


@pytest.fixture(scope="module")
def values() -> Array:
    """Hits of some runs: a ramp over seeds, another over groups, and a pattern of slices."""
    seed = np.linspace(-0.06, 0.06, N_SEEDS)[:, None]
    group = np.repeat(np.cos(np.arange(N_GROUPS)) / 4, N_SLICES // N_GROUPS)
    return 0.1 + seed + group + 0.05 * np.sin(7.0 * np.arange(N_SLICES))


GROUPS = np.repeat(np.arange(N_GROUPS), N_SLICES // N_GROUPS)


def test_the_variances_are_those_of_drawing_seeds_and_groups_anew(values: Array) -> None:
    seeds, groups = decompose(sample(values, GROUPS))
    by_seed, by_group = two_level_errors(values, GROUPS.tolist(), 4000)
    # Two bootstraps of 4,000 draws each differ by about 1.6 %.
    assert np.sqrt(seeds.value) == pytest.approx(by_seed, rel=0.05)
    assert np.sqrt(groups.value) == pytest.approx(by_group, rel=0.05)
    assert (seeds.n_free, groups.n_free) == (N_SEEDS - 1, N_GROUPS - 1)


def test_errors_add_in_squares_with_satterthwaites_degrees_of_freedom(values: Array) -> None:
    seeds, groups = decompose(sample(values, GROUPS))
    error, n_free = pool([seeds, groups])
    assert error**2 == pytest.approx(seeds.value + groups.value)
    expected = satterthwaite([seeds.value, groups.value], [N_SEEDS - 1, N_GROUPS - 1])
    assert n_free == pytest.approx(expected)


@given(
    st.lists(st.builds(Variance, st.floats(1e-6, 1), st.integers(1, 200)), min_size=1, max_size=4)
)
def test_pooled_variances_have_the_moments_of_their_sum(variances: list[Variance]) -> None:
    error, n_free = pool(variances)
    values, free = zip(*variances, strict=True)
    assert error**2 == pytest.approx(sum(values))
    assert n_free == pytest.approx(satterthwaite(values, free))


@settings(deadline=None)
@given(st.floats(-20, 20), st.floats(1, 300))
def test_students_t_is_the_integral_of_its_density(t: float, n_free: float) -> None:
    assert tail_probability(t, n_free) == pytest.approx(student_tail(t, n_free), abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(st.floats(1, 300))
def test_the_quantile_leaves_a_twentieth_outside(n_free: float) -> None:
    assert quantile(n_free) == pytest.approx(student_quantile(n_free), rel=1e-6)
    assert student_tail(quantile(n_free), n_free) == pytest.approx(0.05, abs=1e-7)


@given(st.lists(st.floats(-1, 1, width=16), min_size=3, max_size=6))
def test_with_one_group_it_is_students_test_of_the_seeds(runs: list[float]) -> None:
    found = assess(alone(runs))
    if np.ptp(runs) < 1e-6:
        return
    expected = stats.ttest_1samp(runs, 0)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_unpaired_parts_make_welchs_test() -> None:
    one, other = [0.9, 0.92, 0.95, 0.91], [0.8, 0.9, 0.85]
    found = assess(alone(one), alone(other).negated())
    expected = stats.ttest_ind(one, other, equal_var=False)
    assert found.value == pytest.approx(np.mean(one) - np.mean(other))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.low == pytest.approx(expected.confidence_interval(0.95).low)


def test_with_one_seed_p_is_near_that_of_flipping_the_groups_signs(values: Array) -> None:
    run = values[:1] + 0.06
    found = assess(sample(run, GROUPS))
    sums = sum_groups(run.T, GROUPS)[:, 0]
    expected = sign_flip_probability(sums.tolist())
    assert 0.05 < expected < 0.4  # else any small number would pass
    assert found.p_value == pytest.approx(expected, abs=0.04)


def test_runs_that_agree_everywhere_are_known_as_well_as_there_are_groups(values: Array) -> None:
    one = sample(values, GROUPS)
    reach = 1.959964**2 / (N_GROUPS + 1.959964**2)  # Wilson's upper bound of 0 of 12
    assert assess(one.minus(one)) == pytest.approx((0, -reach, reach, 1))
    ahead = sample(values + 0.5, GROUPS).minus(one)
    assert assess(ahead) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach, 2 / 2**N_GROUPS))
    assert assess(alone([0, 0, 0])).high == pytest.approx(1.959964**2 / (3 + 1.959964**2))


def test_one_run_on_one_group_has_no_interval() -> None:
    assert assess(alone([0.25])) == (0.25, None, None, None)


def test_draws_that_leave_a_quantity_undefined_are_left_out(values: Array) -> None:
    one = sample(values, GROUPS)
    holed = one.draws.copy()
    holed[:, ::50] = np.nan
    kept = np.delete(one.draws, np.s_[::50], axis=1)
    assert assess(one._replace(draws=holed)) == assess(one._replace(draws=kept))


@given(st.permutations(range(N_SEEDS)))
def test_swapping_turns_the_sign_and_the_order_of_seeds_does_not_matter(order: list[int]) -> None:
    seeds = np.linspace(0, 0.1, N_SEEDS)[:, None]
    first = sample(seeds + np.sin(np.arange(N_SLICES)), GROUPS)
    second = sample(seeds**2 + np.cos(np.arange(N_SLICES)), GROUPS)
    found, swapped = assess(first.minus(second)), assess(second.minus(first))
    assert found.low is not None
    assert found.high is not None
    assert swapped == pytest.approx((-found.value, -found.high, -found.low, found.p_value))
    shuffled = [Sampled(each.runs[order], each.draws[order], N_GROUPS) for each in (first, second)]
    assert assess(shuffled[0].minus(shuffled[1])) == pytest.approx(found)


def test_intervals_of_three_seeds_hold_what_they_promise() -> None:
    """Seeds and groups at random, no true difference: zero lies inside 95 times of 100."""
    generator = np.random.default_rng(0)
    n_inside, n_trials = 0, 600
    for _ in range(n_trials):
        seed, group = generator.normal(0, 0.1, (3, 1)), generator.normal(0, 0.1, 150)
        d = seed + group + generator.normal(0, 0.15, (3, 150))
        weights = generator.multinomial(150, np.full(150, 1 / 150), 100)
        found = assess(Sampled(d.mean(axis=1), d @ weights.T / 150, 150))
        assert found.low is not None
        assert found.high is not None
        n_inside += found.low <= 0 <= found.high
    assert 0.92 < n_inside / n_trials < 0.98  # a percentile bootstrap: 0.77 to 0.88


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_holm_rejects_step_by_step(p_values: list[float]) -> None:
    assert adjust_holm(p_values) == pytest.approx(holm(p_values))


def test_holm_leaves_out_what_is_no_test() -> None:
    assert adjust_holm([0.02, None, 0.01]) == [0.02, None, 0.02]
    assert adjust_holm([None]) == [None]
