"""The forest plot of cross-validation: the first network minus each other one."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hqcm.cross_validation.verdicts import Row
from hqcm.reporting.figures.drawing import NETWORK_COLOURS

_MARGIN_COLOUR = "#EFEFEF"
_FILLS = ("full", "none")


def draw_folds(
    series: Mapping[str, Sequence[Row]], names: Mapping[str, str], margin: float
) -> Figure:
    """One axis of points, a line a comparison, a mark a series (for instance heads alone).

    Args:
        series: its name -> rows, at most two series.
        names: what a network is called.
        margin: fraction, drawn as a band.
    """
    seconds = list(dict.fromkeys(row.second for rows in series.values() for row in rows))
    reach = max(100 * max(abs(row.low), abs(row.high)) for rows in series.values() for row in rows)
    reach = 1.05 * max(reach, 150 * margin)
    figure = Figure(figsize=(4.0, 0.9 + 0.66 * len(seconds)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(-100 * margin, 100 * margin, color=_MARGIN_COLOUR, zorder=0)
    axes.axvline(0, color="black", linewidth=0.8)
    for place, second in enumerate(seconds):
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        says = f"minus {names.get(second, second)}"
        axes.text(-reach, place - 0.3, says, fontsize=10, bbox=paper)
    for shift, fill, rows in zip((0.0, 0.25), _FILLS, series.values(), strict=False):
        for row in rows:
            is_quantum = "quantum" in names.get(row.second, "")
            ink = NETWORK_COLOURS["hybrid" if is_quantum else "classical"]
            y = seconds.index(row.second) + shift
            axes.plot([100 * row.low, 100 * row.high], [y, y], color=ink, linewidth=1.8)
            inside = ink if fill == "full" else "white"
            axes.plot(100 * row.difference, y, "o", color=ink, markerfacecolor=inside, markersize=6)
    axes.set(xlim=(-reach, reach), ylim=(len(seconds) - 0.4, -0.6), yticks=())
    axes.set_xlabel("difference in accuracy, points", fontsize=10)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    if len(series) > 1:
        handles = [
            Line2D([], [], marker="o", color="black", markerfacecolor=face, label=says)
            for face, says in zip(("black", "white"), series, strict=False)
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=2, fontsize=10)
    return figure
