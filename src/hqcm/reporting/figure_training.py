"""Fig. 7: loss and accuracy while training."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from hqcm.reporting.compared import Role
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.palette import NETWORK_COLOURS

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
