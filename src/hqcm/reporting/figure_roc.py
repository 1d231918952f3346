"""ROC curves, each class against the rest."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.palette import NETWORK_COLOURS, NETWORK_DASHES, REFERENCE_COLOUR

TICKS = (0, 0.5, 1)
MARGIN = 0.03  # of the axes, so that a curve along the frame is seen


def draw_rocs(curves: Mapping[Role, pd.DataFrame]) -> Figure:
    """A panel a class; a class that has no curve leaves its panel to the diagonal.

    Args:
        curves: hybrid and classical -> columns `class`, `false_positive_rate`,
            `true_positive_rate`.
    """
    figure = new_figure(2.7)
    panels = figure.subplots(1, len(CLASS_NAMES), sharey=True)
    for axes, name in zip(panels, CLASS_NAMES, strict=True):
        _draw_class(axes, {role: curve[curve["class"] == name] for role, curve in curves.items()})
        axes.set(title=name, xlabel="false positive rate")
    panels[0].set_ylabel("true positive rate")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_class(axes: Axes, curves: Mapping[Role, pd.DataFrame]) -> None:
    axes.plot([0, 1], [0, 1], ":", color=REFERENCE_COLOUR, linewidth=1, label="chance")
    for role, curve in curves.items():
        axes.plot(
            curve["false_positive_rate"],
            curve["true_positive_rate"],
            NETWORK_DASHES[role],
            color=NETWORK_COLOURS[role],
            linewidth=1.6,
            label=role,
        )
    axes.set(xlim=(-MARGIN, 1 + MARGIN), ylim=(-MARGIN, 1 + MARGIN), aspect="equal")
    axes.set(xticks=TICKS, yticks=TICKS)
