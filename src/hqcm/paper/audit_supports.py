"""Audit: what can stand behind Table 1, however many test slices each class has?"""

from collections.abc import Sequence
from math import ceil, sqrt

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.paper.audit_accuracy import recall_is_accuracy
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network
from hqcm.paper.findings import NAMES, Finding, quote, show, show_percent, show_range
from hqcm.paper.fitting import Fit, correct_limits, fit_tables
from hqcm.paper.margins import count_limits
from hqcm.paper.score_table import read_table

DEVIATIONS = 4
"""Supports count as plausible within so many standard deviations of a random draw."""


def audit_supports(claims: Claims, network: Network) -> list[Finding]:
    """Everything the table says of a network; if that is impossible, what accuracy would do."""
    table, released = read_table(claims, network), claims.released.counts
    if recall_is_accuracy(table, sum(released)):
        fit = fit_tables([table], released, ["averages", "accuracy"])
        return [audit_whole_table(claims, network, describe_fit(fit, [network]), fit)]
    reason = f"Weighted recall and accuracy differ: see weighted-recall-{network}."
    return [
        audit_whole_table(claims, network, [reason], None),
        audit_allowed_accuracy(claims, network),
    ]


def audit_whole_table(
    claims: Claims, network: Network, steps: list[str], fit: Fit | None
) -> Finding:
    """Whether any counts print everything that the table says of a network."""
    n = sum(claims.released.counts)
    return Finding(
        id=f"any-supports-{network}",
        question=f"Are there {n:,} slices, however many of each class, that print everything "
        f"Table 1 says of {NAMES[network]}?",
        printed=quote(claims, read_table(claims, network).each()),
        calculation=steps,
        result=f"Yes, with {fit.n_moved} or more labels other than those released."
        if fit
        else "No.",
        verdict="possible" if fit else "impossible as printed",
        figures={"n_moved": fit.n_moved} if fit else {},
    )


def audit_allowed_accuracy(claims: Claims, network: Network) -> Finding:
    """Which accuracies the lines of the classes and all averages leave."""
    table, released = read_table(claims, network), claims.released.counts
    n, reach = sum(released), plausible_reach(sum(released))
    limits = correct_limits(table, released, reach)
    by_recall = show_range(*count_limits(table.weighted.recall, n))
    printed = count_limits(table.accuracy, n)
    return Finding(
        id=f"allowed-accuracy-{network}",
        question=f"Which accuracy do the lines and averages of {NAMES[network]} allow?",
        printed=quote(claims, table.each()),
        calculation=[
            f"Weighted recall {table.weighted.recall.printed}: {by_recall} correct of {n:,}.",
            (
                f"Supports up to {reach} slices off those released are searched, {DEVIATIONS} "
                f"standard deviations of a random draw: {DEVIATIONS} x sqrt({n:,} x 1/4 x 3/4)."
            ),
            *describe_fit(fit_tables([table], released, ["averages"]), [network]),
        ],
        result=f"{show_range(*limits)} correct, {show_percent(limits[0], n)} to "
        f"{show_percent(limits[1], n)}; printed {table.accuracy.percent}."
        if limits
        else "None.",
        verdict="possible"
        if limits and limits[0] <= printed[1] and printed[0] <= limits[1]
        else "contradiction",
        figures={"reach": reach, "correct": list(limits or ())},
    )


def plausible_reach(n: int) -> int:
    """How far a class of a random draw of n slices may be off its share; a quarter on average."""
    return ceil(DEVIATIONS * sqrt(n * (N_CLASSES - 1)) / N_CLASSES)


def describe_fit(fit: Fit | None, networks: Sequence[Network]) -> list[str]:
    """Counts found, to be checked with a pocket calculator."""
    if fit is None:
        return ["A search through all counts finds none."]
    steps = [f"Nearest to the labels released, {fit.n_moved} of them in another class:"]
    for network, margins in zip(networks, fit.margins, strict=True):
        lines = zip(CLASS_NAMES, *margins, margins.scores(), strict=True)
        steps += [
            f"{name}: {support} slices, {predicted} predicted, {correct} correct; precision "
            f"{show(precision)}, recall {show(recall)}, F1 {show(f1)}."
            for name, support, predicted, correct, (precision, recall, f1) in lines
        ]
        n_correct, n = sum(margins.correct), sum(margins.support)
        steps.append(f"All, by {NAMES[network]}: {n_correct:,} of {n:,} correct.")
    return steps
