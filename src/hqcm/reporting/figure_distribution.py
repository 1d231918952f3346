"""Fig. 5: how many slices each class has, and from which source."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.slices import SOURCES
from hqcm.reporting.counts import count_classes
from hqcm.reporting.drawing import new_figure
from hqcm.reporting.formats import percent
from hqcm.reporting.palette import CLASS_COLOURS

HATCHES = dict(zip(SOURCES, ("", "///", "..."), strict=True))


def draw_distribution(index: pd.DataFrame) -> Figure:
    """Pie of the classes on the left, bars by class and source on the right."""
    counts = count_classes(index["label"], index["source"], SOURCES)
    figure = new_figure(3.3)
    pie, bars = figure.subplots(1, 2, width_ratios=[1, 1.5])
    _draw_pie(pie, np.sum([*counts.values()], axis=0))
    _draw_bars(bars, counts)
    return figure


def _draw_pie(axes: Axes, totals: Sequence[int]) -> None:
    shown = {name: n for name, n in zip(CLASS_NAMES, totals, strict=True) if n}
    axes.pie(
        [*shown.values()],
        labels=[f"{name}\n{percent(n / sum(totals))}" for name, n in shown.items()],
        colors=[CLASS_COLOURS[name] for name in shown],
        startangle=90,
        counterclock=False,
        wedgeprops={"edgecolor": "white", "linewidth": 1.5},
    )


def _draw_bars(axes: Axes, counts: Mapping[str, Sequence[int]]) -> None:
    top = np.zeros(len(CLASS_NAMES), np.int64)
    for source, row in counts.items():
        axes.bar(
            [*CLASS_NAMES],
            row,
            bottom=top,
            color=[*CLASS_COLOURS.values()],
            hatch=HATCHES[source],
            edgecolor="white",
            width=0.7,
        )
        top = top + row
        if any(row):
            axes.bar(0, 0, color="#8C8C8C", edgecolor="white", hatch=HATCHES[source], label=source)
    for position, total in enumerate(top):
        axes.text(position, total + 0.01 * top.max(), f"{total:,}", ha="center")
    axes.set(ylabel="slices", ylim=(0, top.max() * 1.32))
    axes.grid(visible=False, axis="x")
    axes.legend(title="source", ncols=3, loc="upper center", fontsize=8)
