"""Audit: is there a confusion matrix of the released labels behind Table 1?"""

from collections.abc import Sequence

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network
from hqcm.paper.findings import NAMES, Finding, quote, show_range
from hqcm.paper.margins import Margins, class_counts, count_limits, find_margins, misprints
from hqcm.paper.score_table import Scores, ScoreTable, read_table


def audit_released(claims: Claims, network: Network) -> list[Finding]:
    """The lines of the classes; where counts are found, also the averages and the accuracy."""
    table = read_table(claims, network)
    found = find_margins(table, claims.released.counts)
    findings = [audit_released_lines(claims, network, table, found)]
    return [*findings, audit_released_totals(claims, network, table, found)] if found else findings


def audit_released_lines(
    claims: Claims, network: Network, table: ScoreTable, found: Sequence[Margins]
) -> Finding:
    """Whether any confusion matrix of the released labels has the lines of the classes."""
    supports = claims.released.counts
    correct = sorted({sum(margins.correct) for margins in found})
    return Finding(
        id=f"released-lines-{network}",
        question=f"Is there a confusion matrix of the {sum(supports):,} labels released behind the "
        f"lines of {NAMES[network]}?",
        printed=quote(claims, [cell for row in table.rows for cell in row]),
        calculation=describe_counts(table, supports),
        result=f"{len(found)} combinations, with {show_range(correct[0], correct[-1])} correct."
        if found
        else "None.",
        verdict="possible" if found else "impossible as printed",
        figures={"n_solutions": len(found), "correct": correct},
    )


def audit_released_totals(
    claims: Claims, network: Network, table: ScoreTable, found: Sequence[Margins]
) -> Finding:
    """Whether any of those confusion matrices has the averages and the accuracy too."""
    n = sum(claims.released.counts)
    wrong = [set(misprints(table, margins)) for margins in found]
    n_average, n_all = sum(w <= {table.accuracy} for w in wrong), wrong.count(set())
    limits = count_limits(table.accuracy, n)
    correct = [sum(margins.correct) for margins in found]
    n_off = min(abs(k - limit) for k in correct for limit in limits)
    return Finding(
        id=f"released-totals-{network}",
        question="Does any confusion matrix with these lines and labels print the averages and the "
        f"accuracy of {NAMES[network]} too?",
        printed=quote(claims, [*table.macro, *table.weighted, table.accuracy]),
        calculation=[
            f"{n_average} of {len(found)} combinations print all six averages.",
            f"They have {show_range(min(correct), max(correct))} slices right.",
            f"An accuracy of {table.accuracy.percent} is {show_range(*limits)}.",
        ],
        result=f"{n_all} do."
        if n_all
        else f"None: {n_average} print the averages, the accuracy is {n_off} of {n:,} slices off.",
        verdict="possible" if n_all else "impossible as printed",
        figures={"n_with_averages": n_average, "n_with_all": n_all, "n_off": n_off},
    )


def describe_counts(table: ScoreTable, supports: Sequence[int]) -> list[str]:
    """What each line leaves of correct and predicted slices, and what the sums must be."""
    n = sum(supports)
    lines = list(zip(CLASS_NAMES, table.rows, supports, strict=True))
    options = [class_counts(scores, support, n) for _, scores, support in lines]
    steps = [describe_class(*line, found) for line, found in zip(lines, options, strict=True)]
    if all(options):
        predicted = [[count for _, count in found] for found in options]
        sums = show_range(sum(map(min, predicted)), sum(map(max, predicted)))
        steps.append(
            f"Every slice is predicted as something: {n:,} predictions. These add up to {sums}."
        )
    return steps


def describe_class(
    name: str, scores: Scores, support: int, options: Sequence[tuple[int, int]]
) -> str:
    """The counts that a line leaves."""
    line = f"{name}, {support} slices, recall {scores.recall.printed}"
    if not options:
        return f"{line}: no counts print this line."
    correct, predicted = (show_range(min(c), max(c)) for c in zip(*options, strict=True))
    return (
        f"{line}: {correct} correct; precision {scores.precision.printed} and F1 "
        f"{scores.f1.printed}: {predicted} predicted; combinations: {len(options)}."
    )
