"""Numbers as people read them."""

import pytest

from hqcm.paper.entries import Printed
from hqcm.reporting import numbers as formats
from hqcm.reporting.numbers import printed

DASH = "\N{EN DASH}"


def claim(digits: str) -> Printed:
    return Printed(
        id="a", says="a", quantity="metrics/accuracy", printed=digits, tolerance="accuracy"
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (formats.fraction(0.125), "0.12"),
        (formats.fraction(0.43219, 4), "0.4322"),
        (formats.fraction(None), DASH),
        (formats.percent(0.9648), "96.5 %"),
        (formats.percent(None), DASH),
        (formats.interval((0.9524, 0.9741)), "95.2 to 97.4 %"),
        (formats.points(0.0976), "+9.8 points"),
        (formats.points(-0.02), "-2.0 points"),
        (formats.count(7576), "7,576"),
        (formats.p_value(0.035), "0.0350"),
        (formats.p_value(0.00003), "< 0.0001"),
        (formats.p_value(0.0001), "0.0001"),
        (formats.p_value(None), DASH),
        (printed(claim("0.90")), "0.90"),
        (printed(None), DASH),
    ],
)
def test_a_number_is_shown_as(shown: str, expected: str) -> None:
    assert shown == expected
