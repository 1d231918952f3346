"""From curves and maps of every slice to areas, Jaccard indices and their intervals."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.stacks import Stack
from hqcm.evaluation.bootstrap import Measure
from hqcm.evaluation.groups import Groups, measure_means
from hqcm.evaluation.overlap import SCALES, LocaliseParams, measure_overlap
from hqcm.evaluation.overlap_table import with_tumour
from hqcm.explanation.names import (
    DIRECTIONS,
    KINDS,
    LOCATED,
    Direction,
    Kind,
    area_name,
    gain_name,
    jaccard_name,
)

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
