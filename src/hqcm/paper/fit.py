"""Whole-number counts behind printed tables when the supports are not known.

Of each class one option is taken, a count that its printed line allows. All other numbers of the
table (test size, averages, accuracy) are then sums over the classes, and their printed digits are
limits of these sums: an integer programme.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from hqcm.paper.counts import Margins, Scores, ScoreTable, class_counts
from hqcm.paper.entries import Printed

_INFEASIBLE = 2
"""`milp`'s status where it has proved that there is no solution."""

_FIRST_REACH = 16
"""Slices that a class may first gain or lose in the search; then twice as many, and so on."""

_Total = Literal["averages", "accuracy"]
"""What may be asked for beyond the lines of the classes."""
_Demand = tuple[pd.Series, float, float]
"""What each option adds to a sum, and the limits of the sum."""


class Fit(NamedTuple):
    """Margins behind each table, with the same supports, and how far these are from the start."""

    margins: list[Margins]
    n_moved: int


def fit_tables(
    tables: Sequence[ScoreTable], near: Sequence[int], asked: Collection[_Total]
) -> Fit | None:
    """Find a confusion matrix behind each table, of the same slices.

    Of all supports that serve, those for which the fewest slices of `near` change class.

    Args:
        tables: one or more.
        near: supports where the search starts; their sum is the number of slices.
        asked: what must print as given, beyond the lines of the classes.

    Returns:
        The counts, or None where there are none.

    Raises:
        RuntimeError: the search ended without an answer.
    """
    n, reach = sum(near), _FIRST_REACH
    while True:
        options = _list_options(tables, near, reach)
        gained = (options["support"] - options["label"].map(dict(enumerate(near)))).clip(lower=0)
        taken = _take_options(options, tables, n, asked, gained.where(options["table"] == 0, 0))
        n_moved = n if taken is None else int(gained[taken.index][taken["table"] == 0].sum())
        # Whoever moves no more than that gains no more in any class: nothing nearer was missed.
        if n_moved <= reach or reach >= n:
            return None if taken is None else Fit(_read_margins(taken), n_moved)
        reach *= 2


def correct_limits(table: ScoreTable, near: Sequence[int], reach: int) -> tuple[int, int] | None:
    """Fewest and most correct slices for which the lines of the classes and the averages print.

    Args:
        table: scores of one network.
        near: supports in the middle of those looked at.
        reach: slices by which each support may differ from that.

    Returns:
        The counts, or None where there are none.

    Raises:
        RuntimeError: the search ended without an answer.
    """
    options = _list_options([table], near, reach)
    limits = []
    for cost in (options["correct"], -options["correct"]):
        taken = _take_options(options, [table], sum(near), ["averages"], cost)
        if taken is None:
            return None
        limits.append(int(taken["correct"].sum()))
    return limits[0], limits[1]


def _take_options(
    options: pd.DataFrame,
    tables: Sequence[ScoreTable],
    n: int,
    asked: Collection[_Total],
    cost: pd.Series,
) -> pd.DataFrame | None:
    """The cheapest options that meet every demand, one a class; None where there are none."""
    if options.empty:
        return None
    addends, low, high = zip(*_list_demands(options, tables, n, asked), strict=True)
    result = milp(
        cost,
        constraints=LinearConstraint(np.array(addends, dtype=float), low, high),
        integrality=np.ones(len(options)),
        bounds=Bounds(0, 1),
        # One option of each class: nothing to presolve, and it takes longer than it saves.
        options={"presolve": False},
    )
    if result.status == _INFEASIBLE:
        return None
    if result.x is None:
        raise RuntimeError(f"counts must be found or excluded; got {result.message}")
    return options[result.x > 1 / 2]


def _list_options(tables: Sequence[ScoreTable], near: Sequence[int], n_away: int) -> pd.DataFrame:
    """The options of each class of each table, supports up to `n_away` slices off `near`.

    Returns:
        Columns ``table, label, support, correct, predicted, precision, recall, f1``.
    """
    n = sum(near)
    counts = [
        (table, label, support, correct, predicted)
        for table, printed in enumerate(tables)
        for label, (scores, start) in enumerate(zip(printed.rows, near, strict=True))
        for support in range(max(1, start - n_away), min(n, start + n_away) + 1)
        for correct, predicted in class_counts(scores, support, n)
    ]
    options = pd.DataFrame(counts, columns=["table", "label", "support", "correct", "predicted"])
    return options.assign(
        precision=options["correct"] / options["predicted"],
        recall=options["correct"] / options["support"],
        f1=2 * options["correct"] / (options["support"] + options["predicted"]),
    )


def _list_demands(
    options: pd.DataFrame, tables: Sequence[ScoreTable], n: int, asked: Collection[_Total]
) -> Iterator[_Demand]:
    """What makes the options taken confusion matrices of the same n slices, one a table."""
    for index, table in enumerate(tables):
        is_mine = options["table"] == index
        mine = options.where(is_mine, 0)
        yield mine["support"], n, n
        yield mine["predicted"], n, n
        for label in range(len(table.rows)):
            is_label = options["label"] == label
            own = mine.where(is_label, 0)
            others = options.where(is_label & (options["table"] == 0), 0)
            yield is_mine & is_label, 1, 1
            yield own["support"] - others["support"], 0, 0
            # See `hqcm.paper.counts._is_realisable`.
            lost_and_gained = own["support"] + own["predicted"] - 2 * own["correct"]
            yield lost_and_gained + mine["correct"], -np.inf, n
        yield from _demand_totals(mine, table, n, asked)


def _demand_totals(
    mine: pd.DataFrame, table: ScoreTable, n: int, asked: Collection[_Total]
) -> Iterator[_Demand]:
    for score, macro, weighted in zip(Scores._fields, table.macro, table.weighted, strict=True):
        if "averages" in asked:
            yield _demand_mean(mine[score], macro, len(table.rows))
            yield _demand_mean(mine[score] * mine["support"], weighted, n)
    if "accuracy" in asked:
        yield _demand_mean(mine["correct"], table.accuracy, n)


def _demand_mean(addends: pd.Series, printed: Printed, divisor: int) -> _Demand:
    low, high = printed.bounds
    return addends, float(low * divisor), float(high * divisor)


def _read_margins(taken: pd.DataFrame) -> list[Margins]:
    tables = taken.sort_values("label").groupby("table")
    return [Margins(*(tuple(own[name].tolist()) for name in Margins._fields)) for _, own in tables]
