"""The audit of the printed numbers: pure arithmetic on what the paper says, no data."""

from hqcm.paper.audit_counts import (
    audit_both_accuracies,
    audit_both_lines,
    audit_released,
    audit_supports,
)
from hqcm.paper.audit_localisation import audit_localisation
from hqcm.paper.audit_scores import (
    audit_accuracy,
    audit_f1,
    audit_gap,
    audit_macro,
    audit_test_size,
    audit_weighted_recall,
)
from hqcm.paper.audit_text import (
    audit_attention_order,
    audit_settings,
    audit_sources,
    audit_superiority,
)
from hqcm.paper.claims import Claims
from hqcm.paper.findings import NAMES, Audit, Finding


def audit_paper(claims: Claims) -> Audit:
    """Every finding, from the test size to the wording.

    Raises:
        ValueError: the claims lack a number that is asked for.
        RuntimeError: a search ended without an answer.
    """
    return Audit(
        n_test=sum(claims.released.counts),
        supports=claims.released.supports,
        findings=[*audit_table_1(claims), *audit_localisation(claims), *audit_words(claims)],
    )


def audit_table_1(claims: Claims) -> list[Finding]:
    """Table 1, network by network and then both together."""
    return [
        audit_test_size(claims),
        *(
            finding
            for network in NAMES
            for finding in (
                audit_accuracy(claims, network),
                audit_weighted_recall(claims, network),
                audit_f1(claims, network),
                audit_macro(claims, network),
                *audit_released(claims, network),
                *audit_supports(claims, network),
            )
        ),
        audit_gap(claims),
        audit_both_lines(claims),
        audit_both_accuracies(claims),
    ]


def audit_words(claims: Claims) -> list[Finding]:
    """The text against the tables and against itself."""
    return [
        audit_superiority(claims),
        audit_sources(claims),
        *audit_settings(claims),
        audit_attention_order(claims),
    ]
