"""An axis of a chart: from values to places, and where its ticks stand.

Line charts from data: drawn as SVG on the page, where a reader can read off values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from matplotlib.ticker import LogLocator, MaxNLocator

from hqcm.reporting.numbers import NOTHING

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


SIGNIFICANT = 5
"""Digits that a reader is shown and that the page carries."""


@dataclass(frozen=True)
class Line:
    """Points joined in the order given.

    Args:
        name: stands in the legend once for all lines that share it.
        run: which of the lines of that name, for instance `seed 0`; empty for an only one.
        ink: the colour: hybrid, classical, the name of a class, or quiet (a reference).
        x: ascending.
        band: low and high around each y, shown as a shade.
    """

    name: str
    ink: str
    x: Sequence[float]
    y: Sequence[float]
    run: str = ""
    dashes: str = ""
    band: tuple[Sequence[float], Sequence[float]] | None = None

    def __post_init__(self) -> None:
        for values in (self.y, *(self.band or ())):
            if len(values) != len(self.x):
                raise ValueError(
                    f"line {self.name!r}: must have a y for each of {len(self.x)} x; "
                    f"got {len(values)}"
                )
        if any(after < before for before, after in pairwise(self.x)):
            raise ValueError(f"line {self.name!r}: x must ascend; got {list(self.x)}")


class Frame(NamedTuple):
    """Where the plot lies within the drawing, in its units (pixels at natural size)."""

    width: float = 420
    height: float = 290
    left: float = 50
    right: float = 412
    top: float = 10
    bottom: float = 246


FRAME = Frame()


@dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    is_log: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    frame: ClassVar[Frame] = FRAME

    @property
    def x_axis(self) -> Axis:
        """Left to right."""
        every = [value for line in self.lines for value in line.x]
        return new_axis(every, self.x_range, (FRAME.left, FRAME.right))

    @property
    def y_axis(self) -> Axis:
        """Bottom to top."""
        every = [v for line in self.lines for values in _heights(line) for v in values]
        return new_axis(every, self.y_range, (FRAME.bottom, FRAME.top), is_log=self.is_log)

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Name -> its lines, as the legend lists them."""
        names = dict.fromkeys(line.name for line in self.lines)
        return [(name, [line for line in self.lines if line.name == name]) for name in names]

    def path(self, line: Line) -> str:
        """The line as SVG's `points`."""
        return _points(zip(line.x, line.y, strict=True), self.x_axis, self.y_axis)

    def shade(self, line: Line) -> str:
        """Its band as a closed outline, there and back."""
        low, high = line.band or ((), ())
        there = zip(line.x, high, strict=True)
        back = list(zip(line.x, low, strict=True))[::-1]
        return _points([*there, *back], self.x_axis, self.y_axis)

    @property
    def data(self) -> dict[str, Any]:
        """What the script needs to find values under the pointer."""
        return {
            "x": self.x_axis.data,
            "y": self.y_axis.data,
            "lines": [
                {
                    "name": line.name,
                    "run": line.run,
                    "x": [_short(value) for value in line.x],
                    "y": [_short(value) for value in line.y],
                }
                for line in self.lines
            ],
        }

    @property
    def header(self) -> list[str]:
        """Columns of the table of values."""
        return [self.x_label, *(f"{line.name} {line.run}".strip() for line in self.lines)]

    @property
    def rows(self) -> list[list[str]]:
        """Every x of any line, with a dash where a line has no such point."""
        known = [dict(zip(line.x, line.y, strict=True)) for line in self.lines]
        every = sorted({x for line in known for x in line})
        return [[f"{x:g}", *(_cell(line.get(x)) for line in known)] for x in every]


@dataclass(frozen=True)
class Chart:
    """Panels side by side; where no page can be, the same as a picture."""

    file: Path
    caption: str
    alt: str
    panels: Sequence[Panel]
    kind: ClassVar[str] = "chart"


def _heights(line: Line) -> Iterator[Sequence[float]]:
    yield from (line.y, *(line.band or ()))


def _points(points: Any, x: Axis, y: Axis) -> str:  # noqa: ANN401  (pairs from any iterable)
    return " ".join(f"{x.place(h):.1f},{y.place(v):.1f}" for h, v in points)


def _short(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")


def _cell(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4g}"
