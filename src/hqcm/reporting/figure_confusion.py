"""Fig. 9: which class is taken for which."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import hide_frame, new_figure
from hqcm.reporting.palette import FRACTION_MAP

DARK = 0.55  # row fraction above which the cell is too dark for black text


def count_confusions(table: pd.DataFrame) -> NDArray[np.int64]:
    """Rows actual, columns predicted, classes in the order of their ids.

    Shape:
        - returns: ``(4, 4)``.
    """
    counts = pd.crosstab(table["actual"], table["predicted"])
    return counts.reindex(index=[*CLASS_NAMES], columns=[*CLASS_NAMES], fill_value=0).to_numpy()


def draw_confusions(tables: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a network: counts, and the fraction of the row below.

    Args:
        tables: hybrid and classical -> columns `actual`, `predicted`.
    """
    figure = new_figure(4.0)
    for axes, (role, table) in zip(figure.subplots(1, 2), tables.items(), strict=True):
        _draw_matrix(axes, count_confusions(table))
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
        colour = "white" if fractions[row, column] > DARK else "black"
        count, fraction = f"{counts[row, column]:,}", f"{fractions[row, column]:.2f}"
        axes.text(column, row, count, color=colour, ha="center", va="bottom", fontsize=11)
        axes.text(column, row + 0.06, fraction, color=colour, ha="center", va="top", fontsize=8)
