"""Fig. 10: where the two networks look.

The Jaccard index of the attention maps against the threshold.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.evaluation.overlap import LocaliseParams, Overlap, display_map, measure_overlap
from hqcm.reporting.figures.drawing import (
    ATTENTION_MAP,
    CLASS_COLOURS,
    NETWORK_COLOURS,
    NETWORK_DASHES,
    OPACITY,
    REFERENCE_COLOUR,
    THRESHOLD_COLOUR,
    hide_frame,
    new_figure,
)
from hqcm.reporting.figures.slices import outline_mask
from hqcm.reporting.pair import Role
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

QUARTILES = (0.25, 0.75)
COLUMNS = ("slice", "tumour mask", "hybrid", "classical", "hybrid, overlaid", "classical, overlaid")


def choose_rows(
    labels: NDArray[np.int64], overlap: Overlap, quantiles: Sequence[float] = QUARTILES
) -> list[int]:
    """Positions of the slices to show, by a rule: no eye has picked them.

    The healthy slice with the median activated fraction; of each tumour class the slices at
    these quantiles of the Jaccard index. Both at the first threshold of `overlap`, of the
    network it belongs to.
    """
    rows = []
    for label in range(len(CLASS_NAMES)):
        values = overlap.activated if label == HEALTHY else overlap.jaccard
        member = np.flatnonzero((labels == label) & ~np.isnan(values[:, 0]))
        ranked = member[np.argsort(values[member, 0], kind="stable")]
        at = (0.5,) if label == HEALTHY else quantiles
        rows += [int(ranked[round(q * (len(ranked) - 1))]) for q in at if len(ranked)]
    return rows


def draw_attention(
    runs: Mapping[Role, Predictions], stack: Stack, params: LocaliseParams
) -> Figure:
    """Six columns as in the paper, at the highest threshold.

    Args:
        runs: hybrid and classical -> predictions for the slices of the stack.
        stack: images and masks.
        params: section `localise`.
    """
    threshold = max(params.thresholds)
    overlaps = {
        role: measure_overlap(
            run.attention, stack, [threshold], params.attention_scale, params.empty_mask
        )
        for role, run in runs.items()
    }
    rows = choose_rows(stack.labels, overlaps["hybrid"])
    figure = new_figure(0.25 + 1.33 * len(rows))
    grid = figure.subplots(len(rows), len(COLUMNS), squeeze=False)
    for axes, title in zip(grid[0], COLUMNS, strict=True):
        axes.set_title(title, fontsize=8.5)
    for line, i in zip(grid, rows, strict=True):
        maps = [
            display_map(run.attention[i], stack.masks.shape[-1], params.attention_scale)
            for run in runs.values()
        ]
        _draw_row(line, stack, i, maps, threshold)
        for axes, overlap in zip(line[2:4], overlaps.values(), strict=True):
            axes.set_xlabel(describe_overlap(overlap, stack, i), fontsize=7.5, labelpad=2)
    return figure


def describe_overlap(overlap: Overlap, stack: Stack, i: int) -> str:
    """Jaccard index where there is a tumour mask, else the fraction of pixels activated."""
    if stack.masks[i].any():
        return f"Jaccard {overlap.jaccard[i, 0]:.2f}"
    return f"active {overlap.activated[i, 0]:.3f}"


def _draw_row(
    line: Sequence[Axes], stack: Stack, i: int, maps: Sequence[NDArray[np.float64]], tau: float
) -> None:
    name = CLASS_NAMES[stack.labels[i]]
    line[0].set_ylabel(name, color=CLASS_COLOURS[name], fontweight="bold")
    for axes in line:
        hide_frame(axes)
    line[0].imshow(stack.images[i], cmap="gray", vmin=0, vmax=255)
    line[1].imshow(stack.masks[i], cmap="gray", vmin=0, vmax=1)
    for plain, overlaid, attention in zip(line[2:4], line[4:6], maps, strict=True):
        plain.imshow(attention, cmap=ATTENTION_MAP, vmin=0, vmax=1)
        overlaid.imshow(stack.images[i], cmap="gray", vmin=0, vmax=255)
        overlaid.imshow(attention, cmap=ATTENTION_MAP, vmin=0, vmax=1, alpha=OPACITY * attention)
        outline_mask(overlaid, stack.masks[i])
        if attention.min() < tau <= attention.max():
            overlaid.contour(attention, levels=[tau], colors=THRESHOLD_COLOUR, linewidths=1)


def draw_thresholds(curves: Mapping[Role, pd.DataFrame], thresholds: Sequence[float]) -> Figure:
    """A line a network, its 95 % interval shaded; upright lines at the thresholds of Table 2.

    Args:
        curves: hybrid and classical -> columns `threshold`, `jaccard`, `low`, `high`.
        thresholds: those of Table 2.
    """
    figure = new_figure(3.4)
    axes = figure.subplots()
    for threshold in thresholds:
        axes.axvline(threshold, color=REFERENCE_COLOUR, linestyle=":", linewidth=1.2)
    for role, curve in curves.items():
        colour, place = NETWORK_COLOURS[role], curve["threshold"]
        axes.fill_between(place, curve["low"], curve["high"], color=colour, alpha=0.18, lw=0)
        axes.plot(
            place, curve["jaccard"], NETWORK_DASHES[role], color=colour, linewidth=1.8, label=role
        )
    axes.set(xlabel="threshold of the attention map", ylabel="Jaccard index, tumour slices")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.legend(loc="lower left")
    return figure
