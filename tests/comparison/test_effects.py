"""Differences, their intervals and p values, and shares of gaps, against other derivations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from hqcm.comparison.effects import (
    Sampled,
    Variance,
    _decompose,
    _quantile,
    _tail_probability,
    adjust_holm,
    assess,
    judge,
    pool,
    recover,
)
from hqcm.evaluation.bootstrap import UncertaintyParams, draw_groups, sum_groups
from hqcm.results.intervals import Interval
from reference import (
    fieller_set,
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


def parts_of(found: Interval) -> tuple[Any, ...]:
    """Value, bounds and, of an effect, the p value."""
    return tuple(found.model_dump().values())


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
    seeds, groups = _decompose(sample(values, GROUPS))
    by_seed, by_group = two_level_errors(values, GROUPS.tolist(), 4000)
    # Two bootstraps of 4,000 draws each differ by about 1.6 %.
    assert np.sqrt(seeds.value) == pytest.approx(by_seed, rel=0.05)
    assert np.sqrt(groups.value) == pytest.approx(by_group, rel=0.05)
    assert (seeds.n_free, groups.n_free) == (N_SEEDS - 1, N_GROUPS - 1)


def test_errors_add_in_squares_with_satterthwaites_degrees_of_freedom(values: Array) -> None:
    seeds, groups = _decompose(sample(values, GROUPS))
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
    assert _tail_probability(t, n_free) == pytest.approx(student_tail(t, n_free), abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(st.floats(1, 300))
def test_the_quantile_leaves_a_twentieth_outside(n_free: float) -> None:
    assert _quantile(n_free) == pytest.approx(student_quantile(n_free), rel=1e-6)
    assert student_tail(_quantile(n_free), n_free) == pytest.approx(0.05, abs=1e-7)


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
    assert parts_of(assess(one.minus(one))) == pytest.approx((0, -reach, reach, 1))
    ahead = sample(values + 0.5, GROUPS).minus(one)
    expected = (0.5, 0.5 - reach, 0.5 + reach, 2 / 2**N_GROUPS)
    assert parts_of(assess(ahead)) == pytest.approx(expected)
    assert assess(alone([0, 0, 0])).high == pytest.approx(1.959964**2 / (3 + 1.959964**2))


def test_one_run_on_one_group_has_no_interval() -> None:
    assert parts_of(assess(alone([0.25]))) == (0.25, None, None, None)


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
    turned = (-found.value, -found.high, -found.low, found.p_value)
    assert parts_of(swapped) == pytest.approx(turned)
    shuffled = [Sampled(each.runs[order], each.draws[order], N_GROUPS) for each in (first, second)]
    again = assess(shuffled[0].minus(shuffled[1]))
    assert parts_of(again) == pytest.approx(parts_of(found))


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


@pytest.mark.parametrize(
    ("difference", "p_holm", "verdict"),
    [
        ((0.03, 0.01, 0.05), 0.049, "first ahead"),
        ((-0.03, -0.05, -0.01), 0.049, "second ahead"),
        ((0.03, 0.01, 0.05), 0.06, "undecided"),
        ((0.0, -0.019, 0.019), 1.0, "no difference"),
        ((0.0, -0.021, 0.019), 1.0, "undecided"),
        ((0.01, -0.001, 0.021), 0.06, "undecided"),
        ((0.2, None, None), None, "undecided"),
    ],
)
def test_verdicts(difference: tuple[Any, ...], p_holm: float | None, verdict: str) -> None:
    effect = Interval(**dict(zip(("value", "low", "high"), difference, strict=True)))
    assert judge(effect, p_holm, 3, 0.02) == verdict
    assert judge(effect, p_holm, 1, 0.02) == "one run"


N_DRAWS = 500


def sampled(level: float, seed: int) -> Sampled:
    """Four runs around a level, each with its own draws of 40 groups."""
    generator = np.random.default_rng(seed)
    runs = level + generator.normal(0, 0.01, 4)
    return Sampled(runs, runs[:, None] + generator.normal(0, 0.01, (1, N_DRAWS)), 40)


UPPER, CONTROL, LOWER = sampled(0.9, 1), sampled(0.85, 2), sampled(0.7, 3)
GAP = UPPER.minus(LOWER)


def test_the_interval_holds_the_fractions_that_are_not_rejected() -> None:
    part = CONTROL.minus(LOWER)
    found = recover(part, GAP)
    assert found is not None
    assert found.value == pytest.approx(part.value / GAP.value)
    t = _quantile(pool(_decompose(part.plus(GAP, -found.value)))[1])
    grid = np.linspace(-2, 3, 20001)
    inside = [
        f
        for f in grid
        if abs(part.value - f * GAP.value) <= t * pool(_decompose(part.plus(GAP, -f)))[0]
    ]
    assert (found.low, found.high) == pytest.approx((min(inside), max(inside)), abs=5e-4)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.5, 1.0))
def test_the_interval_is_fiellers_for_any_networks(seed: int, level: float) -> None:
    upper, control, lower = (
        sampled(mean, 3 * seed + k) for k, mean in enumerate((0.9, level, 0.7))
    )
    part, gap = control.minus(lower), upper.minus(lower)
    found = recover(part, gap)
    assume(found is not None)
    assert found is not None
    expected = fieller_set((part.runs, part.draws), (gap.runs, gap.draws), 40)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-5)


def test_the_ends_of_the_gap_are_nought_and_one() -> None:
    nothing, everything = recover(LOWER.minus(LOWER), GAP), recover(GAP, GAP)
    assert nothing is not None
    assert everything is not None
    assert parts_of(nothing) == pytest.approx((0, 0, 0), abs=1e-7)
    assert parts_of(everything) == pytest.approx((1, 1, 1), abs=1e-7)


def test_the_unit_does_not_matter() -> None:
    part, scale = CONTROL.minus(LOWER), 0.01
    scaled = [Sampled(scale * x.runs, scale * x.draws, x.n_groups) for x in (part, GAP)]
    found, expected = recover(*scaled), recover(part, GAP)
    assert found is not None
    assert expected is not None
    assert parts_of(found) == pytest.approx(parts_of(expected))


@pytest.mark.parametrize("gap", [UPPER.minus(sampled(0.9, 5)), GAP.negated()])
def test_a_gap_that_is_not_there_cannot_be_closed(gap: Sampled) -> None:
    low = assess(gap).low
    assert low is not None
    assert low <= 0
    assert recover(CONTROL.minus(LOWER), gap) is None


def test_a_gap_without_an_interval_cannot_be_closed() -> None:
    lone = Sampled(np.array([0.2]), np.full((1, 3), 0.2), 1)
    assert recover(lone, lone) is None


def test_a_part_that_few_seeds_leave_vague_has_no_share_of_a_gap_that_groups_establish() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (1, N_DRAWS))
    gap = Sampled(np.array([0.3, 0.3]), np.repeat(0.3 + noise, 2, axis=0), 40)
    part = Sampled(np.array([-1.0, 1.3]), np.full((2, N_DRAWS), 0.15), 40)
    low = assess(gap).low
    assert low is not None
    assert low > 0
    assert recover(part, gap) is None
