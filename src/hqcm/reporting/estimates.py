"""Both networks of the compared pair side by side: beside the paper, or with intervals."""

from collections.abc import Mapping, Sequence
from functools import partial

from hqcm.comparison.comparisons import Comparison, Familiarity
from hqcm.contracts.labels import ROLES, Role
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Table
from hqcm.reporting.numbers import estimate, fraction, printed, signed
from hqcm.reporting.results import Results
from hqcm.results.intervals import Estimate, Interval, ProtocolEstimates

PAPER_AND_HERE = [f"{role}, {who}" for role in ROLES for who in ("paper", "here")]


def show_beside_paper(claims: Claims, quantity: str, ours: Sequence[float]) -> list[str]:
    """What the paper prints of each network, and ours; under the header `PAPER_AND_HERE`."""
    return [
        cell
        for role, value in zip(ROLES, ours, strict=True)
        for cell in (printed(claims.find(role, quantity)), fraction(value, 4))
    ]


def tabulate_estimates(
    results: Results,
    caption: str,
    what: str,
    quantities: Mapping[str, str],
    *,
    values: Mapping[str, Sequence[float | None]] | None = None,
    digits: int = 3,
) -> Table:
    """Both networks and their difference, hybrid minus classical, each with its interval.

    Args:
        results: where the estimates stand.
        caption: of the table.
        what: a row stands for; the head of its first column.
        quantities: what a row says -> the quantity behind it.
        values: what a row says -> values of both networks, shown where there is no interval.
        digits: behind the point.
    """
    value, difference = partial(fraction, digits=digits), partial(signed, digits=digits)
    rows = []
    for says, quantity in quantities.items():
        alone = (values or {}).get(says, [None] * len(ROLES))
        found = [
            find_estimate(results, role, quantity)
            or (None if known is None else Interval(value=known, low=None, high=None))
            for role, known in zip(ROLES, alone, strict=True)
        ]
        gap = estimate(find_difference(results, quantity), difference)
        rows.append([says, *(estimate(each, value) for each in found), gap])
    return Table(caption, [what, *ROLES, "difference"], rows)


def estimates_of(results: Results, protocol: str | None = None) -> ProtocolEstimates:
    """The estimates of a protocol, the first one if none is named; empty where there are none."""
    nothing = ProtocolEstimates(networks={}, differences={})
    return results.estimates.get(protocol or results.study.protocols[0], nothing)


def find_estimate(results: Results, role: Role, quantity: str) -> Estimate | None:
    """Of the compared pair under the first protocol; None where there is none."""
    return estimates_of(results).networks.get(results.variant(role), {}).get(quantity)


def find_difference(results: Results, quantity: str) -> Estimate | None:
    """Hybrid minus classical under the first protocol; None where there is none."""
    return estimates_of(results).differences.get(quantity)


def difference_of(row: Comparison | Familiarity) -> Interval:
    """The difference that the stage `compare` has found."""
    return Interval(value=row.difference, low=row.low, high=row.high)
