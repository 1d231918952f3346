"""Audit: do F1 and averages of Table 1 follow from the numbers beside them?"""

from collections.abc import Sequence
from fractions import Fraction

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network, Printed
from hqcm.paper.findings import NAMES, Finding, quote, show
from hqcm.paper.score_table import Scores, read_table

Range = tuple[Fraction, Fraction]


def audit_f1(claims: Claims, network: Network) -> Finding:
    """Whether each F1 is the harmonic mean of its precision and its recall."""
    rows = read_table(claims, network).rows
    ranges = [harmonic_range(row) for row in rows]
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


def audit_macro(claims: Claims, network: Network) -> Finding:
    """Whether each macro average is the mean of its column."""
    table = read_table(claims, network)
    columns = list(zip(*table.rows, strict=True))
    ranges = [mean_range(column) for column in columns]
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


def harmonic_range(row: Scores) -> Range:
    """F1 of the smallest and of the largest precision and recall that print as given."""
    ends = zip(row.precision.bounds, row.recall.bounds, strict=True)
    low, high = (2 * precision * recall / (precision + recall) for precision, recall in ends)
    return low, high


def mean_range(column: Sequence[Printed]) -> Range:
    """Mean of the smallest and of the largest values that print as given."""
    low, high = zip(*(cell.bounds for cell in column), strict=True)
    return Fraction(sum(low), len(column)), Fraction(sum(high), len(column))


def overlap(found: Range, printed: Printed) -> bool:
    """Whether some value of a range prints as given."""
    low, high = printed.bounds
    return found[0] <= high and low <= found[1]
