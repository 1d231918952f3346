"""Both networks side by side: beside the paper, with intervals, along the curves of a figure."""

from collections.abc import Mapping, Sequence
from functools import partial

from hqcm.contracts.labels import ROLES
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Table
from hqcm.reporting.numbers import estimate, fraction, printed, signed
from hqcm.reporting.results import Results
from hqcm.results.intervals import Interval

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
            results.find_estimate(role, quantity)
            or (None if known is None else Interval(value=known, low=None, high=None))
            for role, known in zip(ROLES, alone, strict=True)
        ]
        gap = estimate(results.find_difference(quantity), difference)
        rows.append([says, *(estimate(each, value) for each in found), gap])
    return Table(caption, [what, *ROLES, "difference"], rows)
