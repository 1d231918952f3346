"""The Jaccard index of the attention maps against the threshold."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.palette import NETWORK_COLOURS, NETWORK_DASHES, REFERENCE_COLOUR


def draw_thresholds(curves: Mapping[Role, pd.DataFrame], thresholds: Sequence[float]) -> Figure:
    """A line a network, its 95 % interval shaded; upright lines at the thresholds of Table 2.

    Args:
        curves: hybrid and classical -> columns `threshold`, `jaccard`, `low`, `high`.
        thresholds: those of Table 2.
    """
    figure = new_figure(3.4)
    axes = figure.subplots()
    for threshold in thresholds:
        axes.axvline(threshold, color=REFERENCE_COLOUR, linestyle=":", linewidth=1.2)
    for role, curve in curves.items():
        colour, place = NETWORK_COLOURS[role], curve["threshold"]
        axes.fill_between(place, curve["low"], curve["high"], color=colour, alpha=0.18, lw=0)
        axes.plot(
            place, curve["jaccard"], NETWORK_DASHES[role], color=colour, linewidth=1.8, label=role
        )
    axes.set(xlabel="threshold of the attention map", ylabel="Jaccard index, tumour slices")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.legend(loc="lower left")
    return figure
