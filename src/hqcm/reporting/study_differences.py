"""Differences of a study in words."""

from collections.abc import Sequence

from hqcm.comparison.comparisons import Comparison, Comparisons
from hqcm.comparison.judging import Verdict
from hqcm.reporting.formats import NOTHING, percent, points, points_between

AGAINST: dict[Verdict, str] = {
    "first ahead": "is ahead of",
    "second ahead": "is behind",
    "no difference": "does not differ, within the margin, from",
    "undecided": "cannot be told from",
}


def describe_difference(row: Comparison) -> str:
    """+8.1 points (+5.0 to +11.2)."""
    return f"{points(row.difference)} ({points_between(row.low, row.high)})"


def name_all(rows: Sequence[Comparison]) -> str:
    """The networks of some rows."""
    return ", ".join(f"`{row.family}`" for row in rows)


def sort_out(found: Comparisons, rows: Sequence[Comparison]) -> str:
    """Which networks the hybrid one is ahead of, behind, and so on, with the differences."""
    parts = []
    for verdict, words in AGAINST.items():
        chosen = [row for row in rows if row.verdict == verdict]
        if chosen:
            names = [f"`{row.family}` ({points(row.difference)})" for row in chosen]
            parts.append(f"{words} {', '.join(names)}")
    return f"`{found.hybrid}` {'; it '.join(parts)}."


def describe_recovery(rows: Sequence[Comparison]) -> str:
    """The network that comes nearest to the hybrid one."""
    closed = [row for row in rows if row.recovered is not None]
    if not closed:
        return ""
    best = max(closed, key=lambda row: row.recovered or 0.0)
    return f" Of the gap between the two, `{best.family}` recovers {describe_share(best)}."


def describe_share(row: Comparison) -> str:
    """87 % (60 to 112 %), or a dash."""
    if row.recovered is None or row.recovered_low is None or row.recovered_high is None:
        return NOTHING
    ends = f"{100 * row.recovered_low:.0f} to {percent(row.recovered_high, 0)}"
    return f"{percent(row.recovered, 0)} ({ends})"


def describe_loss(row: Comparison) -> str:
    """What the hybrid network loses under another protocol."""
    return (
        f"From `{row.first_protocol}` to `{row.second_protocol}`, `{row.family}` goes from "
        f"{percent(row.first_value)} to {percent(row.second_value)}: "
        f"{points(-row.difference)} ({points_between(negative(row.high), negative(row.low))})."
    )


def negative(value: float | None) -> float | None:
    """The other way round, if it is known."""
    return None if value is None else -value
