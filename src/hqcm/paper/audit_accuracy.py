"""Audit: of how many slices can the accuracies be, and do they equal the weighted recall?"""

from fractions import Fraction
from math import ceil, floor

from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network, Printed
from hqcm.paper.findings import NAMES, Finding, quote, show_percent, show_range
from hqcm.paper.margins import count_limits
from hqcm.paper.score_table import ScoreTable, read_table


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


def audit_accuracy(claims: Claims, network: Network) -> Finding:
    """Whether an accuracy is a whole number of the test slices."""
    accuracy, n = claims.get(network, "metrics/accuracy"), sum(claims.released.counts)
    correct = counts(accuracy, n)
    exact = float(Fraction(accuracy.printed) * n)
    return Finding(
        id=f"accuracy-{network}",
        question=f"Is the accuracy of {NAMES[network]} a whole number of {n:,} slices?",
        printed=quote(claims, [accuracy]),
        calculation=[f"{accuracy.printed} x {n:,} = {exact:,.2f}; {describe(accuracy, n)}."],
        result=f"{show_range(correct[0], correct[-1])} correct." if correct else "No.",
        verdict="possible" if correct else "impossible as printed",
        figures={"correct": correct},
    )


def audit_weighted_recall(claims: Claims, network: Network) -> Finding:
    """Whether weighted recall and accuracy agree: they are the same number."""
    table, n = read_table(claims, network), sum(claims.released.counts)
    recall, accuracy = table.weighted.recall, table.accuracy
    agree = recall_is_accuracy(table, n)
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


def audit_gap(claims: Claims) -> Finding:
    """How far apart the networks are by their weighted recalls, and by their accuracies."""
    n = sum(claims.released.counts)
    tables = [read_table(claims, network) for network in NAMES]
    hybrid, classical = tables
    ours, theirs = (count_limits(table.weighted.recall, n) for table in tables)
    least, most = ours[0] - theirs[1], ours[1] - theirs[0]
    printed = Fraction(hybrid.accuracy.printed) - Fraction(classical.accuracy.printed)
    fits = least <= round(printed * n) <= most
    points, widest = f"{100 * float(printed):.2f} points", f"{100 * most / n:.2f} points"
    return Finding(
        id="accuracy-gap",
        question="How many points apart are the networks?",
        printed=quote(
            claims,
            [
                hybrid.accuracy,
                classical.accuracy,
                hybrid.weighted.recall,
                classical.weighted.recall,
            ],
        ),
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
