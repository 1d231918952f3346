"""What can be said of a claim, and the rules that say it of a number found here."""

from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from hqcm.paper.entries import Printed, Tolerance
from hqcm.results.intervals import Interval

Verdict = Literal[
    "reproduced",
    "not reproduced",
    "inconclusive",
    "impossible as printed",
    "not tested on this cohort",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Unit = Literal["slices", "runs", "pairs"]


class Measured(Interval):
    """A value with its 95 % interval, and how many of what it rests on."""

    n: int
    unit: Unit

    @property
    def without_interval(self) -> str:
        """Why there is none."""
        unit = self.unit.removesuffix("s") if self.n == 1 else self.unit
        return f"{self.n:,} {unit}, no interval"


class Ruling(NamedTuple):
    """What a rule says, and why."""

    verdict: Verdict
    reason: str


def rule_on(
    claim: Printed, tolerance: Tolerance, found: Measured, effect: float | None = None
) -> Ruling:
    """Hold a number against the printed one.

    Args:
        claim: as printed.
        tolerance: the one that the claim names.
        found: the number here.
        effect: of a paired test, above 0 where the hybrid network is ahead.
    """
    if tolerance.rule == "count":
        return _rule_on_count(claim, found)
    if tolerance.rule == "same side":
        return _rule_on_side(claim, tolerance, found, effect)
    return _rule_on_distance(claim, tolerance, found)


def _rule_on_distance(claim: Printed, tolerance: Tolerance, found: Measured) -> Ruling:
    """Whether the interval lies within the values that print as given, widened by the tolerance."""
    low, high = _region(claim, tolerance)
    digits = claim.n_decimals + 1
    allowed = f"{float(low):,.{digits}f} to {float(high):,.{digits}f}"
    if found.low is None or found.high is None:
        if low <= found.value <= high:
            return Ruling("reproduced", f"{found.without_interval}: inside {allowed}")
        return Ruling("not reproduced", f"{found.without_interval}: outside {allowed}")
    if low <= found.low and found.high <= high:
        return Ruling("reproduced", f"the interval lies inside {allowed}")
    if found.high < low or high < found.low:
        return Ruling("not reproduced", f"the interval lies outside {allowed}")
    return Ruling("inconclusive", f"the interval straddles an end of {allowed}")


def _region(claim: Printed, tolerance: Tolerance) -> tuple[Fraction, Fraction]:
    low, high = claim.bounds
    return low - tolerance.exact, high + tolerance.exact


def _rule_on_side(
    claim: Printed, tolerance: Tolerance, found: Measured, effect: float | None
) -> Ruling:
    """Whether a p-value leads to the same conclusion: significant or not, and for whom."""
    significant = found.value < tolerance.exact
    side = f"{found.n:,} pairs: {'below' if significant else 'not below'} {tolerance.size}"
    if significant != (Fraction(claim.printed) < tolerance.exact):
        return Ruling("not reproduced", f"{side}, unlike the paper's")
    if significant and (effect is None or effect <= 0):
        return Ruling("not reproduced", f"{side}, but the classical network is ahead")
    return Ruling("reproduced", f"{side}, as the paper's")


def _rule_on_count(claim: Printed, found: Measured) -> Ruling:
    """Whether as many slices are here; fewer say that files are missing, not that they differ."""
    here, there = int(found.value), int(claim.value)
    if here < there:
        return Ruling("not tested on this cohort", f"{there - here:,} of {there:,} are not here")
    if here > there:
        return Ruling("not reproduced", f"{here - there:,} more than the paper's")
    return Ruling("reproduced", "as many")


def rule_on_bound(found: Measured, bound: float, *, above: bool) -> Ruling:
    """Whether an interval lies wholly on one side of a number; without one nothing is concluded."""
    if found.low is None or found.high is None:
        return Ruling("inconclusive", found.without_interval)
    wanted, other = ("above", "below") if above else ("below", "above")
    ends = (found.low, found.high, bound) if above else (-found.high, -found.low, -bound)
    low, high, limit = ends
    at = f"{bound:,.3f}".rstrip("0").rstrip(".")
    if low > limit:
        return Ruling("reproduced", f"the interval lies {wanted} {at}")
    if high <= limit:
        return Ruling("not reproduced", f"the interval does not reach {wanted} {at}")
    return Ruling("inconclusive", f"the interval reaches {other} {at} as well as {wanted}")
