"""What becomes of draws, also where they are all the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.evaluation.statistics import Size, estimate, estimate_difference, rounded, wilson_interval
from hqcm.results.intervals import Estimate
from reference import difference_bounds, quantile_of, score_interval

SIZE = Size(40, 12)
RAMP = np.linspace(0, 1, 101)


def test_the_interval_leaves_two_and_a_half_per_cent_on_either_side() -> None:
    assert estimate(0.5, RAMP, SIZE) == Estimate(
        value=0.5, low=0.025, high=0.975, n=40, n_groups=12
    )


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=60), st.integers(0, 4))
def test_bounds_are_quantiles_of_the_sorted_draws(draws: list[float], n_undefined: int) -> None:
    with_holes = np.array([*draws, *[np.nan] * min(n_undefined, len(draws) // 10)])
    found = estimate(0.5, with_holes, SIZE)
    assert found is not None
    expected = [quantile_of(draws, share) for share in (0.025, 0.975)]
    assert found.bounds == pytest.approx(expected, abs=1e-6)


COUNTS = st.integers(2, 90).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_where_no_draw_tells_two_shares_apart_newcombe_speaks(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    pair = []
    for k, n in (first, second):
        low, high = score_interval(k, n)
        pair.append(Estimate(value=k / n, low=low, high=high, n=n, n_groups=n))
    value = pair[0].value - pair[1].value
    found = estimate_difference(value, np.full(9, value), SIZE, (pair[0], pair[1]))
    assert found is not None
    assert found.bounds == pytest.approx(difference_bounds(first, second), abs=2e-6)


def test_undefined_draws_are_left_out_up_to_a_tenth() -> None:
    few, many = (np.where(share > RAMP, np.nan, RAMP) for share in (0.09, 0.11))
    found = estimate(0.5, few, SIZE)
    assert found is not None
    assert found.low == pytest.approx(0.09 + 0.025 * 0.91)
    assert estimate(0.5, many, SIZE) is None


def test_nothing_is_said_of_one_group_or_of_an_undefined_value() -> None:
    assert estimate(0.5, RAMP, Size(40, 1)) is None
    assert estimate(float("nan"), RAMP, SIZE) is None
    assert estimate_difference(float("nan"), RAMP, SIZE, (None, None)) is None


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_at_an_end_of_the_scale_wilson_counts_the_groups(end: float) -> None:
    found = estimate(end, np.full(9, end), SIZE)
    assert found is not None
    assert found.bounds == pytest.approx(wilson_interval(end, 12), abs=1e-6)
    assert found.high - found.low > 0.2


def test_the_same_draw_within_the_scale_stays_without_width() -> None:
    found = estimate(0.5, np.full(9, 0.5), SIZE)
    assert found is not None
    assert found.bounds == (0.5, 0.5)


def test_a_difference_that_no_draw_shows_is_as_wide_as_both_together() -> None:
    one = estimate(1.0, np.ones(9), SIZE)
    other = estimate(1.0, np.ones(9), Size(40, 20))
    found = estimate_difference(0.0, np.zeros(9), SIZE, (one, other))
    assert one is not None
    assert other is not None
    assert found is not None
    assert found.bounds == pytest.approx((one.low - 1, 1 - other.low), abs=1e-6)


def test_bounds_of_two_independent_fractions_as_newcombe_prints_them() -> None:
    # Newcombe 1998, table II, method 10: 56/70 - 48/80 is 0.2, from 0.0524 to 0.3339
    pair = [
        Estimate(value=k / n, low=low, high=high, n=n, n_groups=n)
        for k, n in ((56, 70), (48, 80))
        for low, high in [wilson_interval(k / n, n)]
    ]
    found = estimate_difference(0.2, np.full(9, 0.2), SIZE, (pair[0], pair[1]))
    assert found is not None
    assert found.bounds == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_difference_at_zero_is_no_fraction_at_the_end_of_its_scale() -> None:
    found = estimate_difference(0.0, np.zeros(9), SIZE, (None, None))
    assert found is not None
    assert found.bounds == (0, 0)


def test_zero_has_no_sign_and_six_digits_are_kept() -> None:
    assert str(rounded(-1e-9)) == "0.0"
    assert rounded(2 / 3) == 0.666667
