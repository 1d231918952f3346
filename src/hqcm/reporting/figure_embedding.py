"""Fig. 8: the features before the classifier, in the plane of t-SNE."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.palette import CLASS_COLOURS, CLASS_MARKERS

LAYERS = {"hybrid": "quantum processing layer", "classical": "fully connected layer"}


def draw_planes(planes: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a network, a colour and a marker a class; the axes have no unit.

    Args:
        planes: hybrid and classical -> columns `label`, `x`, `y`.
    """
    figure = new_figure(4.1)
    panels = figure.subplots(1, 2)
    for axes, (role, plane) in zip(panels, planes.items(), strict=True):
        for name, colour in CLASS_COLOURS.items():
            points = plane[plane["label"] == name]
            axes.scatter(
                points["x"],
                points["y"],
                s=16,
                color=colour,
                marker=CLASS_MARKERS[name],
                edgecolors="white",
                linewidths=0.4,
                label=name,
            )
        axes.set(title=f"{role}: {LAYERS[role]}", xticks=[], yticks=[], aspect="equal")
        axes.set_adjustable("datalim")
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color("#BBBBBB")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure
