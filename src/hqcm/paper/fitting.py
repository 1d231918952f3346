"""Whole-number counts behind printed tables when the supports are not known."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from hqcm.paper.counts import Margins, ScoreTable, Total, list_demands, list_options

INFEASIBLE = 2
"""`milp`'s status where it has proved that there is no solution."""

FIRST_REACH = 16
"""Slices that a class may first gain or lose in the search; then twice as many, and so on."""


class Fit(NamedTuple):
    """Margins behind each table, with the same supports, and how far these are from the start."""

    margins: list[Margins]
    n_moved: int


def fit_tables(
    tables: Sequence[ScoreTable], near: Sequence[int], asked: Collection[Total]
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
    n, reach = sum(near), FIRST_REACH
    while True:
        options = list_options(tables, near, reach)
        gained = (options["support"] - options["label"].map(dict(enumerate(near)))).clip(lower=0)
        taken = take_options(options, tables, n, asked, gained.where(options["table"] == 0, 0))
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
    options = list_options([table], near, reach)
    ends = [
        take_options(options, [table], sum(near), ["averages"], sign * options["correct"])
        for sign in (1, -1)
    ]
    fewest, most = (None if taken is None else int(taken["correct"].sum()) for taken in ends)
    return None if fewest is None or most is None else (fewest, most)


def take_options(
    options: pd.DataFrame,
    tables: Sequence[ScoreTable],
    n: int,
    asked: Collection[Total],
    cost: pd.Series,
) -> pd.DataFrame | None:
    """The cheapest options that meet every demand, one a class; None where there are none.

    Raises:
        RuntimeError: the search ended without an answer.
    """
    if options.empty:
        return None
    addends, low, high = zip(*list_demands(options, tables, n, asked), strict=True)
    result = milp(
        cost,
        constraints=LinearConstraint(np.array(addends, dtype=float), low, high),
        integrality=np.ones(len(options)),
        bounds=Bounds(0, 1),
        # One option of each class: nothing to presolve, and it takes longer than it saves.
        options={"presolve": False},
    )
    if result.status == INFEASIBLE:
        return None
    if result.x is None:
        raise RuntimeError(f"counts must be found or excluded; got {result.message}")
    return options[result.x > 1 / 2]


def _read_margins(taken: pd.DataFrame) -> list[Margins]:
    """The options taken, in the order of tables and labels."""
    return [
        Margins(*(tuple(of_table[name].tolist()) for name in Margins._fields))
        for _, of_table in taken.sort_values("label").groupby("table")
    ]
