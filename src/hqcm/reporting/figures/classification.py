"""What the classifier sees and says of the test slices.

Fig. 8 (the features before it, in the plane of t-SNE), Fig. 9 (which class is taken for which),
ROC curves, and reliability diagrams: is a network as sure as it is right?
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES, Role
from hqcm.evaluation.calibration import N_BINS
from hqcm.reporting.figures.drawing import (
    CLASS_COLOURS,
    CLASS_MARKERS,
    FRACTION_MAP,
    NETWORK_COLOURS,
    NETWORK_DASHES,
    REFERENCE_COLOUR,
    hide_frame,
    new_figure,
)

_LAYERS = {"hybrid": "quantum processing layer", "classical": "fully connected layer"}
_DARK = 0.55  # row fraction above which the cell is too dark for black text
_TICKS = (0, 0.5, 1)
_MARGIN = 0.03  # of the axes, so that a curve along the frame is seen
_SMALLEST, _LARGEST = 14, 130  # area of the dot of an empty and of the fullest bin, square points


def draw_planes(planes: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a network, a colour and a marker a class; the axes have no unit.

    Args:
        planes: hybrid and classical -> columns `label`, `x`, `y`.
    """
    figure = new_figure(4.1)
    panels = figure.subplots(1, 2)
    edge = {"edgecolors": "white", "linewidths": 0.4}
    for axes, (role, plane) in zip(panels, planes.items(), strict=True):
        for name, colour in CLASS_COLOURS.items():
            x, y = plane.loc[plane["label"] == name, ["x", "y"]].to_numpy().T
            axes.scatter(x, y, 16, colour, marker=CLASS_MARKERS[name], label=name, **edge)
        axes.set(title=f"{role}: {_LAYERS[role]}", xticks=[], yticks=[], aspect="equal")
        axes.set_adjustable("datalim")
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color("#BBBBBB")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _count_confusions(table: pd.DataFrame) -> NDArray[np.int64]:
    """Rows actual, columns predicted, classes in the order of their ids."""
    counts = pd.crosstab(table["actual"], table["predicted"])
    return counts.reindex(index=[*CLASS_NAMES], columns=[*CLASS_NAMES], fill_value=0).to_numpy()


def draw_confusions(confusions: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a network: counts, and the fraction of the row below.

    Args:
        confusions: hybrid and classical -> columns `actual`, `predicted`.
    """
    figure = new_figure(4.0)
    for axes, (role, table) in zip(figure.subplots(1, 2), confusions.items(), strict=True):
        _draw_matrix(axes, _count_confusions(table))
        axes.set(title=role, xlabel="predicted", ylabel="actual" if role == "hybrid" else "")
    return figure


def _draw_matrix(axes: Axes, counts: NDArray[np.int64]) -> None:
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(fractions, cmap=FRACTION_MAP, vmin=0, vmax=1)
    hide_frame(axes)
    places = range(N_CLASSES)
    axes.set_xticks(places, CLASS_NAMES, rotation=20)
    axes.set_yticks(places, CLASS_NAMES)
    axes.tick_params(length=0)
    for row, column in np.ndindex(*counts.shape):
        colour = "#FEFEFE" if fractions[row, column] > _DARK else "#111111"
        count, fraction = f"{counts[row, column]:,}", f"{fractions[row, column]:.2f}"
        axes.text(column, row, count, color=colour, ha="center", va="bottom", fontsize=11)
        axes.text(column, row + 0.06, fraction, color=colour, ha="center", va="top", fontsize=8)


def draw_rocs(roc: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a class; a class that has no curve leaves its panel to the diagonal.

    Args:
        roc: hybrid and classical -> columns `class`, `false_positive_rate`,
            `true_positive_rate`.
    """
    figure = new_figure(2.7)
    panels = figure.subplots(1, len(CLASS_NAMES), sharey=True)
    for axes, name in zip(panels, CLASS_NAMES, strict=True):
        _draw_class(axes, {role: curve[curve["class"] == name] for role, curve in roc.items()})
        axes.set(title=name, xlabel="false positive rate")
    panels[0].set_ylabel("true positive rate")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_class(axes: Axes, curves: Mapping[Role, pd.DataFrame]) -> None:
    axes.plot([0, 1], [0, 1], ":", color=REFERENCE_COLOUR, linewidth=1, label="chance")
    for role, curve in curves.items():
        x, y = curve["false_positive_rate"], curve["true_positive_rate"]
        ink = NETWORK_COLOURS[role]
        axes.plot(x, y, NETWORK_DASHES[role], color=ink, linewidth=1.6, label=role)
    axes.set(xlim=(-_MARGIN, 1 + _MARGIN), ylim=(-_MARGIN, 1 + _MARGIN), aspect="equal")
    axes.set(xticks=_TICKS, yticks=_TICKS)


def draw_reliability(reliabilities: Mapping[Role, pd.DataFrame]) -> Figure:
    """A column a network: accuracy against confidence, and below how many slices a bin holds.

    Args:
        reliabilities: hybrid and classical -> columns `bin`, `confidence`, `accuracy`, `n`.
    """
    figure = new_figure(4.3)
    grid = figure.subplots(2, len(reliabilities), sharex=True, sharey="row", height_ratios=(3, 1))
    for (diagram, counts), (role, table) in zip(grid.T, reliabilities.items(), strict=True):
        _draw_diagram(diagram, table, NETWORK_COLOURS[role])
        counts.bar(table["bin"], table["n"], width=0.9 / N_BINS, color=NETWORK_COLOURS[role])
        diagram.set_title(role)
        counts.set_xlabel("confidence, the largest probability")
    grid[0, 0].set_ylabel("accuracy, fraction of slices")
    grid[1, 0].set_ylabel("slices")
    return figure


def _draw_diagram(axes: Axes, table: pd.DataFrame, ink: str) -> None:
    axes.plot([0, 1], [0, 1], ":", color=REFERENCE_COLOUR, linewidth=1.2)
    x, y = table["confidence"], table["accuracy"]
    axes.vlines(x, x, y, ink, linewidth=1)
    areas = _SMALLEST + (_LARGEST - _SMALLEST) * table["n"] / table["n"].max()
    axes.scatter(x, y, areas, ink, edgecolors="white", linewidths=0.6, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1))
