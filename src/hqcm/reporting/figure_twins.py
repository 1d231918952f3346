"""Test slices beside their near-duplicates in training."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.stacks import Stack
from hqcm.reporting.drawing import hide_frame, new_figure

N_ROWS, N_PAIRS = 3, 3
"""Rows of the figure, and pairs in each."""
IN_WORDS = {"same": "as it is", "turned-180": "half turn"} | {
    f"turned-90-{way}": f"quarter turn {way}" for way in ("clockwise", "counterclockwise")
}


def choose_pairs(pairs: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """At equal steps through one protocol's pairs, orientation by orientation, ids sorted."""
    found = pairs[pairs["protocol"] == protocol].sort_values(["orientation", "slice_id"])
    steps = np.linspace(0, len(found) - 1, min(N_ROWS * N_PAIRS, len(found)))
    return found.iloc[steps.round().astype(int)]


def draw_twins(pairs: pd.DataFrame, stack: Stack) -> Figure:
    """Each test slice, its twin to the right, and above them what lays the one on the other.

    Args:
        pairs: chosen ones, one or more.
        stack: their slices, in any order.
    """
    n_rows = -(-len(pairs) // N_PAIRS)
    figure = new_figure(0.35 + 1.75 * n_rows)
    grid = figure.subplots(n_rows, 2 * N_PAIRS, squeeze=False)
    for axes in grid.flat:
        hide_frame(axes)
        axes.set_visible(False)
    place = {slice_id: i for i, slice_id in enumerate(stack.slice_id)}
    cells = grid.reshape(-1, 2)
    texts = pairs[["slice_id", "twin_id", "orientation"]].to_numpy(str)
    rows = zip(cells, texts, pairs["correlation"], strict=False)
    for (test, twin), (slice_id, twin_id, orientation), correlation in rows:
        _show(test, stack.images[place[slice_id]], f"test, {_source(slice_id)}")
        _show(twin, stack.images[place[twin_id]], f"training, {_source(twin_id)}")
        name = IN_WORDS.get(orientation, orientation)
        test.set_title(f"{name}, r = {correlation:.3f}", loc="left", fontsize=8)
    return figure


def _show(axes: Axes, image: NDArray[np.uint8], below: str) -> None:
    axes.set_visible(True)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255)
    axes.set_xlabel(below, fontsize=6.5, labelpad=1)


def _source(slice_id: str) -> str:
    return slice_id.partition("/")[0]
