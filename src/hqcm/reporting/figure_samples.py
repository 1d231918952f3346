"""Fig. 6: what the slices look like after preparation."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.stacks import Stack
from hqcm.reporting.drawing import hide_frame, new_figure
from hqcm.reporting.palette import CLASS_COLOURS, MASK_COLOUR

N_EACH = 7


def choose_samples(index: pd.DataFrame, n_each: int = N_EACH) -> list[str]:
    """Slices of each class at equal steps through its sorted ids: no eye has picked them."""
    chosen: list[str] = []
    for label in range(len(CLASS_NAMES)):
        ids = sorted(index.loc[index["label"] == label, "slice_id"])
        steps = np.linspace(0, len(ids) - 1, min(n_each, len(ids))).round().astype(int)
        chosen += [ids[step] for step in steps]
    return chosen


def draw_samples(stack: Stack, sources: list[str]) -> Figure:
    """A row a class, the tumour mask outlined, the source below."""
    figure = new_figure(5.3)
    grid = figure.subplots(len(CLASS_NAMES), N_EACH, squeeze=False)
    for axes in grid.flat:
        hide_frame(axes)
    for label, name in enumerate(CLASS_NAMES):
        grid[label, 0].set_ylabel(name, color=CLASS_COLOURS[name], fontweight="bold")
        for axes, i in zip(grid[label], np.flatnonzero(stack.labels == label), strict=False):
            axes.imshow(stack.images[i], cmap="gray", vmin=0, vmax=255)
            outline_mask(axes, stack.masks[i])
            axes.set_xlabel(sources[i], fontsize=6.5, labelpad=1)
    return figure


def outline_mask(axes: Axes, mask: NDArray[np.bool_]) -> None:
    """Draw the border of a mask that is not empty."""
    if mask.any():
        axes.contour(mask, levels=[0.5], colors=MASK_COLOUR, linewidths=1)
