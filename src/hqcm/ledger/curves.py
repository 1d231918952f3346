"""Learning curves: where they start and end, and which of two is ahead."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from hqcm.ledger.measured import Measured, over_runs
from hqcm.paper.in_words import Convergence, Throughout

ENDS = {"first": 0, "last": -1}


class Curves(NamedTuple):
    """The runs of the compared pair: a curve a seed, a row an epoch, seeds in the same order."""

    hybrid: Sequence[pd.DataFrame]
    classical: Sequence[pd.DataFrame]


def measure_end(curves: Sequence[pd.DataFrame], path: str) -> Measured:
    """A column at the first or the last epoch: ``first/train_loss``.

    Raises:
        ValueError: no such end or no such column.
    """
    end, _, column = path.partition("/")
    if end not in ENDS:
        raise ValueError(f"history must be taken at first or last epoch; got {path}")
    return over_runs([float(curve[_known(curve, column)].iloc[ENDS[end]]) for curve in curves])


def measure_convergence(curves: Curves, criterion: Convergence) -> Measured:
    """Epochs that the hybrid needs, minus those of the classical network of the same seed."""
    return over_runs(
        [
            float(
                _first_reach(one, criterion.column, goal)
                - _first_reach(other, criterion.column, goal)
            )
            for one, other in zip(*curves, strict=True)
            for goal in [_shared_goal(one, other, criterion)]
        ]
    )


def measure_lead(curves: Curves, criterion: Throughout) -> Measured:
    """Share of the epochs both ran in which the hybrid is ahead in every column."""
    return over_runs(
        [_share_ahead(one, other, criterion) for one, other in zip(*curves, strict=True)]
    )


def _shared_goal(one: pd.DataFrame, other: pd.DataFrame, criterion: Convergence) -> float:
    column = criterion.column
    best = min(float(curve[_known(curve, column)].max()) for curve in (one, other))
    return criterion.share_of_best * best


def _first_reach(curve: pd.DataFrame, column: str, goal: float) -> int:
    return int(curve["epoch"][curve[column] >= goal].iloc[0])


def _share_ahead(one: pd.DataFrame, other: pd.DataFrame, criterion: Throughout) -> float:
    n_shared = min(len(one), len(other))
    ahead = [one[_known(one, name)][:n_shared] < other[name][:n_shared] for name in criterion.lower]
    ahead += [
        one[_known(one, name)][:n_shared] > other[name][:n_shared] for name in criterion.higher
    ]
    return float(pd.concat(ahead, axis="columns").all(axis="columns").mean())


def _known(curve: pd.DataFrame, column: str) -> str:
    if column not in curve.columns:
        raise ValueError(f"history must hold {column}; got {', '.join(curve.columns)}")
    return column
