"""Audit of Table 1: do its scores agree with one another and with whole numbers of slices?

Of how many slices the accuracies can be, whether they equal the weighted recall, and whether F1 and
averages follow from the numbers beside them.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.paper.counts import Scores, ScoreTable, count_limits, read_table
from hqcm.paper.entries import Network, Printed
from hqcm.paper.findings import NAMES, Finding, quote, show, show_percent, show_range

Range = tuple[Fraction, Fraction]


def audit_test_size(claims: Claims) -> Finding:
    """How many slices the test part holds: every accuracy is a whole number of them."""
    n_slices, share = claims.get("none", "slices/all"), claims.get("none", "split/test")
    accuracies = [claims.get(network, "metrics/accuracy") for network in NAMES]
    exact = Fraction(n_slices.printed) * Fraction(share.printed)
    sizes = sorted({floor(exact), ceil(exact)})
    fitting = [n for n in sizes if all(counts(accuracy, n) for accuracy in accuracies)]
    released = claims.released.counts
    return Finding(
        id="test-size",
        question="How many slices does the test part hold?",
        printed=quote(claims, [n_slices, share, *accuracies]),
        calculation=[
            f"{share.percent} of {int(n_slices.value):,} is {float(exact):,.1f}.",
            *(f"Of {n:,}: {'; '.join(describe(a, n) for a in accuracies)}." for n in sizes),
            f"Labels released: {' + '.join(map(str, released))} = {sum(released):,}.",
        ],
        result=" or ".join(f"{n:,}" for n in fitting) or "No number fits all accuracies.",
        verdict="possible" if sum(released) in fitting else "contradiction",
        figures={"sizes": sizes, "fitting": fitting, "released": sum(released)},
    )


def audit_scores(claims: Claims, network: Network) -> list[Finding]:
    """Of one network: accuracy, weighted recall, F1 and macro averages."""
    questions = _audit_accuracy, _audit_weighted_recall, _audit_f1, _audit_macro
    return [ask(claims, network) for ask in questions]


def _audit_accuracy(claims: Claims, network: Network) -> Finding:
    accuracy, n = claims.get(network, "metrics/accuracy"), sum(claims.released.counts)
    correct, exact = counts(accuracy, n), float(Fraction(accuracy.printed) * n)
    return Finding(
        id=f"accuracy-{network}",
        question=f"Is the accuracy of {NAMES[network]} a whole number of {n:,} slices?",
        printed=quote(claims, [accuracy]),
        calculation=[f"{accuracy.printed} x {n:,} = {exact:,.2f}; {describe(accuracy, n)}."],
        result=f"{show_range(correct[0], correct[-1])} correct." if correct else "No.",
        verdict="possible" if correct else "impossible as printed",
        figures={"correct": correct},
    )


def _audit_weighted_recall(claims: Claims, network: Network) -> Finding:
    table, n = read_table(claims, network), sum(claims.released.counts)
    recall, accuracy, agree = table.weighted.recall, table.accuracy, recall_is_accuracy(table, n)
    return Finding(
        id=f"weighted-recall-{network}",
        question=f"Does the weighted recall of {NAMES[network]} equal its accuracy?",
        printed=quote(claims, [recall, accuracy]),
        calculation=[
            "Recall is correct / support. Times the support: correct. Summed: all correct.",
            "So the weighted average of the recall is all correct / all slices, the accuracy.",
            f"Of {n:,} slices, a weighted recall of {recall.printed}: {describe(recall, n)}.",
            f"An accuracy of {accuracy.printed}: {describe(accuracy, n)}.",
        ],
        result="Yes."
        if agree
        else f"No: one number, printed as {recall.printed} and as {accuracy.printed}.",
        verdict="possible" if agree else "contradiction",
        figures={"by_recall": list(count_limits(recall, n)), "by_accuracy": counts(accuracy, n)},
    )


def _audit_f1(claims: Claims, network: Network) -> Finding:
    rows = read_table(claims, network).rows
    ranges = [_harmonic_range(row) for row in rows]
    fits = all(overlap(found, row.f1) for found, row in zip(ranges, rows, strict=True))
    return Finding(
        id=f"f1-{network}",
        question=f"Is each F1 of {NAMES[network]} the harmonic mean of precision and recall?",
        printed=quote(claims, [cell for row in rows for cell in row]),
        calculation=[
            f"{name}: 2 x {row.precision.printed} x {row.recall.printed} / "
            f"({row.precision.printed} + {row.recall.printed}), each half a unit up or down: "
            f"{show(low)} to {show(high)}; printed {row.f1.printed}."
            for name, row, (low, high) in zip(CLASS_NAMES, rows, ranges, strict=True)
        ],
        result="All are." if fits else "Not all are.",
        verdict="possible" if fits else "impossible as printed",
        figures={},
    )


def _audit_macro(claims: Claims, network: Network) -> Finding:
    table = read_table(claims, network)
    columns = list(zip(*table.rows, strict=True))
    ranges = [_mean_range(column) for column in columns]
    fits = all(overlap(found, macro) for found, macro in zip(ranges, table.macro, strict=True))
    lines = zip(("precision", "recall", "F1"), columns, ranges, table.macro, strict=True)
    return Finding(
        id=f"macro-{network}",
        question=f"Are the macro averages of {NAMES[network]} the means of the lines above?",
        printed=quote(claims, [*(cell for row in table.rows for cell in row), *table.macro]),
        calculation=[
            f"{name}: ({' + '.join(cell.printed for cell in column)}) / {len(column)}, each half "
            f"a unit up or down: {show(low)} to {show(high)}; printed {macro.printed}."
            for name, column, (low, high), macro in lines
        ],
        result="All are." if fits else "Not all are.",
        verdict="possible" if fits else "impossible as printed",
        figures={},
    )


def _harmonic_range(row: Scores) -> Range:
    """F1 of the smallest and of the largest precision and recall that print as given."""
    ends = zip(row.precision.bounds, row.recall.bounds, strict=True)
    low, high = (2 * precision * recall / (precision + recall) for precision, recall in ends)
    return low, high


def _mean_range(column: Sequence[Printed]) -> Range:
    """Mean of the smallest and of the largest values that print as given."""
    low, high = zip(*(cell.bounds for cell in column), strict=True)
    return Fraction(sum(low), len(column)), Fraction(sum(high), len(column))


def overlap(found: Range, printed: Printed) -> bool:
    """Whether some value of a range prints as given."""
    low, high = printed.bounds
    return found[0] <= high and low <= found[1]


def audit_gap(claims: Claims) -> Finding:
    """How far apart the networks are by their weighted recalls, and by their accuracies."""
    n = sum(claims.released.counts)
    hybrid, classical = tables = [read_table(claims, network) for network in NAMES]
    ours, theirs = (count_limits(table.weighted.recall, n) for table in tables)
    least, most = ours[0] - theirs[1], ours[1] - theirs[0]
    printed = Fraction(hybrid.accuracy.printed) - Fraction(classical.accuracy.printed)
    fits = least <= round(printed * n) <= most
    points, widest = f"{100 * float(printed):.2f} points", f"{100 * most / n:.2f} points"
    return Finding(
        id="accuracy-gap",
        question="How many points apart are the networks?",
        printed=quote(claims, [t.accuracy for t in tables] + [t.weighted.recall for t in tables]),
        calculation=[
            f"By accuracy: {hybrid.accuracy.percent} - {classical.accuracy.percent} = {points}.",
            f"By weighted recall: {show_range(*ours)} correct against {show_range(*theirs)}.",
            f"They differ by {least} to {most} of {n:,}: {100 * least / n:.2f} to {widest}.",
        ],
        result=f"{points} by accuracy, {widest} at most by weighted recall.",
        verdict="possible" if fits else "contradiction",
        figures={"by_accuracy": float(printed), "least": least / n, "most": most / n},
    )


def recall_is_accuracy(table: ScoreTable, n: int) -> bool:
    """Whether some number of correct slices prints both."""
    return bool(set(counts(table.weighted.recall, n)) & set(counts(table.accuracy, n)))


def counts(fraction: Printed, n: int) -> list[int]:
    """Every k for which k / n prints as given."""
    low, high = count_limits(fraction, n)
    return list(range(low, high + 1))


def describe(fraction: Printed, n: int) -> str:
    """Which counts print a fraction; where none does, the two beside it."""
    low, high = count_limits(fraction, n)
    if low <= high:
        return f"{fraction.percent} is {show_range(low, high)}"
    beside = f"{high:,} is {show_percent(high, n)}, {low:,} is {show_percent(low, n)}"
    return f"{fraction.percent} is no whole number ({beside})"
