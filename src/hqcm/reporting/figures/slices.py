"""The slices themselves: how many (Fig. 5), some of each class (Fig. 6), and near-duplicates."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.test_slices import equal_steps
from hqcm.reporting.figures.drawing import (
    CLASS_COLOURS,
    hide_frame,
    new_figure,
    outline_mask,
    show_slice,
)
from hqcm.slices.stacks import Stack

_HATCHES = ("", "///", "...", "xxx", "---")  # of the sources in turn
_N_EACH = 7  # slices of a class in Fig. 6
_N_ROWS, _N_PAIRS = 3, 3  # of near-duplicates, and pairs in each row
_IN_WORDS = {"same": "as it is", "turned-180": "half turn"} | {
    f"turned-90-{way}": f"quarter turn {way}" for way in ("clockwise", "counterclockwise")
}


def draw_distribution(index: pd.DataFrame) -> Figure:
    """Slices of each class, stacked by source."""
    counts = {
        str(source): np.bincount(labels, minlength=len(CLASS_NAMES)).astype(np.int64)
        for source, labels in index.groupby("source", sort=False)["label"]
    }
    figure = new_figure(3.0)
    _draw_bars(figure.subplots(), counts)
    return figure


def _draw_bars(axes: Axes, counts: Mapping[str, NDArray[np.int64]]) -> None:
    top, inks = np.zeros(len(CLASS_NAMES), np.int64), [*CLASS_COLOURS.values()]
    for (source, row), hatch in zip(counts.items(), cycle(_HATCHES), strict=False):
        axes.bar(CLASS_NAMES, row, 0.7, top, color=inks, hatch=hatch, edgecolor="white")
        top = top + row
        if any(row):
            axes.bar(0, 0, color="#8C8C8C", edgecolor="white", hatch=hatch, label=source)
    for position, total in enumerate(top):
        axes.text(position, total + 0.01 * top.max(), f"{total:,}", ha="center")
    axes.set(ylabel="slices", ylim=(0, top.max() * 1.32))
    axes.grid(visible=False, axis="x")
    axes.legend(title="source", ncols=3, loc="upper center", fontsize=8)


def choose_samples(index: pd.DataFrame, n_each: int = _N_EACH) -> list[str]:
    """Slices of each class at equal steps through its sorted ids: no eye has picked them."""
    chosen: list[str] = []
    for label in range(len(CLASS_NAMES)):
        ids = sorted(index.loc[index["label"] == label, "slice_id"])
        chosen += [ids[step] for step in equal_steps(len(ids), n_each)]
    return chosen


def draw_samples(stack: Stack, sources: list[str]) -> Figure:
    """A row a class, the tumour mask outlined, the source below."""
    figure = new_figure(5.3)
    grid = figure.subplots(len(CLASS_NAMES), _N_EACH, squeeze=False)
    for axes in grid.flat:
        hide_frame(axes)
    for label, name in enumerate(CLASS_NAMES):
        grid[label, 0].set_ylabel(name, color=CLASS_COLOURS[name], fontweight="bold")
        for axes, i in zip(grid[label], np.flatnonzero(stack.labels == label), strict=False):
            show_slice(axes, stack.images[i])
            outline_mask(axes, stack.masks[i])
            axes.set_xlabel(sources[i], fontsize=6.5, labelpad=1)
    return figure


def choose_pairs(pairs: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """At equal steps through one protocol's pairs, orientation by orientation, ids sorted."""
    found = pairs[pairs["protocol"] == protocol].sort_values(["orientation", "slice_id"])
    return found.iloc[equal_steps(len(found), _N_ROWS * _N_PAIRS)]


def draw_twins(pairs: pd.DataFrame, stack: Stack) -> Figure:
    """Each test slice, its twin to the right, and above them what lays the one on the other.

    There is one pair at least; the stack holds their slices in any order.
    """
    n_rows = -(-len(pairs) // _N_PAIRS)
    figure = new_figure(0.35 + 1.75 * n_rows)
    grid = figure.subplots(n_rows, 2 * _N_PAIRS, squeeze=False)
    for axes in grid.flat:
        hide_frame(axes)
        axes.set_visible(False)
    place = {slice_id: i for i, slice_id in enumerate(stack.slice_id)}
    cells = grid.reshape(-1, 2)
    texts = pairs[["slice_id", "twin_id", "orientation"]].to_numpy(str)
    rows = zip(cells, texts, pairs["correlation"], strict=False)
    for (test, twin), (slice_id, twin_id, orientation), correlation in rows:
        for axes, name, part in ((test, slice_id, "test"), (twin, twin_id, "training")):
            axes.set_visible(True)
            show_slice(axes, stack.images[place[name]])
            axes.set_xlabel(f"{part}, {name.partition('/')[0]}", fontsize=6.5, labelpad=1)
        name = _IN_WORDS.get(orientation, orientation)
        test.set_title(f"{name}, r = {correlation:.3f}", loc="left", fontsize=8)
    return figure
