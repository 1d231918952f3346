"""The paper as this run leaves it: its claims, their audit and the ledger of verdicts."""

from typing import NamedTuple

from hqcm.ledger.curves import Curves
from hqcm.ledger.entries import Ledger
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.judging import judge
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit
from hqcm.reporting.results import Results


class Judged(NamedTuple):
    """What the paper says, whether it can be true, and whether it came out here."""

    claims: Claims
    audit: Audit
    ledger: Ledger


def judge_run(results: Results, claims: Claims, audit: Audit, cohort: str) -> Judged:
    """Hold the claims against the results; raises like `judge`."""
    evidence = Evidence(
        cohort=cohort,
        study=results.study,
        estimates=results.estimates,
        tests=results.localisation,
        curves=Curves(results.histories["hybrid"], results.histories["classical"]),
        index=results.index,
        part=results.part,
    )
    return Judged(claims, audit, judge(claims, audit, evidence))
