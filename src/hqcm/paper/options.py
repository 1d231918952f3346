"""Every count that a printed line allows, and what the rest of a table demands of their sums.

Of each class one option is taken. All other numbers of the table (test size, averages, accuracy)
are then sums over the classes, and their printed digits are limits of these sums.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from hqcm.paper.entries import Printed
from hqcm.paper.margins import class_counts
from hqcm.paper.score_table import Scores, ScoreTable

Total = Literal["averages", "accuracy"]
"""What may be asked for beyond the lines of the classes."""


class Demand(NamedTuple):
    """What each option adds to a sum, and the limits of the sum."""

    addends: pd.Series
    low: float
    high: float


def list_options(tables: Sequence[ScoreTable], near: Sequence[int], n_away: int) -> pd.DataFrame:
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


def list_demands(
    options: pd.DataFrame, tables: Sequence[ScoreTable], n: int, asked: Collection[Total]
) -> Iterator[Demand]:
    """What makes the options taken confusion matrices of the same n slices, one a table."""
    for index, table in enumerate(tables):
        is_mine = options["table"] == index
        mine = options.where(is_mine, 0)
        yield Demand(mine["support"], n, n)
        yield Demand(mine["predicted"], n, n)
        for label in range(len(table.rows)):
            is_label = options["label"] == label
            own = mine.where(is_label, 0)
            others = options.where(is_label & (options["table"] == 0), 0)
            yield Demand(is_mine & is_label, 1, 1)
            yield Demand(own["support"] - others["support"], 0, 0)
            # See `hqcm.paper.margins.is_realisable`.
            lost_and_gained = own["support"] + own["predicted"] - 2 * own["correct"]
            yield Demand(lost_and_gained + mine["correct"], -np.inf, n)
        yield from _demand_totals(mine, table, n, asked)


def _demand_totals(
    mine: pd.DataFrame, table: ScoreTable, n: int, asked: Collection[Total]
) -> Iterator[Demand]:
    """What the lines below those of the classes demand."""
    for score, macro, weighted in zip(Scores._fields, table.macro, table.weighted, strict=True):
        if "averages" in asked:
            yield _demand_mean(mine[score], macro, len(table.rows))
            yield _demand_mean(mine[score] * mine["support"], weighted, n)
    if "accuracy" in asked:
        yield _demand_mean(mine["correct"], table.accuracy, n)


def _demand_mean(addends: pd.Series, printed: Printed, divisor: int) -> Demand:
    low, high = printed.bounds
    return Demand(addends, float(low * divisor), float(high * divisor))
