"""Line charts from data: drawn as SVG on the page, where a reader can read off values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from hqcm.reporting.axis import Axis, new_axis
from hqcm.reporting.formats import NOTHING

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
