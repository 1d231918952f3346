"""Fig. 7: loss and accuracy while training.

Fig. 8: the features before the classifier, in the plane of t-SNE.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from hqcm.reporting.figures.drawing import CLASS_COLOURS, CLASS_MARKERS, NETWORK_COLOURS, new_figure
from hqcm.reporting.pair import Role

LINES = {"train": "-", "validation": "--"}


def draw_curves(histories: Mapping[Role, Sequence[pd.DataFrame]]) -> Figure:
    """Training solid, validation dashed; one line a seed.

    Args:
        histories: hybrid and classical -> learning curves of its seeds.
    """
    figure = new_figure(3.2)
    loss, accuracy = figure.subplots(1, 2)
    for role, curves in histories.items():
        for seed, curve in enumerate(curves):
            _draw_curve(loss, curve, "loss", role, labelled=seed == 0)
            _draw_curve(accuracy, curve, "accuracy", role, labelled=seed == 0)
    loss.set(ylabel="loss", yscale="log")
    loss.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    loss.yaxis.set_major_formatter("{x:g}")
    loss.yaxis.set_minor_locator(NullLocator())
    accuracy.set(ylabel="accuracy", ylim=(None, 1))
    for axes in (loss, accuracy):
        axes.set(xlabel="epoch", xlim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    accuracy.legend(loc="lower right", fontsize=8)
    return figure


def _draw_curve(axes: Axes, curve: pd.DataFrame, what: str, role: Role, *, labelled: bool) -> None:
    for part, line in LINES.items():
        axes.plot(
            curve["epoch"],
            curve[f"{part}_{what}"],
            line,
            color=NETWORK_COLOURS[role],
            linewidth=1.4,
            label=f"{role}, {part}" if labelled else None,
        )


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
