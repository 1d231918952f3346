"""What can be said of a claim, and the rule that says it of a number.

What the ledger says of a claim; `reports/claims.json` is a list of these.
"""

from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from hqcm.contracts.params import Section
from hqcm.ledger.learning_curves import Measured, Unit, show, show_range
from hqcm.paper.entries import Network, Printed, Tolerance

Verdict = Literal[
    "reproduced",
    "not reproduced",
    "inconclusive",
    "impossible as printed",
    "not tested on this cohort",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


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
        return rule_on_count(claim, found)
    if tolerance.rule == "same side":
        return rule_on_side(claim, tolerance, found, effect)
    return rule_on_distance(claim, tolerance, found)


def rule_on_distance(claim: Printed, tolerance: Tolerance, found: Measured) -> Ruling:
    """Whether the interval lies within the region around the printed number."""
    low, high = region(claim, tolerance)
    digits = claim.n_decimals + 1
    allowed = show_range(float(low), float(high), digits)
    if found.bounds is None:
        inside = low <= found.value <= high
        where = f"{'inside' if inside else 'outside'} {allowed}"
        verdict: Verdict = "reproduced" if inside else "not reproduced"
        return Ruling(verdict, f"{found.without_interval}, no interval: {where}")
    if low <= found.bounds[0] and found.bounds[1] <= high:
        return Ruling("reproduced", f"the interval lies inside {allowed}")
    if found.bounds[1] < low or high < found.bounds[0]:
        return Ruling("not reproduced", f"the interval lies outside {allowed}")
    return Ruling("inconclusive", f"the interval straddles an end of {allowed}")


def region(claim: Printed, tolerance: Tolerance) -> tuple[Fraction, Fraction]:
    """The values that round to the printed digits, widened by the tolerance."""
    low, high = claim.bounds
    return low - tolerance.exact, high + tolerance.exact


def rule_on_side(
    claim: Printed, tolerance: Tolerance, found: Measured, effect: float | None
) -> Ruling:
    """Whether a p-value leads to the same conclusion: significant or not, and for whom."""
    level = tolerance.exact
    significant = found.value < level
    side = f"{found.n:,} pairs: {'below' if significant else 'not below'} {tolerance.size}"
    if significant != (Fraction(claim.printed) < level):
        return Ruling("not reproduced", f"{side}, unlike the paper's")
    if significant and (effect is None or effect <= 0):
        return Ruling("not reproduced", f"{side}, but the classical network is ahead")
    return Ruling("reproduced", f"{side}, as the paper's")


def rule_on_count(claim: Printed, found: Measured) -> Ruling:
    """Whether as many slices are here; fewer say that files are missing, not that they differ."""
    here, there = int(found.value), int(claim.value)
    if here < there:
        return Ruling("not tested on this cohort", f"{there - here:,} of {there:,} are not here")
    if here > there:
        return Ruling("not reproduced", f"{here - there:,} more than the paper's")
    return Ruling("reproduced", "as many")


def rule_on_bound(found: Measured, bound: float, *, above: bool) -> Ruling:
    """Whether an interval lies wholly on one side of a number; without one nothing is concluded."""
    wanted, other = ("above", "below") if above else ("below", "above")
    at = show(bound, 3).rstrip("0").rstrip(".")
    if found.bounds is None:
        return Ruling("inconclusive", f"{found.without_interval}, no interval")
    low, high = found.bounds if above else (-found.bounds[1], -found.bounds[0])
    signed = bound if above else -bound
    if low > signed:
        return Ruling("reproduced", f"the interval lies {wanted} {at}")
    if high <= signed:
        return Ruling("not reproduced", f"the interval does not reach {wanted} {at}")
    return Ruling("inconclusive", f"the interval reaches {other} {at} as well as {wanted}")


class Allowed(Section):
    """The tolerance: its name, as people read it, and the number in it.

    Of a claim in words: the kind of its criterion, the test, and the number that decides.
    """

    name: str
    text: str
    size: float


class Entry(Section):
    """One claim, and what became of it.

    `comparison` is what the rule says of the numbers of this run, whatever the cohort;
    `verdict` is what that says of the paper. `value` is None where this run has no such number,
    `low` and `high` where it has no interval; `n` counts what it rests on, in `unit`.
    """

    id: str
    kind: Literal["number", "words"]
    place: str
    also: list[str]
    network: Network
    says: str
    quantity: str
    printed: str
    tolerance: Allowed
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: Unit | None
    comparison: Verdict
    verdict: Verdict
    reason: str
    audit: list[str]

    @property
    def found(self) -> Measured | None:
        """The number of this run."""
        if self.value is None or self.n is None or self.unit is None:
            return None
        bounds = None if self.low is None or self.high is None else (self.low, self.high)
        return Measured(self.value, bounds, self.n, self.unit)


class Ledger(Section):
    """Every claim: numbers in the order of `data/paper/claims.yaml`, then those in words."""

    cohort: str
    n_by_verdict: dict[Verdict, int]
    claims: list[Entry]

    def get(self, name: str) -> Entry:
        """A claim by its id.

        Raises:
            ValueError: there is none of that id.
        """
        for entry in self.claims:
            if entry.id == name:
                return entry
        raise ValueError(f"the ledger must hold {name}; got {len(self.claims)} others")
