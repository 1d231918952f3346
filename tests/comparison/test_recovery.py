"""The share of a gap, against Fieller's set searched point by point."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hqcm.comparison.effects import Sampled, assess, decompose, pool, quantile, recover
from reference import fieller_set

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
    t = quantile(pool(decompose(part.plus(GAP, -found.value)))[1])
    grid = np.linspace(-2, 3, 20001)
    inside = [
        f
        for f in grid
        if abs(part.value - f * GAP.value) <= t * pool(decompose(part.plus(GAP, -f)))[0]
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
    assert nothing == pytest.approx((0, 0, 0), abs=1e-7)
    assert everything == pytest.approx((1, 1, 1), abs=1e-7)


def test_the_unit_does_not_matter() -> None:
    part, scale = CONTROL.minus(LOWER), 0.01
    scaled = [Sampled(scale * x.runs, scale * x.draws, x.n_groups) for x in (part, GAP)]
    assert recover(*scaled) == pytest.approx(recover(part, GAP))


@pytest.mark.parametrize("gap", [UPPER.minus(sampled(0.9, 5)), GAP.negated()])
def test_a_gap_that_is_not_there_cannot_be_closed(gap: Sampled) -> None:
    low = assess(gap).low
    assert low is not None
    assert low <= 0
    assert recover(CONTROL.minus(LOWER), gap) is None


def test_a_gap_without_an_interval_cannot_be_closed() -> None:
    lone = Sampled(np.array([0.2]), np.full((1, 3), 0.2), 1)
    assert recover(lone, lone) is None
