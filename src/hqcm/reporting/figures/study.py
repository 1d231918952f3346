"""Is it the quantum layer: every difference with its interval."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hqcm.comparison.comparisons import Comparison, Comparisons, Question, Setting
from hqcm.reporting.figures.drawing import NETWORK_COLOURS, new_figure

PUBLISHED: Final[Setting] = "published"
SHIFTS: Final[dict[Setting, float]] = {"published": -0.14, "best": 0.14}  # of a row's height
NAMES: Final[dict[Setting, str]] = {
    "published": "published learning rate",
    "best": "each at the best one tried for it",
}
MARGIN_COLOUR = "#EFEFEF"


class Panel(NamedTuple):
    """Which differences stand in one panel."""

    question: Question
    protocol: str
    title: str


def list_panels(found: Comparisons) -> list[Panel]:
    """One a protocol, then one for each protocol that is compared with the first."""
    kinds: tuple[Question, ...] = ("network", "protocol")
    pairs = dict.fromkeys(
        (each.question, each.first_protocol, each.second_protocol)
        for question in kinds
        for each in found.comparisons
        if each.question == question
    )
    return [
        Panel("network", second, f"{found.hybrid} minus network, {second}")
        if question == "network"
        else Panel("protocol", second, f"network, {first} minus {second}")
        for question, first, second in pairs
    ]


def draw_study(found: Comparisons) -> Figure:
    """A forest plot of the differences in accuracy: a row a network, a panel a question."""
    panels = list_panels(found)
    figure = new_figure(1.3 + 0.34 * len(found.families))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(grid, panels, strict=True):
        _draw_panel(axes, found, panel)
    grid[0].set_yticks(range(len(found.families)), list(found.families))
    grid[0].set_ylim(len(found.families) - 0.5, -0.5)
    if len(found.settings) > 1:
        figure.legend(handles=_handles(), loc="outside lower center", ncols=2, fontsize=8)
    return figure


def _draw_panel(axes: Axes, found: Comparisons, panel: Panel) -> None:
    margin = 100 * found.margin
    axes.axvspan(-margin, margin, color=MARGIN_COLOUR, zorder=0)
    axes.axvline(0, color="black", linewidth=0.8)
    for setting in found.settings:
        rows = found.select(panel.question, setting, found.quantities[0], panel.protocol)
        _draw_rows(axes, found, rows, shift=SHIFTS[setting] if len(found.settings) > 1 else 0.0)
    axes.set_title(panel.title, fontsize=8.5)
    axes.set_xlabel("accuracy, points")
    axes.grid(visible=False, axis="y")


def _draw_rows(axes: Axes, found: Comparisons, rows: Sequence[Comparison], *, shift: float) -> None:
    places = {family: place for place, family in enumerate(found.families)}
    for row in rows:
        colour = NETWORK_COLOURS[found.families[row.family]]
        y = places[row.family] + shift
        if row.low is not None and row.high is not None:
            bounds = [max(-100.0, 100 * row.low), min(100.0, 100 * row.high)]
            axes.plot(bounds, [y, y], color=colour, linewidth=1.6)
        fill = colour if row.setting == PUBLISHED else "white"
        axes.plot(100 * row.difference, y, "o", color=colour, markerfacecolor=fill, markersize=5)


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], marker="o", color="black", markerfacecolor=fill, label=NAMES[setting])
        for setting, fill in ((PUBLISHED, "black"), ("best", "white"))
    ]
