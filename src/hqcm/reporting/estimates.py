"""Numbers with their intervals, side by side for both networks."""

from collections.abc import Iterable
from typing import NamedTuple

from hqcm.reporting.document import Table
from hqcm.reporting.numbers import NOTHING
from hqcm.reporting.pair import ROLES, Role
from hqcm.reporting.results import Results
from hqcm.results.intervals import Estimate, ProtocolEstimates

DIGITS = 3


class Row(NamedTuple):
    """A line of a table: what it says, and the quantity behind it.

    `values` are shown where there is no interval.
    """

    says: str
    quantity: str
    values: tuple[float | None, ...] = (None, None)


def tabulate_estimates(
    results: Results, caption: str, what: str, rows: Iterable[Row], digits: int = DIGITS
) -> Table:
    """Both networks and their difference, hybrid minus classical, each with its interval."""
    cells = [
        [
            row.says,
            *(
                show(find_estimate(results, role, row.quantity), digits, value)
                for role, value in zip(ROLES, row.values, strict=True)
            ),
            show_difference(find_difference(results, row.quantity), digits),
        ]
        for row in rows
    ]
    return Table(caption, [what, *ROLES, "difference"], cells)


def find_estimate(results: Results, role: Role, quantity: str) -> Estimate | None:
    """Of the compared pair under the first protocol; None where there is none."""
    return _first_protocol(results).networks.get(results.variant(role), {}).get(quantity)


def find_difference(results: Results, quantity: str) -> Estimate | None:
    """Hybrid minus classical under the first protocol; None where there is none."""
    return _first_protocol(results).differences.get(quantity)


def show(estimate: Estimate | None, digits: int = DIGITS, value: float | None = None) -> str:
    """0.944 (0.875 to 1.000); the value alone with a dash for the interval, or a dash."""
    if estimate is not None:
        low, high = estimate.bounds
        return f"{estimate.value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
    return NOTHING if value is None else f"{value:.{digits}f} ({NOTHING})"


def show_difference(estimate: Estimate | None, digits: int = DIGITS) -> str:
    """+0.150 (-0.010 to +0.227), or a dash."""
    if estimate is None:
        return NOTHING
    low, high = estimate.bounds
    return f"{estimate.value:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def _first_protocol(results: Results) -> ProtocolEstimates:
    nothing = ProtocolEstimates(networks={}, differences={})
    return results.estimates.get(results.study.protocols[0], nothing)
