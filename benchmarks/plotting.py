"""Curves of cost against size."""

from pathlib import Path

from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from hqcm.reporting.figures.drawing import (
    CLASS_COLOURS,
    CLASS_MARKERS,
    NETWORK_COLOURS,
    figure_style,
    new_figure,
)
from measurement import Curves

# Ours first in every benchmark, in the colour that the report has for it.
COLOURS = (NETWORK_COLOURS["hybrid"], *CLASS_COLOURS.values(), NETWORK_COLOURS["classical"])
MARKERS = ("v", *CLASS_MARKERS.values(), "x")


def draw(curves: Curves, path: Path) -> None:
    """One line a contestant, to a PNG."""
    with figure_style():
        figure = new_figure(3.8)
        axes = figure.add_subplot()
        for (name, points), colour, marker in zip(
            curves.series.items(), COLOURS, MARKERS, strict=False
        ):
            axes.plot(
                *zip(*points, strict=True), marker=marker, markersize=4, color=colour, label=name
            )
        if curves.is_logarithmic:
            axes.loglog()
        sizes = sorted({size for points in curves.series.values() for size, _ in points})
        axes.xaxis.set_major_locator(FixedLocator(sizes))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set(title=curves.title, xlabel=curves.x_label, ylabel=curves.y_label)
        figure.legend(loc="outside right upper")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
