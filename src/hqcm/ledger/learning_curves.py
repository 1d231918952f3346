"""A number found here, with its interval where it has one.

Learning curves: where they start and end, and which of two is ahead.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from hqcm.paper.claims import Convergence, Throughout
from hqcm.results.intervals import Estimate

CONFIDENCE = 0.95
MIN_RUNS = 3
"""Two runs leave one degree of freedom: an interval twelve standard errors wide to each side."""

Unit = Literal["slices", "runs", "pairs"]


class Measured(NamedTuple):
    """A value, its 95 % interval, and how many of what it rests on."""

    value: float
    bounds: tuple[float, float] | None
    n: int
    unit: Unit

    def show(self, digits: int) -> str:
        """0.97 (0.92 to 1.00)."""
        if self.bounds is None:
            return show(self.value, digits)
        return f"{show(self.value, digits)} ({show_range(*self.bounds, digits)})"

    @property
    def without_interval(self) -> str:
        """Why there is none."""
        return f"{self.n:,} {self.unit.removesuffix('s') if self.n == 1 else self.unit}"


def from_estimate(estimate: Estimate) -> Measured:
    """Bootstrapped over groups of test slices."""
    return Measured(estimate.value, estimate.bounds, estimate.n, "slices")


def over_runs(values: Sequence[float]) -> Measured:
    """Mean over runs of different seeds, with Student's interval from three runs on.

    Raises:
        ValueError: there is no run.
    """
    if not values:
        raise ValueError("a mean over runs must have one run at least; got none")
    mean = float(np.mean(values))
    if len(values) < MIN_RUNS:
        return Measured(mean, None, len(values), "runs")
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to load; most studies have few runs)

    error = float(np.std(values, ddof=1)) / len(values) ** 0.5
    reach = float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2)) * error
    return Measured(mean, (mean - reach, mean + reach), len(values), "runs")


def show(value: float, digits: int) -> str:
    """0.9683; a whole number with its thousands apart."""
    return f"{value:,.{digits}f}"


def show_range(low: float, high: float, digits: int) -> str:
    """0.9206 to 1.0000."""
    return f"{show(low, digits)} to {show(high, digits)}"


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
