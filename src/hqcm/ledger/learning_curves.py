"""Learning curves: where they start and end, and which of two is ahead; means over runs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from hqcm.ledger.rules import Measured
from hqcm.paper.claims import Convergence, Throughout

_CONFIDENCE = 0.95
_MIN_RUNS = 3
"""Two runs leave one degree of freedom: an interval twelve standard errors wide to each side."""

_ENDS = {"first": 0, "last": -1}


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
    if end not in _ENDS:
        raise ValueError(f"history must be taken at first or last epoch; got {path}")
    return _over_runs([float(_column(curve, column).iloc[_ENDS[end]]) for curve in curves])


def measure_convergence(curves: Curves, criterion: Convergence) -> Measured:
    """Epochs that the hybrid needs, minus those of the classical network of the same seed."""
    differences = []
    for pair in zip(*curves, strict=True):
        columns = [_column(curve, criterion.column) for curve in pair]
        goal = criterion.bound * min(float(column.max()) for column in columns)
        reached = [c["epoch"][v >= goal].iloc[0] for c, v in zip(pair, columns, strict=True)]
        differences.append(float(reached[0] - reached[1]))
    return _over_runs(differences)


def measure_lead(curves: Curves, criterion: Throughout) -> Measured:
    """Share of the epochs both ran in which the hybrid is ahead in every column."""
    shares = []
    for one, other in zip(*curves, strict=True):
        n = min(len(one), len(other))
        ahead = [_column(one, c)[:n] < _column(other, c)[:n] for c in criterion.lower]
        ahead += [_column(one, c)[:n] > _column(other, c)[:n] for c in criterion.higher]
        shares.append(float(pd.concat(ahead, axis="columns").all(axis="columns").mean()))
    return _over_runs(shares)


def _over_runs(values: Sequence[float]) -> Measured:
    """Mean over runs of different seeds, with Student's interval from three runs on."""
    n = len(values)
    if not n:
        raise ValueError("a mean over runs must have one run at least; got none")
    mean = float(np.mean(values))
    if n < _MIN_RUNS:
        return Measured(value=mean, low=None, high=None, n=n, unit="runs")
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to load; most studies have few runs)

    error = float(np.std(values, ddof=1)) / n**0.5
    reach = float(stdtrit(n - 1, (1 + _CONFIDENCE) / 2)) * error
    return Measured(value=mean, low=mean - reach, high=mean + reach, n=n, unit="runs")


def _column(curve: pd.DataFrame, name: str) -> "pd.Series[float]":
    if name not in curve.columns:
        raise ValueError(f"history must hold {name}; got {', '.join(curve.columns)}")
    return curve[name]
