"""The tests of what the paper claims in words.

The ledger: every claim of the paper with what was found here, and the verdict.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import Measured, measure_convergence, measure_lead
from hqcm.ledger.verdicts import (
    VERDICTS,
    Allowed,
    Entry,
    Ledger,
    Ruling,
    Verdict,
    rule_on,
    rule_on_bound,
)
from hqcm.paper.claims import Claims, Convergence, Differences, Limit, PlacedClaim, WordedClaim
from hqcm.paper.entries import Tolerance
from hqcm.paper.findings import Audit, Finding


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


SIMULATION = "simulated patients; here, "
"""How a reason starts that says nothing of the paper."""


def judge(claims: Claims, audit: Audit, evidence: Evidence) -> Ledger:
    """Hold every claim against what was measured.

    Raises:
        ValueError: a claim names a finding that the audit does not have, or a quantity that
            nothing here can answer.
    """
    entries = [
        *(judge_number(placed, claims, audit, evidence) for placed in claims.each()),
        *(judge_words(claim, audit, evidence) for claim in claims.in_words),
    ]
    n_by_verdict = Counter(entry.verdict for entry in entries)
    return Ledger(
        cohort=evidence.cohort,
        n_by_verdict={verdict: n_by_verdict[verdict] for verdict in VERDICTS},
        claims=entries,
    )


def judge_number(placed: PlacedClaim, claims: Claims, audit: Audit, evidence: Evidence) -> Entry:
    """A printed number."""
    place, network, claim = placed
    tolerance = claims.tolerances[claim.tolerance]
    outcome = compare_number(placed, tolerance, evidence)
    return Entry(
        id=claim.id,
        kind="number",
        place=place,
        also=[*claim.also],
        network=network,
        says=claim.says,
        quantity=claim.quantity,
        printed=claim.printed,
        tolerance=Allowed(name=claim.tolerance, text=tolerance.text, size=float(tolerance.exact)),
        audit=[*claim.audit],
        **conclude(outcome, find_cited(claim.audit, audit), evidence),
    )


def judge_words(claim: WordedClaim, audit: Audit, evidence: Evidence) -> Entry:
    """A sentence."""
    criterion = claim.criterion
    return Entry(
        id=claim.id,
        kind="words",
        place=claim.place,
        also=[*claim.also],
        network=claim.network,
        says=claim.says,
        quantity=criterion.quantity,
        printed=claim.printed,
        tolerance=Allowed(name=criterion.kind, text=claim.test, size=criterion.bound),
        audit=[*claim.audit],
        **conclude(try_words(claim, evidence), find_cited(claim.audit, audit), evidence),
    )


def conclude(outcome: Outcome, cited: Sequence[Finding], evidence: Evidence) -> dict[str, Any]:
    """The fields of an entry that depend on this run."""
    found, ruling = outcome
    low, high = (found and found.bounds) or (None, None)
    verdict, reason = settle(ruling, cited, evidence)
    return {
        "value": found and found.value,
        "low": low,
        "high": high,
        "n": found and found.n,
        "unit": found and found.unit,
        "comparison": ruling.verdict,
        "verdict": verdict,
        "reason": reason,
    }


def compare_number(placed: PlacedClaim, tolerance: Tolerance, evidence: Evidence) -> Outcome:
    """What the rule says of the number here."""
    _, network, claim = placed
    found = evidence.look_up(network, claim.quantity)
    if found is None:
        return Outcome(None, nothing_known(claim.quantity))
    effect = evidence.effect(claim.quantity) if tolerance.rule == "same side" else None
    return Outcome(found, rule_on(claim, tolerance, found, effect))


def settle(ruling: Ruling, cited: Sequence[Finding], evidence: Evidence) -> tuple[Verdict, str]:
    """From what the rule says to what that says of the paper."""
    against = [finding for finding in cited if finding.verdict == "impossible as printed"]
    if against:
        return "impossible as printed", f"by the audit: {_name_findings(against)}"
    torn = [finding for finding in cited if finding.verdict == "contradiction"]
    doubt = f"; the paper contradicts itself: {_name_findings(torn)}" if torn else ""
    if evidence.is_simulated:
        return "not tested on this cohort", f"{SIMULATION}{ruling.reason}{doubt}"
    return ruling.verdict, f"{ruling.reason}{doubt}"


def find_cited(names: Sequence[str], audit: Audit) -> list[Finding]:
    """The findings of these ids.

    Raises:
        ValueError: the audit lacks one.
    """
    findings = {finding.id: finding for finding in audit.findings}
    for name in names:
        if name not in findings:
            raise ValueError(f"the audit must hold {name}; got {', '.join(findings)}")
    return [findings[name] for name in names]


def _name_findings(findings: Sequence[Finding]) -> str:
    return ", ".join(f"`{finding.id}`" for finding in findings)
