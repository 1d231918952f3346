"""The rules: their truth tables, and what must hold whatever the numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.ledger.rules import (
    Measured,
    Unit,
    Verdict,
    _region,
    _rule_on_count,
    _rule_on_distance,
    _rule_on_side,
    rule_on,
    rule_on_bound,
)
from hqcm.paper.entries import Printed, Tolerance, _Rule

WIDTHS = ("0", "0.01", "0.03", "0.10", "0.5")
NUMBERS = st.floats(-1, 2, allow_nan=False)


def printed(digits: str) -> Printed:
    return Printed(id="a", says="a", quantity="metrics/accuracy", printed=digits, tolerance="t")


def allow(size: str, rule: _Rule = "within") -> Tolerance:
    return Tolerance(rule=rule, size=size, reason="for this test")


def measured(low: float, high: float) -> Measured:
    return Measured(value=(low + high) / 2, low=low, high=high, n=1137, unit="slices")


def alone(value: float, n: int = 1, unit: Unit = "runs") -> Measured:
    return Measured(value=value, low=None, high=None, n=n, unit=unit)


def of_pairs(p_value: float) -> Measured:
    return alone(p_value, 857, "pairs")


@pytest.mark.parametrize(
    ("low", "high", "verdict", "reason"),
    [
        (0.93, 0.97, "reproduced", "the interval lies inside 0.925 to 0.995"),
        (0.925, 0.995, "reproduced", "the interval lies inside 0.925 to 0.995"),
        (0.80, 0.9249, "not reproduced", "the interval lies outside 0.925 to 0.995"),
        (0.9951, 1.0, "not reproduced", "the interval lies outside 0.925 to 0.995"),
        (0.92, 0.97, "inconclusive", "the interval straddles an end of 0.925 to 0.995"),
        (0.97, 1.0, "inconclusive", "the interval straddles an end of 0.925 to 0.995"),
        (0.5, 1.0, "inconclusive", "the interval straddles an end of 0.925 to 0.995"),
        (0.5, 0.925, "inconclusive", "the interval straddles an end of 0.925 to 0.995"),
    ],
)
def test_an_interval_against_a_region(
    low: float, high: float, verdict: Verdict, reason: str
) -> None:
    ruling = _rule_on_distance(printed("0.96"), allow("0.03"), measured(low, high))
    assert ruling == (verdict, reason)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.25, 1.75, "reproduced"),
        (0.0, 0.25, "inconclusive"),
        (1.75, 2.0, "inconclusive"),
        (0.0, 0.2499, "not reproduced"),
        (1.7501, 2.0, "not reproduced"),
    ],
)
def test_the_ends_of_a_region_belong_to_it(low: float, high: float, verdict: Verdict) -> None:
    # 1, half a unit and 0.25 are exact in binary, so that the ends are met and not missed.
    assert _rule_on_distance(printed("1"), allow("0.25"), measured(low, high))[0] == verdict


@pytest.mark.parametrize(
    ("value", "n", "verdict", "reason"),
    [
        (1.45, 1, "reproduced", "1 run, no interval: inside 1.245 to 1.755"),
        (1.76, 2, "not reproduced", "2 runs, no interval: outside 1.245 to 1.755"),
    ],
)
def test_a_number_without_an_interval(value: float, n: int, verdict: Verdict, reason: str) -> None:
    ruling = _rule_on_distance(printed("1.50"), allow("0.25"), alone(value, n))
    assert ruling == (verdict, reason)


@pytest.mark.parametrize(
    ("there", "here", "effect", "verdict", "reason"),
    [
        ("0.0350", 0.0499, 0.1, "reproduced", "857 pairs: below 0.05, as the paper's"),
        ("0.1064", 0.9, -0.1, "reproduced", "857 pairs: not below 0.05, as the paper's"),
        ("0.0350", 0.05, 0.1, "not reproduced", "857 pairs: not below 0.05, unlike the paper's"),
        ("0.1064", 0.01, 0.1, "not reproduced", "857 pairs: below 0.05, unlike the paper's"),
        (
            *("0.0350", 0.01, -0.1, "not reproduced"),
            "857 pairs: below 0.05, but the classical network is ahead",
        ),
        (
            *("0.0350", 0.01, None, "not reproduced"),
            "857 pairs: below 0.05, but the classical network is ahead",
        ),
    ],
)
def test_a_p_value_and_whom_it_favours(
    there: str, here: float, effect: float | None, verdict: Verdict, reason: str
) -> None:
    tolerance = allow("0.05", "same side")
    assert _rule_on_side(printed(there), tolerance, of_pairs(here), effect) == (verdict, reason)


@pytest.mark.parametrize(
    ("here", "verdict", "reason"),
    [
        (1426, "reproduced", "as many"),
        (13, "not tested on this cohort", "1,413 of 1,426 are not here"),
        (1427, "not reproduced", "1 more than the paper's"),
    ],
)
def test_a_number_of_slices(here: int, verdict: Verdict, reason: str) -> None:
    found = alone(here, here, "slices")
    assert _rule_on_count(printed("1426"), found) == (verdict, reason)


@pytest.mark.parametrize(
    ("bounds", "above", "verdict", "reason"),
    [
        ((0.011, 0.2), True, "reproduced", "the interval lies above 0.01"),
        ((-0.1, 0.01), True, "not reproduced", "the interval does not reach above 0.01"),
        ((0.01, 0.2), True, "inconclusive", "the interval reaches below 0.01 as well as above"),
        ((-0.1, 0.009), False, "reproduced", "the interval lies below 0.01"),
        ((0.01, 0.2), False, "not reproduced", "the interval does not reach below 0.01"),
        ((-0.1, 0.01), False, "inconclusive", "the interval reaches above 0.01 as well as below"),
        (None, True, "inconclusive", "2 runs, no interval"),
        (None, False, "inconclusive", "2 runs, no interval"),
    ],
)
def test_an_interval_against_a_bound(
    bounds: tuple[float, float] | None, *, above: bool, verdict: Verdict, reason: str
) -> None:
    found = measured(*bounds) if bounds else alone(0.005, 2)
    assert rule_on_bound(found, 0.01, above=above) == (verdict, reason)


@pytest.mark.parametrize(
    ("bound", "said"),
    [(0, "above 0"), (0.9, "above 0.9"), (0.004, "above 0.004"), (10, "above 10")],
)
def test_a_bound_is_said_in_its_own_digits(bound: float, said: str) -> None:
    assert rule_on_bound(measured(99, 100), bound, above=True).reason.endswith(said)


@pytest.mark.parametrize(
    ("rule", "here", "verdict"),
    [
        ("within", of_pairs(0.04), "not reproduced"),
        ("same side", of_pairs(0.04), "reproduced"),
        ("count", alone(0, 0, "slices"), "reproduced"),
    ],
)
def test_the_tolerance_names_the_rule(rule: _Rule, here: Measured, verdict: Verdict) -> None:
    claim = printed("0" if rule == "count" else "0.0017")
    assert (
        rule_on(claim, allow("0.05" if rule == "same side" else "0", rule), here, 0.5)[0] == verdict
    )


def test_the_region_is_exact() -> None:
    assert _region(printed("0.9648"), allow("0.03")) == (Fraction("0.93475"), Fraction("0.99485"))
    assert _region(printed("7576"), allow("0")) == (Fraction("7575.5"), Fraction("7576.5"))


@given(low=NUMBERS, width=st.floats(0, 1), sizes=st.tuples(*[st.sampled_from(WIDTHS)] * 2))
def test_a_wider_tolerance_takes_nothing_back(
    low: float, width: float, sizes: tuple[str, str]
) -> None:
    small, large = sorted(sizes, key=float)
    found = measured(low, low + width)
    narrow, wide = (
        _rule_on_distance(printed("0.50"), allow(size), found)[0] for size in (small, large)
    )
    if narrow == "reproduced":
        assert wide == "reproduced"
    if wide == "not reproduced":
        assert narrow == "not reproduced"


@given(low=NUMBERS, width=st.floats(0, 1), inner=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_narrower_interval_only_decides(
    low: float, width: float, inner: tuple[float, float]
) -> None:
    first, last = sorted(inner)
    outer = measured(low, low + width)
    within = measured(low + first * width, min(low + last * width, low + width))
    before, after = (
        _rule_on_distance(printed("0.50"), allow("0.10"), found)[0] for found in (outer, within)
    )
    assert before in {after, "inconclusive"}


@given(value=NUMBERS, size=st.sampled_from(WIDTHS))
def test_an_interval_of_no_width_is_a_number(value: float, size: str) -> None:
    point = _rule_on_distance(printed("0.50"), allow(size), alone(value))[0]
    assert _rule_on_distance(printed("0.50"), allow(size), measured(value, value))[0] == point
    assert point != "inconclusive"


@given(low=NUMBERS, width=st.floats(0, 1), bound=NUMBERS)
def test_above_and_below_are_mirror_images(low: float, width: float, bound: float) -> None:
    found, mirrored = measured(low, low + width), measured(-low - width, -low)
    above = rule_on_bound(found, bound, above=True)[0]
    assert rule_on_bound(mirrored, -bound, above=False)[0] == above
    if above == "reproduced":
        assert rule_on_bound(found, bound, above=False)[0] == "not reproduced"
