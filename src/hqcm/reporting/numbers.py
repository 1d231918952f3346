"""Numbers as people read them; the data files keep them whole.

A value is shown by `fraction`, `percent`, `points`, `signed` or `count`. What has an interval is
shown by `bounds`, `in_cells`, `estimate` or `tell`, which take one of these for the digits.
"""

from collections.abc import Callable
from typing import Any

from hqcm.comparison.comparisons import Comparison, Familiarity
from hqcm.paper.entries import Printed
from hqcm.results.intervals import Interval

NOTHING = "\N{EN DASH}"
TOO_FEW = "too few runs"
"""In place of an interval wider than a difference of scores can be."""
_SMALLEST_P = 0.0001


def fraction(value: float | None, digits: int = 2) -> str:
    """0.94, or a dash."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """94.2 %, or a dash."""
    return NOTHING if value is None else f"{100 * value:.{digits}f} %"


def points(difference: float) -> str:
    """A difference of two fractions: +8.1 points."""
    return f"{100 * difference:+.1f} points"


def signed(difference: float, digits: int = 3) -> str:
    """A difference of two values: +0.081."""
    return f"{difference:+.{digits}f}"


def count(value: float, digits: int = 0) -> str:
    """7,576."""
    return f"{value:,.{digits}f}"


def bounds(found: Interval | None, show: Callable[[float], str] = percent) -> str:
    """88.4 to 97.2 %, the unit once; a dash where there are none."""
    if found is None or found.low is None or found.high is None:
        return NOTHING
    return f"{show(found.low).partition(' ')[0]} to {show(found.high)}"


def in_cells(found: Interval | None, show: Callable[[float], str] = percent) -> tuple[str, str]:
    """91.2 % and 88.4 to 97.2 %, to stand side by side."""
    return show(found.value) if found else NOTHING, bounds(found, show)


def estimate(found: Interval | None, show: Callable[[float], str]) -> str:
    """0.944 (0.875 to 1.000), the bounds a dash where there are none; a dash for nothing."""
    return NOTHING if found is None else f"{show(found.value)} ({bounds(found, show)})"


def tell(found: Interval, show: Callable[[float], str], what: str = "95 % interval ") -> str:
    """91.2 % (95 % interval 88.4 to 97.2 %); the value alone where it has no interval."""
    value = show(found.value)
    return value if found.low is None else f"{value} ({what}{bounds(found, show)})"


def p_value(value: float | None) -> str:
    """0.0350, below 0.0001, or a dash where every pair ties."""
    if value is None:
        return NOTHING
    return f"< {_SMALLEST_P}" if value < _SMALLEST_P else f"{value:.4f}"


def parameter_value(value: Any) -> str:  # noqa: ANN401  (numbers, texts and switches)
    """As `params.yaml` has it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def printed(claim: Printed | None) -> str:
    """As printed, or a dash where the paper prints nothing."""
    return NOTHING if claim is None else claim.printed


def difference_of(row: Comparison | Familiarity) -> Interval:
    """The difference that the stage `compare` has found; no bounds where they bound nothing."""
    low, high = row.possible
    return Interval(value=row.difference, low=low, high=high)


def tell_difference(row: Comparison, show: Callable[[float], str]) -> str:
    """+2.2 points (-2.4 to +6.7), or that there are too few runs for an interval."""
    return f"{show(row.difference)} ({_show_bounds(row, show).removesuffix(' points')})"


def difference_in_cells(row: Comparison, show: Callable[[float], str]) -> tuple[str, str]:
    """+2.2 points and -2.4 to +6.7 points, to stand side by side."""
    return show(row.difference), _show_bounds(row, show)


def _show_bounds(row: Comparison, show: Callable[[float], str]) -> str:
    found = difference_of(row)
    return TOO_FEW if found.low is None and row.low is not None else bounds(found, show)
