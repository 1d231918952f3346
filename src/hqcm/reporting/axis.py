"""An axis of a chart: from values to places, and where its ticks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from matplotlib.ticker import LogLocator, MaxNLocator

MARGIN = 0.03  # of the range, so that a line does not touch the frame
N_INTERVALS = 5  # as many as fit on a phone
DECADES_WITH_STEPS = 2.5  # up to here, 1, 2 and 5 of each decade are labelled


@dataclass(frozen=True)
class Axis:
    """From `low` at `start` to `high` at `end`, straight or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool

    def place(self, value: float) -> float:
        """Where a value stands."""
        fraction = (self._scaled(value) - self._scaled(self.low)) / self._span
        return self.start + fraction * (self.end - self.start)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Place and label of each."""
        inside = [value for value in self._candidates() if self.low <= value <= self.high]
        return [(self.place(value), f"{value:g}") for value in inside]

    @property
    def data(self) -> dict[str, Any]:
        """What the script needs."""
        return {
            "low": self.low,
            "high": self.high,
            "start": self.start,
            "end": self.end,
            "isLog": self.is_log,
        }

    @property
    def _span(self) -> float:
        return self._scaled(self.high) - self._scaled(self.low)

    def _scaled(self, value: float) -> float:
        return log10(value) if self.is_log else value

    def _candidates(self) -> list[float]:
        if self.is_log:
            subs = (1, 2, 5) if self._span < DECADES_WITH_STEPS else (1,)
            ticks = LogLocator(subs=subs).tick_values(self.low, self.high)
        else:
            ticks = MaxNLocator(N_INTERVALS, steps=[1, 2, 2.5, 5, 10]).tick_values(
                self.low, self.high
            )
        return [float(f"{tick:.10g}") for tick in ticks]


def new_axis(
    values: Sequence[float],
    bounds: tuple[float, float] | None,
    places: tuple[float, float],
    *,
    is_log: bool = False,
) -> Axis:
    """An axis over `bounds`, or over the values with a margin.

    Raises:
        ValueError: a logarithmic axis is asked to show zero or less.
    """
    low, high = bounds or (min(values), max(values))
    if is_log and low <= 0:
        raise ValueError(f"a logarithmic axis must show values above 0; got {low}")
    if bounds is None and is_log:
        factor = (high / low) ** MARGIN if high > low else 2
        low, high = low / factor, high * factor
    elif bounds is None:
        margin = (high - low) * MARGIN or 0.5
        low, high = low - margin, high + margin
    return Axis(low, high, *places, is_log=is_log)
