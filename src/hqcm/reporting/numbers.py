"""Numbers as people read them; the data files keep them whole.

The paper's own digits in a table.

How many slices there are of each kind.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hqcm.contracts.labels import N_CLASSES
from hqcm.paper.entries import Printed

NOTHING = "\N{EN DASH}"
SMALLEST_P = 0.0001


def fraction(value: float | None, digits: int = 2) -> str:
    """0.94, or a dash."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """94.2 %, or a dash."""
    return NOTHING if value is None else f"{100 * value:.{digits}f} %"


def interval(bounds: tuple[float, float]) -> str:
    """88.4 to 97.2 %."""
    return f"{100 * bounds[0]:.1f} to {percent(bounds[1])}"


def points(difference: float) -> str:
    """A difference of two fractions: +8.1 points."""
    return f"{100 * difference:+.1f} points"


def points_between(low: float | None, high: float | None) -> str:
    """Bounds of a difference: +1.2 to +8.1 points, or a dash."""
    if low is None or high is None:
        return NOTHING
    return f"{100 * low:+.1f} to {points(high)}"


def signed(value: float) -> str:
    """A difference of two values: +0.081."""
    return f"{value:+.3f}"


def signed_between(low: float | None, high: float | None) -> str:
    """Bounds of such a difference: -0.012 to +0.081, or a dash."""
    return NOTHING if low is None or high is None else f"{signed(low)} to {signed(high)}"


def count(value: int) -> str:
    """7,576."""
    return f"{value:,}"


def p_value(value: float | None) -> str:
    """0.0350, below 0.0001, or a dash where every pair ties."""
    if value is None:
        return NOTHING
    return f"< {SMALLEST_P}" if value < SMALLEST_P else f"{value:.4f}"


def parameter_value(value: Any) -> str:  # noqa: ANN401  (numbers, texts and switches)
    """As `params.yaml` has it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def printed(claim: Printed | None) -> str:
    """As printed, or a dash where the paper prints nothing."""
    return NOTHING if claim is None else claim.printed


def count_classes(
    labels: "pd.Series[int]", by: "pd.Series[str]", rows: Sequence[str]
) -> dict[str, list[int]]:
    """Slices of each class, in the order of the labels, for each of the `rows` of `by`."""
    counts = pd.crosstab(by, labels).reindex(index=[*rows], columns=range(N_CLASSES), fill_value=0)
    return {str(name): [int(n) for n in row] for name, row in counts.iterrows()}
