"""Audit of Table 1: is there a confusion matrix behind it?

First of the labels that the authors released, then of any labels, then for both networks at once,
since both were tested on the same slices.
"""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.paper.audit_scores import counts, describe, recall_is_accuracy
from hqcm.paper.claims import Claims
from hqcm.paper.counts import (
    Margins,
    ScoreTable,
    class_counts,
    count_limits,
    find_margins,
    misprints,
    read_table,
)
from hqcm.paper.entries import Network, Printed
from hqcm.paper.findings import NAMES, Finding, quote, show, show_percent, show_range
from hqcm.paper.fit import Fit, correct_limits, fit_tables
from hqcm.paper.proof import Proof, prove_fewest

_DEVIATIONS = 4
"""Supports count as plausible within so many standard deviations of a random draw."""


def audit_released(claims: Claims, network: Network) -> list[Finding]:
    """The lines of the classes; where counts are found, also the averages and the accuracy."""
    table, supports = read_table(claims, network), claims.released.counts
    found = find_margins(table, supports)
    correct = sorted({sum(margins.correct) for margins in found})
    lines = Finding(
        id=f"released-lines-{network}",
        question=f"Is there a confusion matrix of the {sum(supports):,} labels released behind the "
        f"lines of {NAMES[network]}?",
        printed=quote(claims, _lines_of(table)),
        calculation=_describe_counts(table, supports),
        result=f"{len(found)} combinations, with {show_range(correct[0], correct[-1])} correct."
        if found
        else "None.",
        verdict="possible" if found else "impossible as printed",
        figures={"n_solutions": len(found), "correct": correct},
    )
    return [lines, _audit_released_totals(claims, network, table, found)] if found else [lines]


def _audit_released_totals(
    claims: Claims, network: Network, table: ScoreTable, found: Sequence[Margins]
) -> Finding:
    n = sum(claims.released.counts)
    wrong = [set(misprints(table, margins)) for margins in found]
    n_average, n_all = sum(w <= {table.accuracy} for w in wrong), wrong.count(set())
    limits, correct = count_limits(table.accuracy, n), [sum(margins.correct) for margins in found]
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


def _describe_counts(table: ScoreTable, supports: Sequence[int]) -> list[str]:
    """What each line leaves of correct and predicted slices, and what the sums must be."""
    n, steps, fewest, most = sum(supports), [], 0, 0
    options = [class_counts(row, s, n) for row, s in zip(table.rows, supports, strict=True)]
    for name, row, s, left in zip(CLASS_NAMES, table.rows, supports, options, strict=True):
        line = f"{name}, {s} slices, recall {row.recall.printed}"
        if not left:
            steps.append(f"{line}: no counts print this line.")
            continue
        correct, predicted = zip(*left, strict=True)
        fewest, most = fewest + min(predicted), most + max(predicted)
        steps.append(
            f"{line}: {show_range(min(correct), max(correct))} correct; precision "
            f"{row.precision.printed} and F1 {row.f1.printed}: "
            f"{show_range(min(predicted), max(predicted))} predicted; combinations: {len(left)}."
        )
    if all(options):
        steps.append(
            f"Every slice is predicted as something: {n:,} predictions. These add up to "
            f"{show_range(fewest, most)}."
        )
    return steps


def audit_supports(claims: Claims, network: Network) -> list[Finding]:
    """Everything the table says of a network; if that is impossible, what accuracy would do."""
    table, released = read_table(claims, network), claims.released.counts
    n = sum(released)
    agrees = recall_is_accuracy(table, n)
    fit = fit_tables([table], released, ["averages", "accuracy"]) if agrees else None
    whole = Finding(
        id=f"any-supports-{network}",
        question=f"Are there {n:,} slices, however many of each class, that print everything "
        f"Table 1 says of {NAMES[network]}?",
        printed=quote(claims, table.each()),
        calculation=_describe_fit(fit, [network])
        if agrees
        else [f"Weighted recall and accuracy differ: see weighted-recall-{network}."],
        **_judge_fit(fit),
    )
    return [whole] if agrees else [whole, _audit_allowed_accuracy(claims, network, table)]


