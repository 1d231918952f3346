"""The ledger: every claim of the paper with what was found here, and the verdict."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hqcm.ledger.entries import Allowed, Entry, Ledger
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.verdicts import VERDICTS, Ruling, Verdict, rule_on
from hqcm.ledger.wording import Outcome, nothing_known, try_words
from hqcm.paper.claims import Claims, PlacedClaim
from hqcm.paper.findings import Audit, Finding
from hqcm.paper.in_words import WordedClaim
from hqcm.paper.tolerances import Tolerance

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
        return "impossible as printed", f"by the audit: {_name(against)}"
    torn = [finding for finding in cited if finding.verdict == "contradiction"]
    doubt = f"; the paper contradicts itself: {_name(torn)}" if torn else ""
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


def _name(findings: Sequence[Finding]) -> str:
    return ", ".join(f"`{finding.id}`" for finding in findings)
