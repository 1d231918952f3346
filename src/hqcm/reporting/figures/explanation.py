"""Attention map beside Grad-CAM, and what each network still believes as a slice vanishes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import LocaliseParams, Overlap, display_map, measure_overlap
from hqcm.explanation.areas import DIRECTIONS, IN_WORDS, KINDS
from hqcm.reporting.figures.attention import choose_rows, describe_overlap
from hqcm.reporting.figures.drawing import (
    ATTENTION_MAP,
    CLASS_COLOURS,
    MAP_COLOURS,
    MAP_DASHES,
    OPACITY,
    hide_frame,
    new_figure,
)
from hqcm.reporting.figures.slices import outline_mask
from hqcm.reporting.pair import Role
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

MEDIAN = (0.5,)
ROW_IN, CURVES_IN = 1.45, 2.4  # heights


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
    lowest = params.model_copy(update={"thresholds": [min(params.thresholds)]})
    located = {
        f"{role}: {title}": maps
        for role, run in runs.items()
        for title, maps in (("attention", run.attention), ("Grad-CAM", grad_cams[role]))
        if maps.size
    }
    overlaps = {title: measure(maps, stack, lowest) for title, maps in located.items()}
    rows = choose_rows(stack.labels, next(iter(overlaps.values())), MEDIAN)
    heights = [0.3 + ROW_IN * len(rows), CURVES_IN]
    figure = new_figure(sum(heights) + 0.3)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    grid = above.subplots(len(rows), 1 + len(located), squeeze=False)
    for axes, title in zip(grid[0], ["slice", *located], strict=True):
        axes.set_title(title, fontsize=8.5)
    for line, i in zip(grid, rows, strict=True):
        _draw_slice(line[0], stack, i)
        for axes, maps, overlap in zip(line[1:], located.values(), overlaps.values(), strict=True):
            shown = display_map(maps[i], stack.masks.shape[-1], params.attention_scale)
            _overlay(axes, stack, i, shown)
            axes.set_xlabel(describe_overlap(overlap, stack, i), fontsize=7.5, labelpad=2)
    lines = _draw_curves(below, curves)
    figure.legend(handles=lines, loc="outside lower center", ncols=len(KINDS), fontsize=8)
    return figure


def measure(maps: NDArray[np.float32], stack: Stack, params: LocaliseParams) -> Overlap:
    """As for the Jaccard index of the tables."""
    return measure_overlap(
        maps, stack, params.thresholds, params.attention_scale, params.empty_mask
    )


def _draw_slice(axes: Axes, stack: Stack, i: int) -> None:
    name = CLASS_NAMES[stack.labels[i]]
    hide_frame(axes)
    axes.set_ylabel(name, color=CLASS_COLOURS[name], fontweight="bold")
    axes.imshow(stack.images[i], cmap="gray", vmin=0, vmax=255)


def _overlay(axes: Axes, stack: Stack, i: int, shown: NDArray[np.float64]) -> None:
    hide_frame(axes)
    axes.imshow(stack.images[i], cmap="gray", vmin=0, vmax=255)
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