def _audit_allowed_accuracy(claims: Claims, network: Network, table: ScoreTable) -> Finding:
    released, n = claims.released.counts, sum(claims.released.counts)
    reach, printed = _plausible_reach(n), count_limits(table.accuracy, n)
    limits = correct_limits(table, released, reach)
    by_recall = show_range(*count_limits(table.weighted.recall, n))
    return Finding(
        id=f"allowed-accuracy-{network}",
        question=f"Which accuracy do the lines and averages of {NAMES[network]} allow?",
        printed=quote(claims, table.each()),
        calculation=[
            f"Weighted recall {table.weighted.recall.printed}: {by_recall} correct of {n:,}.",
            (
                f"Supports up to {reach} slices off those released are searched, {_DEVIATIONS} "
                f"standard deviations of a random draw: {_DEVIATIONS} x sqrt({n:,} x 1/4 x 3/4)."
            ),
            *_describe_fit(fit_tables([table], released, ["averages"]), [network]),
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


def _plausible_reach(n: int) -> int:
    """How far a class of a random draw of n slices may be off its share; a quarter on average."""
    return ceil(_DEVIATIONS * sqrt(n * (N_CLASSES - 1)) / N_CLASSES)


def audit_both(claims: Claims) -> list[Finding]:
    """Whether the lines of both networks can be of the same slices; then with the accuracies."""
    tables = [read_table(claims, network) for network in NAMES]
    fit = fit_tables(tables, claims.released.counts, [])
    lines = Finding(
        id="both-lines",
        question="Can the lines of both networks be of the same slices, averages and accuracies "
        "apart?",
        printed=quote(claims, _lines_of(*tables)),
        calculation=_describe_fit(fit, list(NAMES)),
        **_judge_fit(fit),
    )
    return [lines, _audit_both_accuracies(claims, *tables)]


def _audit_both_accuracies(claims: Claims, first: ScoreTable, second: ScoreTable) -> Finding:
    n = sum(claims.released.counts)
    proof = _refute(first, second, n)
    fit = None if proof else fit_tables([first, second], claims.released.counts, ["accuracy"])
    return Finding(
        id="both-accuracies",
        question="Can the lines and the accuracies of both networks be of the same slices?",
        printed=quote(claims, [first.accuracy, second.accuracy, *_lines_of(first, second)]),
        calculation=_describe_proof(proof, n) if proof else _describe_fit(fit, list(NAMES)),
        result="Yes." if fit else f"No{_describe_need(proof, second, n)}.",
        verdict="possible" if fit else "impossible as printed",
        figures={"fewest": float(proof.fewest)} if proof else {},
    )


def _refute(first: ScoreTable, second: ScoreTable, n: int) -> Proof | None:
    _, most = count_limits(second.accuracy, n)
    proofs = [prove_fewest(first, second, n, n_correct) for n_correct in counts(first.accuracy, n)]
    excluding = [proof for proof in proofs if proof and proof.fewest > most]
    return excluding[0] if excluding and len(excluding) == len(proofs) else None


def _describe_need(proof: Proof | None, second: ScoreTable, n: int) -> str:
    """What the accuracy says and what the proof demands; nothing where there is no proof."""
    said = f": for {NAMES['classical']} {describe(second.accuracy, n)}"
    return f"{said}, and {ceil(proof.fewest):,} or more are needed" if proof else ""


def _describe_proof(proof: Proof, n: int) -> list[str]:
    """The weights, the classes and the sum, to be checked with a pocket calculator."""
    s, p1, p2, c1 = (f"{float(weight):+.3f}" for weight in proof.weights)
    least = min(of_class.rest for of_class in proof.classes)
    return [
        (
            f"Of s slices of a class, {NAMES['hybrid']} predicts p1 and has c1 right, "
            f"{NAMES['classical']} p2 and c2."
        ),
        f"Whatever s, the lines enforce c2 >= {c1} c1 {s} s {p1} p1 {p2} p2 + r s.",
        *(
            f"{name}: tightest at c1 = {show(one.correct)} s, p1 = {show(one.predicted)} s, c2 = "
            f"{show(two.correct)} s, p2 = {show(two.predicted)} s: r = {show(rest, 5)}."
            for name, (one, two, rest) in zip(CLASS_NAMES, proof.classes, strict=True)
        ),
        f"Of all classes, s, p1 and p2 are {n:,} each, and c1 is {proof.n_correct:,}.",
        (
            f"c2 >= {c1} x {proof.n_correct:,} + ({s} {p1} {p2} {float(least):+.5f}) x {n:,} = "
            f"{show(proof.fewest, 1)}."
        ),
    ]


def _describe_fit(fit: Fit | None, networks: Sequence[Network]) -> list[str]:
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


def _judge_fit(fit: Fit | None) -> dict[str, Any]:
    if fit is None:
        return {"result": "No.", "verdict": "impossible as printed", "figures": {}}
    return {
        "result": f"Yes, with {fit.n_moved} or more labels other than those released.",
        "verdict": "possible",
        "figures": {"n_moved": fit.n_moved},
    }


def _lines_of(*tables: ScoreTable) -> list[Printed]:
    return [cell for table in tables for row in table.rows for cell in row]
