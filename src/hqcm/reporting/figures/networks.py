"""Networks as wholes: how they learn, how they differ, what noise leaves of one.

Fig. 7, the forest plot of the study, and accuracy with finite shots, noisy gates and wrong
readings.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from hqcm.comparison.comparisons import Comparisons, Question, Setting
from hqcm.contracts.labels import Role
from hqcm.hardware.conditions import HardwareScores, Point
from hqcm.reporting.figures.drawing import NETWORK_COLOURS, REFERENCE_COLOUR, new_figure
from hqcm.reporting.verdicts import Rival, Verdicts
from hqcm.results.intervals import Interval
from hqcm.results.roundings import Roundings

_LINES = {"train": "-", "validation": "--"}
_SHIFTS: Final[dict[Setting, float]] = {"published": -0.14, "best": 0.14}  # of a row's height
_NAMES = {"black": "published learning rate", "white": "each at the best one tried for it"}
"""What the fill of a mark stands for."""
_MARGIN_COLOUR = "#EFEFEF"


def draw_histories(histories: Mapping[Role, Sequence[pd.DataFrame]]) -> Figure:
    """Training solid, validation dashed; one line a seed."""
    figure = new_figure(3.2)
    loss, accuracy = panels = figure.subplots(1, 2)
    for role, curves in histories.items():
        ink = NETWORK_COLOURS[role]
        for (seed, curve), (part, line) in product(enumerate(curves), _LINES.items()):
            label = f"{role}, {part}" if seed == 0 else None
            for axes, what in zip(panels, ("loss", "accuracy"), strict=True):
                y = curve[f"{part}_{what}"]
                axes.plot(curve["epoch"], y, line, color=ink, linewidth=1.4, label=label)
    loss.set(ylabel="loss", yscale="log")
    loss.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    loss.yaxis.set_major_formatter("{x:g}")
    loss.yaxis.set_minor_locator(NullLocator())
    accuracy.set(ylabel="accuracy", ylim=(None, 1))
    for axes in panels:
        axes.set(xlabel="epoch", xlim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    accuracy.legend(loc="lower right", fontsize=8)
    return figure


class _Panel(NamedTuple):
    question: Question
    protocol: str
    title: str


def _list_panels(comparisons: Comparisons) -> list[_Panel]:
    """One a protocol, then one for each protocol that is compared with the first."""
    pairs = dict.fromkeys(
        (each.question, each.first_protocol, each.second_protocol)
        for each in sorted(comparisons.comparisons, key=lambda each: each.question == "protocol")
    )
    return [
        _Panel(question, second, f"{comparisons.hybrid} minus network, {second}")
        if question == "network"
        else _Panel(question, second, f"network, {first} minus {second}")
        for question, first, second in pairs
    ]


def draw_study(comparisons: Comparisons) -> Figure:
    """A forest plot of the differences in accuracy: a row a network, a panel a question."""
    panels, families = _list_panels(comparisons), [*comparisons.families]
    figure = new_figure(1.3 + 0.34 * len(families))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(grid, panels, strict=True):
        _draw_panel(axes, comparisons, panel)
    grid[0].set_yticks(range(len(families)), families)
    grid[0].set_ylim(len(families) - 0.5, -0.5)
    if len(comparisons.settings) > 1:
        handles = [
            Line2D([], [], marker="o", color="black", markerfacecolor=fill, label=name)
            for fill, name in _NAMES.items()
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8)
    return figure


def _draw_panel(axes: Axes, comparisons: Comparisons, panel: _Panel) -> None:
    margin = 100 * comparisons.margin
    axes.axvspan(-margin, margin, color=_MARGIN_COLOUR, zorder=0)
    axes.axvline(0, color="black", linewidth=0.8)
    places = {family: place for place, family in enumerate(comparisons.families)}
    accuracy, settings = comparisons.quantities[0], comparisons.settings
    for setting in settings:
        shift = _SHIFTS[setting] if len(settings) > 1 else 0.0
        for row in comparisons.select(panel.question, setting, accuracy, panel.protocol):
            ink = NETWORK_COLOURS[comparisons.families[row.family]]
            y = places[row.family] + shift
            low, high = row.possible
            if low is not None and high is not None:
                axes.plot([100 * low, 100 * high], [y, y], color=ink, linewidth=1.6)
            fill = ink if setting == "published" else "white"
            axes.plot(100 * row.difference, y, "o", color=ink, markerfacecolor=fill, markersize=5)
    axes.set_title(panel.title, fontsize=8.5)
    axes.set_xlabel("accuracy, points")
    axes.grid(visible=False, axis="y")


_PROTOCOLS = {"random": ("black", "slices at random"), "patient": ("white", "by patient")}
_REACH = 10.0  # points either way of the axis of tuned networks


def draw_tuned(verdicts: Verdicts) -> Figure:
    """The quantum layer minus each other head, one axis of 10 points either way, for a phone too.

    An interval that reaches further ends in an arrow.
    """
    names = list(dict.fromkeys(rival.name for rival in verdicts.rivals))
    figure = Figure(figsize=(4.0, 0.9 + 0.66 * len(names)), layout="constrained")
    axes = figure.subplots()
    margin = 100 * verdicts.margin
    axes.axvspan(-margin, margin, color=_MARGIN_COLOUR, zorder=0)
    axes.axvline(0, color="black", linewidth=0.8)
    for place, name in enumerate(names):
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(-_REACH, place - 0.3, f"minus {name}", fontsize=10, bbox=paper)
    for rival in verdicts.rivals:
        fill, _ = _PROTOCOLS[rival.protocol]
        ink = NETWORK_COLOURS[rival.kind]
        y = names.index(rival.name) + (0 if rival.protocol == "random" else 0.25)
        _draw_interval(axes, rival, y, ink)
        fill = ink if fill == "black" else fill
        axes.plot(100 * rival.difference, y, "o", color=ink, markerfacecolor=fill, markersize=6)
    axes.set(xlim=(-_REACH, _REACH), ylim=(len(names) - 0.4, -0.6), yticks=())
    axes.set_xlabel("difference in accuracy, points", fontsize=10)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    handles = [
        Line2D([], [], marker="o", color="black", markerfacecolor=fill, label=says)
        for fill, says in _PROTOCOLS.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2, fontsize=10)
    return figure


def _draw_interval(axes: Axes, rival: Rival, y: float, ink: str) -> None:
    if rival.low is None or rival.high is None:
        return
    ends = 100 * rival.low, 100 * rival.high
    axes.plot([max(ends[0], -_REACH), min(ends[1], _REACH)], [y, y], color=ink, linewidth=1.8)
    for end, mark in zip(ends, "<>", strict=True):
        if abs(end) > _REACH:
            axes.plot(_REACH if end > 0 else -_REACH, y, mark, color=ink, clip_on=False)


def draw_hardware(hardware: HardwareScores) -> Figure:
    """Accuracy against each, with 95 % intervals; lines at the exact simulation and at chance."""
    panels: dict[tuple[str, str], dict[float, Point]] = {
        ("finite shots", "shots a circuit"): {point.shots or 0: point for point in hardware.shots},
        ("noisy gates", "error a gate and wire"): {
            point.depolarising: point for point in hardware.depolarising
        },
        ("noisy readout", "wrong readings"): {point.readout: point for point in hardware.readout},
    }
    figure = new_figure(3.2)
    grid = figure.subplots(1, len(panels), sharey=True)
    for axes, ((title, x_label), series) in zip(grid, panels.items(), strict=True):
        low, high = bounds(hardware.exact)
        axes.axhspan(low, high, color=REFERENCE_COLOUR, alpha=0.15, lw=0)
        axes.axhline(hardware.exact.value, color="black", linewidth=1, label="exact simulation")
        chance = {"color": REFERENCE_COLOUR, "linestyle": ":", "label": "one class for all"}
        axes.axhline(hardware.constant, **chance)
        _draw_points(axes, series)
        axes.set_title(title)
        axes.set_xlabel(x_label)
    grid[0].set(ylabel="accuracy, test slices", ylim=(0, 1.02))
    grid[0].legend(loc="lower left", fontsize=8)
    return figure


def _draw_points(axes: Axes, series: Mapping[float, Point]) -> None:
    x, ink = [*series], NETWORK_COLOURS["hybrid"]
    scores = [point.accuracy for point in series.values()]
    low, high = zip(*map(bounds, scores), strict=True)
    axes.fill_between(x, low, high, color=ink, alpha=0.18, lw=0)
    values = [score.value for score in scores]
    axes.plot(x, values, color=ink, marker="o", markersize=4, linewidth=1.8, label="hybrid")
    axes.set_xscale("log")
    axes.set_xticks(x, [f"{value:,g}" if value < 1 else f"{value:,.0f}" for value in x], fontsize=8)
    axes.minorticks_off()


def bounds(score: Interval) -> tuple[float, float]:
    """The interval, or the value twice where there is none."""
    if score.low is None or score.high is None:
        return score.value, score.value
    return score.low, score.high


def draw_roundings(roundings: Roundings, pair: tuple[str, str]) -> Figure:
    """Accuracy of both networks, and their difference; a dot an arithmetic, a bar for one more."""
    figure = new_figure(1.9)
    accuracy, difference = figure.subplots(1, 2, width_ratios=(3, 2))
    for row, (role, name) in enumerate(zip(NETWORK_COLOURS, pair, strict=True)):
        own = 100 * roundings.of(name).to_numpy()
        low, high = (100 * end for end in roundings.expect(name))
        ink = NETWORK_COLOURS[role]
        accuracy.plot([max(low, 0), min(high, 100)], [row, row], color=ink, linewidth=6, alpha=0.25)
        accuracy.plot(own, _fan_out(own) + row, "o", color=ink, markersize=5)
    accuracy.set(xlabel="test accuracy, %", ylim=(1.6, -0.6))
    accuracy.set_yticks((0, 1), list(NETWORK_COLOURS))
    differences, noise = 100 * roundings.differences(pair).to_numpy(), 100 * roundings.noise(pair)
    difference.axvspan(-noise, noise, color=_MARGIN_COLOUR)
    difference.axvline(0, color=REFERENCE_COLOUR, linewidth=1)
    difference.plot(differences, _fan_out(differences), "o", color="black", markersize=5)
    difference.set(xlabel="hybrid minus classical, points; grey: noise", ylim=(1, -1), yticks=())
    return figure


def _fan_out(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights that keep equal values apart; what differs by rounding alone is equal."""
    values = values.round(9)
    ranks = [int((values[:i] == value).sum()) for i, value in enumerate(values)]
    return np.array([(rank + 1) // 2 * (-1) ** rank for rank in ranks]) * 0.13
