"""The tests of what the paper claims in words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hqcm.ledger.curves import measure_convergence, measure_lead
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.measured import Measured
from hqcm.ledger.verdicts import Ruling, rule_on_bound
from hqcm.paper.in_words import Convergence, Differences, Limit, WordedClaim


class Outcome(NamedTuple):
    """What was found, of several quantities the least; and what it says of the claim."""

    found: Measured | None
    ruling: Ruling


def try_words(claim: WordedClaim, evidence: Evidence) -> Outcome:
    """Decide by the criterion of the claim.

    Raises:
        ValueError: the criterion names a column that no learning curve has.
    """
    criterion = claim.criterion
    if isinstance(criterion, Differences):
        return compare_all(criterion, evidence)
    if isinstance(criterion, Limit):
        found = evidence.look_up(claim.network, criterion.quantity)
        if found is None:
            return Outcome(None, nothing_known(criterion.quantity))
        return Outcome(found, rule_on_bound(found, criterion.below, above=False))
    if isinstance(criterion, Convergence):
        found = measure_convergence(evidence.curves, criterion)
        return Outcome(found, rule_on_bound(found, 0, above=False))
    found = measure_lead(evidence.curves, criterion)
    return Outcome(found, rule_on_bound(found, criterion.share, above=True))


def compare_all(criterion: Differences, evidence: Evidence) -> Outcome:
    """One that does not lie above refutes the claim, and it takes all to confirm it."""
    protocol = criterion.protocol
    if protocol and protocol not in evidence.estimates:
        reason = f"no network was trained under protocol {protocol}"
        return Outcome(None, Ruling("not tested on this cohort", reason))
    looked_up = {name: evidence.difference(name, protocol) for name in criterion.each}
    found = {name: measured for name, measured in looked_up.items() if measured}
    missing = [name for name, measured in looked_up.items() if measured is None]
    rulings = {
        name: rule_on_bound(measured, criterion.above, above=True)
        for name, measured in found.items()
    }
    least = min(found.values(), key=lambda measured: measured.value, default=None)
    return Outcome(least, join_rulings(rulings, missing))


def join_rulings(rulings: Mapping[str, Ruling], missing: list[str]) -> Ruling:
    """The ruling on all of them: the worst of each, and which they are."""
    if len(rulings) == 1 and not missing:
        return next(iter(rulings.values()))
    refuted = [name for name, ruling in rulings.items() if ruling.verdict == "not reproduced"]
    if not refuted and missing:
        return nothing_known(missing[0])
    confirmed = [name for name, ruling in rulings.items() if ruling.verdict == "reproduced"]
    reason = f"{len(confirmed)} of {len(rulings) + len(missing)} hold"
    if refuted:
        return Ruling("not reproduced", f"{reason}; not so: {_name(refuted)}")
    if len(confirmed) == len(rulings):
        return Ruling("reproduced", reason)
    open_ones = [name for name in rulings if name not in confirmed]
    return Ruling("inconclusive", f"{reason}; undecided: {_name(open_ones)}")


def nothing_known(quantity: str) -> Ruling:
    """Of a quantity that this run does not have."""
    return Ruling("not tested on this cohort", f"this run has no {quantity}")


def _name(quantities: Sequence[str]) -> str:
    """The last two steps of each path: glioma recall."""
    return ", ".join(" ".join(quantity.split("/")[-2:]) for quantity in quantities)
