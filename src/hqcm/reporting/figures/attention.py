"""Where the networks look: their maps over slices, and how well these lie on the tumours.

Fig. 10, the Jaccard index against the threshold, and attention beside Grad-CAM with what each
network still believes as a slice vanishes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY, ROLES, Role
from hqcm.evaluation.overlap import LocaliseParams, Overlap, display_map, measure_overlap
from hqcm.explanation.areas import DIRECTIONS, IN_WORDS, KINDS
from hqcm.reporting.figures.drawing import (
    ATTENTION_MAP,
    CLASS_COLOURS,
    MAP_COLOURS,
    MAP_DASHES,
    NETWORK_COLOURS,
    NETWORK_DASHES,
    OPACITY,
    REFERENCE_COLOUR,
    THRESHOLD_COLOUR,
    hide_frame,
    new_figure,
    outline_mask,
    show_slice,
)
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

_QUARTILES = (0.25, 0.75)
_MEDIAN = (0.5,)
_COLUMNS = ("slice", "tumour mask", *ROLES, *(f"{role}, overlaid" for role in ROLES))
_ROW_IN, _CURVES_IN = 1.45, 2.4  # heights of the figure of explanations


def draw_attention(
    runs: Mapping[Role, Predictions], stack: Stack, params: LocaliseParams
) -> Figure:
    """Six columns as in the paper, at the highest threshold; `runs` are those of the stack."""
    threshold = max(params.thresholds)
    overlaps = [_measure(run.attention, stack, params, threshold) for run in runs.values()]
    rows = _choose_rows(stack.labels, overlaps[0])
    figure = new_figure(0.25 + 1.33 * len(rows))
    grid = _draw_slices(figure, _COLUMNS, stack, rows)
    for line, i in zip(grid, rows, strict=True):
        line[1].imshow(stack.masks[i], cmap="gray", vmin=0, vmax=1)
        cells = zip(line[2:4], line[4:6], runs.values(), overlaps, strict=True)
        for plain, overlaid, run, overlap in cells:
            shown = display_map(run.attention[i], stack.masks.shape[-1], params.attention_scale)
            plain.imshow(shown, cmap=ATTENTION_MAP, vmin=0, vmax=1)
            plain.set_xlabel(_describe_overlap(overlap, stack, i), fontsize=7.5, labelpad=2)
            _overlay(overlaid, stack, i, shown)
            if shown.min() < threshold <= shown.max():
                overlaid.contour(shown, levels=[threshold], colors=THRESHOLD_COLOUR, linewidths=1)
    return figure


def draw_explanation(
    runs: Mapping[Role, Predictions],
    grad_cams: Mapping[Role, NDArray[np.float32]],
    curves: Mapping[Role, pd.DataFrame],
    stack: Stack,
    params: LocaliseParams,
) -> Figure:
    """A slice of each class with both maps of both networks; below, the curves.

    Args:
        runs: hybrid and classical -> predictions for the slices of the stack.
        grad_cams: the same for Grad-CAM, ``(n, cells, cells)``.
        curves: columns `direction`, `map`, `fraction`, `probability`.
        stack: images and masks.
        params: section `localise`; Jaccard indices are those at the lowest threshold.
    """
    located = {
        f"{role}: {title}": maps
        for role, run in runs.items()
        for title, maps in (("attention", run.attention), ("Grad-CAM", grad_cams[role]))
        if maps.size
    }
    lowest = min(params.thresholds)
    overlaps = [_measure(maps, stack, params, lowest) for maps in located.values()]
    rows = _choose_rows(stack.labels, overlaps[0], _MEDIAN)
    heights = [0.3 + _ROW_IN * len(rows), _CURVES_IN]
    figure = new_figure(sum(heights) + 0.3)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    grid = _draw_slices(above, ["slice", *located], stack, rows)
    for line, i in zip(grid, rows, strict=True):
        for axes, maps, overlap in zip(line[1:], located.values(), overlaps, strict=True):
            shown = display_map(maps[i], stack.masks.shape[-1], params.attention_scale)
            _overlay(axes, stack, i, shown)
            axes.set_xlabel(_describe_overlap(overlap, stack, i), fontsize=7.5, labelpad=2)
    lines = _draw_curves(below, curves)
    figure.legend(handles=lines, loc="outside lower center", ncols=len(KINDS), fontsize=8)
    return figure


def draw_thresholds(jaccard: Mapping[Role, pd.DataFrame], thresholds: Sequence[float]) -> Figure:
    """A line a network, its 95 % interval shaded; upright lines at the thresholds of Table 2.

    Args:
        jaccard: hybrid and classical -> columns `threshold`, `jaccard`, `low`, `high`.
        thresholds: those of Table 2.
    """
    figure = new_figure(3.4)
    axes = figure.subplots()
    for threshold in thresholds:
        axes.axvline(threshold, color=REFERENCE_COLOUR, linestyle=":", linewidth=1.2)
    for role, curve in jaccard.items():
        x, ink, dash = curve["threshold"], NETWORK_COLOURS[role], NETWORK_DASHES[role]
        axes.fill_between(x, curve["low"], curve["high"], color=ink, alpha=0.18, lw=0)
        axes.plot(x, curve["jaccard"], dash, color=ink, linewidth=1.8, label=role)
    axes.set(xlabel="threshold of the attention map", ylabel="Jaccard index, tumour slices")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.legend(loc="lower left")
    return figure


def _choose_rows(
    labels: NDArray[np.int64], overlap: Overlap, quantiles: Sequence[float] = _QUARTILES
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
        at = _MEDIAN if label == HEALTHY else quantiles
        rows += [int(ranked[round(q * (len(ranked) - 1))]) for q in at if len(ranked)]
    return rows


def _describe_overlap(overlap: Overlap, stack: Stack, i: int) -> str:
    if stack.masks[i].any():
        return f"Jaccard {overlap.jaccard[i, 0]:.2f}"
    return f"active {overlap.activated[i, 0]:.3f}"


def _measure(
    maps: NDArray[np.float32], stack: Stack, params: LocaliseParams, threshold: float
) -> Overlap:
    return measure_overlap(maps, stack, [threshold], params.attention_scale, params.empty_mask)


def _draw_slices(
    part: Figure | SubFigure, titles: Sequence[str], stack: Stack, rows: Sequence[int]
) -> NDArray[Any]:
    grid: NDArray[Any] = part.subplots(len(rows), len(titles), squeeze=False)
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title, fontsize=8.5)
    for line, i in zip(grid, rows, strict=True):
        name = CLASS_NAMES[stack.labels[i]]
        line[0].set_ylabel(name, color=CLASS_COLOURS[name], fontweight="bold")
        for axes in line:
            hide_frame(axes)
        show_slice(line[0], stack.images[i])
    return grid


def _overlay(axes: Axes, stack: Stack, i: int, shown: NDArray[np.float64]) -> None:
    show_slice(axes, stack.images[i])
    axes.imshow(shown, cmap=ATTENTION_MAP, vmin=0, vmax=1, alpha=OPACITY * shown)
    outline_mask(axes, stack.masks[i])


def _draw_curves(below: SubFigure, curves: Mapping[Role, pd.DataFrame]) -> list[Line2D]:
    """A panel a network and direction; gives the lines of the first for the legend."""
    panels = below.subplots(1, len(curves) * len(DIRECTIONS), sharey=True)
    wanted = [(role, direction) for role in curves for direction in DIRECTIONS]
    for axes, (role, direction) in zip(panels, wanted, strict=True):
        table = curves[role][curves[role]["direction"] == direction]
        for kind in KINDS:
            line = table[table["map"] == kind]
            style = {"color": MAP_COLOURS[kind], "linestyle": MAP_DASHES[kind]}
            axes.plot(line["fraction"], line["probability"], label=IN_WORDS[kind], **style)
        axes.set_title(f"{role}: {direction}", fontsize=8.5)
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[0, 0.5, 1])
    panels[0].set_ylabel("probability of the\npredicted class")
    below.supxlabel("fraction of the pixels deleted or inserted", fontsize=9)
    return [*panels[0].lines]
