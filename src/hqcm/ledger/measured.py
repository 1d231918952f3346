"""A number found here, with its interval where it has one."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from hqcm.contracts.estimates import Estimate

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
