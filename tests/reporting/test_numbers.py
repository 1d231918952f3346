"""Numbers as people read them."""

from functools import partial

import pytest

from hqcm.paper.entries import Printed
from hqcm.reporting.numbers import (
    bounds,
    count,
    estimate,
    fraction,
    p_value,
    percent,
    points,
    printed,
    signed,
    tell,
)
from hqcm.results.intervals import Interval

DASH = "\N{EN DASH}"
FOUND = Interval(value=0.9648, low=0.9524, high=0.9741)
ALONE = Interval(value=0.5, low=None, high=None)


def claim(digits: str) -> Printed:
    return Printed(
        id="a", says="a", quantity="metrics/accuracy", printed=digits, tolerance="accuracy"
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (fraction(0.125), "0.12"),
        (fraction(0.43219, 4), "0.4322"),
        (fraction(None), DASH),
        (percent(0.9648), "96.5 %"),
        (percent(None), DASH),
        (bounds(FOUND), "95.2 to 97.4 %"),
        (bounds(FOUND, points), "+95.2 to +97.4 points"),
        (bounds(FOUND, fraction), "0.95 to 0.97"),
        (bounds(ALONE), DASH),
        (bounds(None), DASH),
        (estimate(FOUND, percent), "96.5 % (95.2 to 97.4 %)"),
        (estimate(FOUND, partial(fraction, digits=3)), "0.965 (0.952 to 0.974)"),
        (estimate(FOUND, signed), "+0.965 (+0.952 to +0.974)"),
        (estimate(ALONE, fraction), f"0.50 ({DASH})"),
        (estimate(None, fraction), DASH),
        (tell(FOUND, percent), "96.5 % (95 % interval 95.2 to 97.4 %)"),
        (tell(FOUND, partial(count, digits=3), ""), "0.965 (0.952 to 0.974)"),
        (tell(ALONE, partial(count, digits=1)), "0.5"),
        (count(914737.5, 1), "914,737.5"),
        (points(0.0976), "+9.8 points"),
        (points(-0.02), "-2.0 points"),
        (count(7576), "7,576"),
        (p_value(0.035), "0.0350"),
        (p_value(0.00003), "< 0.0001"),
        (p_value(0.0001), "0.0001"),
        (p_value(None), DASH),
        (printed(claim("0.90")), "0.90"),
        (printed(None), DASH),
    ],
)
def test_a_number_is_shown_as(shown: str, expected: str) -> None:
    assert shown == expected
