"""Reliability diagrams: is a network as sure as it is right?"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.evaluation.calibration import N_BINS
from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.palette import NETWORK_COLOURS, REFERENCE_COLOUR

SMALLEST, LARGEST = 14, 130  # area of the dot of an empty and of the fullest bin, square points


def draw_reliability(tables: Mapping[Role, pd.DataFrame]) -> Figure:
    """A column a network: accuracy against confidence, and below how many slices a bin holds.

    Args:
        tables: hybrid and classical -> columns `bin`, `confidence`, `accuracy`, `n`.
    """
    figure = new_figure(4.3)
    grid = figure.subplots(2, len(tables), sharex=True, sharey="row", height_ratios=(3, 1))
    for (diagram, counts), (role, table) in zip(grid.T, tables.items(), strict=True):
        _draw_diagram(diagram, table, NETWORK_COLOURS[role])
        counts.bar(table["bin"], table["n"], width=0.9 / N_BINS, color=NETWORK_COLOURS[role])
        diagram.set_title(role)
        counts.set_xlabel("confidence, the largest probability")
    grid[0, 0].set_ylabel("accuracy, fraction of slices")
    grid[1, 0].set_ylabel("slices")
    return figure


def _draw_diagram(axes: Axes, table: pd.DataFrame, colour: str) -> None:
    axes.plot([0, 1], [0, 1], ":", color=REFERENCE_COLOUR, linewidth=1.2)
    axes.vlines(table["confidence"], table["confidence"], table["accuracy"], colour, linewidth=1)
    axes.scatter(
        table["confidence"],
        table["accuracy"],
        s=SMALLEST + (LARGEST - SMALLEST) * table["n"] / table["n"].max(),
        color=colour,
        edgecolors="white",
        linewidths=0.6,
        clip_on=False,
        zorder=3,
    )
    axes.set(xlim=(0, 1), ylim=(0, 1))
