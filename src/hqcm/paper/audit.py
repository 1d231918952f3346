"""The audit of the printed numbers: pure arithmetic on what the paper says, no data."""

from hqcm.paper.audit_counts import audit_both, audit_released, audit_supports
from hqcm.paper.audit_localisation import audit_localisation
from hqcm.paper.audit_scores import audit_gap, audit_scores, audit_test_size
from hqcm.paper.audit_text import audit_text
from hqcm.paper.claims import Claims
from hqcm.paper.findings import NAMES, Audit


def audit_paper(claims: Claims) -> Audit:
    """Every finding: Table 1 network by network and both together, Table 2, the text.

    Raises:
        ValueError: the claims lack a number that is asked for.
        RuntimeError: a search ended without an answer.
    """
    findings = [audit_test_size(claims)]
    for network in NAMES:
        findings += audit_scores(claims, network)
        findings += audit_released(claims, network)
        findings += audit_supports(claims, network)
    findings += [audit_gap(claims), *audit_both(claims)]
    return Audit(
        n_test=sum(claims.released.counts),
        supports=claims.released.supports,
        findings=[*findings, *audit_localisation(claims), *audit_text(claims)],
    )
