"""What is left of the hybrid network with finite shots, noisy gates and wrong readings."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.hardware.conditions import HardwareFound, Point
from hqcm.reporting.figures.drawing import NETWORK_COLOURS, REFERENCE_COLOUR, new_figure
from hqcm.results.intervals import Interval

INK = NETWORK_COLOURS["hybrid"]


class Panel(NamedTuple):
    """What varies in one panel."""

    title: str
    x_label: str
    x: list[float]
    points: list[Point]


def list_panels(found: HardwareFound) -> list[Panel]:
    """Shots, gate noise, readout noise."""
    shots, gates, readout = found.shots, found.depolarising, found.readout
    return [
        Panel("finite shots", "shots a circuit", [float(each.shots or 0) for each in shots], shots),
        Panel("noisy gates", "error a gate and wire", [each.depolarising for each in gates], gates),
        Panel("noisy readout", "wrong readings", [each.readout for each in readout], readout),
    ]


def draw_hardware(found: HardwareFound) -> Figure:
    """Accuracy against each, with 95 % intervals; lines at the exact simulation and at chance."""
    panels = list_panels(found)
    figure = new_figure(3.2)
    grid = figure.subplots(1, len(panels), sharey=True)
    for axes, panel in zip(grid, panels, strict=True):
        _draw_references(axes, found)
        _draw_points(axes, panel.x, panel.points)
        axes.set_title(panel.title)
        axes.set_xlabel(panel.x_label)
    grid[0].set(ylabel="accuracy, test slices", ylim=(0, 1.02))
    grid[0].legend(loc="lower left", fontsize=8)
    return figure


def _draw_references(axes: Axes, found: HardwareFound) -> None:
    low, high = bounds(found.exact)
    axes.axhspan(low, high, color=REFERENCE_COLOUR, alpha=0.15, lw=0)
    axes.axhline(found.exact.value, color="black", linewidth=1, label="exact simulation")
    axes.axhline(found.constant, color=REFERENCE_COLOUR, linestyle=":", label="one class for all")


def _draw_points(axes: Axes, x: Sequence[float], points: Sequence[Point]) -> None:
    values = [each.accuracy.value for each in points]
    low, high = zip(*(bounds(each.accuracy) for each in points), strict=True)
    axes.fill_between(x, low, high, color=INK, alpha=0.18, lw=0)
    axes.plot(x, values, color=INK, marker="o", markersize=4, linewidth=1.8, label="hybrid")
    axes.set_xscale("log")
    axes.set_xticks(x, [f"{value:,g}" if value < 1 else f"{value:,.0f}" for value in x], fontsize=8)
    axes.minorticks_off()


def bounds(score: Interval) -> tuple[float, float]:
    """The interval, or the value twice where there is none."""
    if score.low is None or score.high is None:
        return score.value, score.value
    return score.low, score.high
