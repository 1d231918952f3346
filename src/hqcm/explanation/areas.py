"""What the curves and quantities of an explanation are called.

From curves and maps of every slice to areas, Jaccard indices and their intervals.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.evaluation.bootstrap import Groups, Measure, measure_means
from hqcm.evaluation.overlap import (
    SCALES,
    AttentionScale,
    LocaliseParams,
    measure_overlap,
    threshold_name,
    with_tumour,
)
from hqcm.slices.stacks import Stack

Kind = Literal["attention", "grad_cam", "random", "tumour_mask"]
"""A map whose pixels are deleted or inserted, the highest first; `random` is what the others must
beat, `tumour_mask` what a network would go by that decides from the tumour alone."""
KINDS: tuple[Kind, ...] = get_args(Kind)
IN_WORDS: dict[Kind, str] = {
    "attention": "attention map",
    "grad_cam": "Grad-CAM",
    "random": "random order",
    "tumour_mask": "tumour mask",
}
LOCATED: tuple[Kind, ...] = ("attention", "grad_cam")
"""Those that are laid on the tumour mask."""
Direction = Literal["deletion", "insertion"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


def area_name(direction: Direction, kind: Kind) -> str:
    """The area under a curve."""
    return f"explanation/{direction}/{kind}"


def gain_name(direction: Direction, kind: Kind) -> str:
    """By how much a map does better than the random one: lower when deleting, else higher."""
    return f"explanation/{direction}/{kind}/gain"


def jaccard_name(kind: Kind, scale: AttentionScale, threshold: float) -> str:
    """Mean Jaccard index of a map with the tumour masks."""
    return f"explanation/jaccard/{kind}/{scale}/{threshold_name(threshold)}"


Maps = dict[Kind, NDArray[np.floating]]
"""A map for each slice, ``(n, rows, cols)``, [0, 1]; a kind that a network lacks is absent."""


class Traced(NamedTuple):
    """What is found of one network.

    Shape:
        - maps: ``(n, cells, cells)``, of every test slice.
        - fractions: ``(n_points,)``, of the pixels deleted or inserted, 0 to 1.
        - curves: ``(n_tumours, n_points)`` of the slices of Table 2, [0, 1]; a kind it lacks is
          absent.
    """

    maps: Maps
    fractions: NDArray[np.float64]
    curves: Mapping[tuple[Direction, Kind], NDArray[np.float64]]


def area_under(curves: NDArray[np.float64], fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """By the trapezium rule, 0 to 1.

    Shape:
        - curves: ``(n, n_points)``.
        - returns: ``(n,)``.
    """
    heights = (curves[:, 1:] + curves[:, :-1]) / 2
    return heights @ np.diff(fractions)


def measure_explanation(
    traced: Traced, stack: Stack, groups: Groups, localise: LocaliseParams
) -> Measure:
    """Areas, how much better than random they are, and Jaccard indices; means over tumours.

    What the network has no map for is undefined, not left out, so that pairs compare.
    """
    member = with_tumour(stack)
    values = {**_measure_areas(traced, member), **_measure_jaccard(traced, stack, localise)}
    return measure_means(values, groups)


def tabulate_curves(traced: Mapping[str, Traced]) -> pd.DataFrame:
    """Columns `variant`, `direction`, `map`, `fraction` and `probability`, a mean over slices."""
    rows = [
        (variant, direction, kind, fraction, probability)
        for variant, each in traced.items()
        for (direction, kind), curves in each.curves.items()
        for fraction, probability in zip(each.fractions, curves.mean(axis=0), strict=True)
    ]
    columns = ["variant", "direction", "map", "fraction", "probability"]
    return pd.DataFrame(rows, columns=columns).round(6)


def _measure_areas(traced: Traced, member: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    values = {}
    for direction in DIRECTIONS:
        areas = {kind: np.full(len(member), np.nan) for kind in KINDS}
        for kind in KINDS:
            if (direction, kind) in traced.curves:
                areas[kind][member] = area_under(traced.curves[direction, kind], traced.fractions)
        sign = -1 if direction == "deletion" else 1
        for kind in KINDS:
            values[area_name(direction, kind)] = areas[kind]
            if kind != "random":
                values[gain_name(direction, kind)] = sign * (areas[kind] - areas["random"])
    return values


def _measure_jaccard(
    traced: Traced, stack: Stack, localise: LocaliseParams
) -> dict[str, NDArray[np.float64]]:
    member = with_tumour(stack)
    values = {}
    for kind in LOCATED:
        for scale in SCALES:
            found = np.full((len(member), len(localise.thresholds)), np.nan)
            if kind in traced.maps:
                overlap = measure_overlap(
                    traced.maps[kind], stack, localise.thresholds, scale, localise.empty_mask
                )
                found[member] = overlap.jaccard[member]
            for threshold, column in zip(localise.thresholds, found.T, strict=True):
                values[jaccard_name(kind, scale, threshold)] = column
    return values
