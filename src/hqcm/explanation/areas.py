"""What is measured of an explanation, and what it is called.

From the maps and curves of every slice to areas under curves, gains over a random order and
Jaccard indices, each a mean over the slices with a tumour. The report looks the estimates up by
the names that are given here.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.evaluation.bootstrap import (
    Groups,
    Measure,
    UncertaintyParams,
    count_groups,
    estimate_protocol,
    measure_means,
)
from hqcm.evaluation.overlap import (
    SCALES,
    AttentionScale,
    LocaliseParams,
    measure_overlap,
    threshold_name,
    with_tumour,
)
from hqcm.results.intervals import ProtocolEstimates
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
Maps = dict[Kind, NDArray[np.floating]]
"""A map for each slice, ``(n, rows, cols)``, [0, 1]; a kind that a network lacks is absent."""
Curves = Mapping[tuple[Direction, Kind], NDArray[np.float64]]
"""Probability of each slice's class, ``(n, n_points)``, [0, 1]; likewise."""


class Explanation(NamedTuple):
    """What one network goes by.

    Shape:
        - maps: ``(n, cells, cells)``, of every test slice.
        - fractions: ``(n_points,)``, of the pixels deleted or inserted, 0 to 1.
        - curves: ``(n_traced, n_points)``, of some slices of Table 2.
        - is_traced: ``(n,)``, which of the test slices those are.
    """

    maps: Maps
    fractions: NDArray[np.float64]
    curves: Curves
    is_traced: NDArray[np.bool_]


def area_name(direction: Direction, kind: Kind) -> str:
    """The area under a curve."""
    return f"explanation/{direction}/{kind}"


def gain_name(direction: Direction, kind: Kind) -> str:
    """By how much a map does better than the random one: lower when deleting, else higher."""
    return f"explanation/{direction}/{kind}/gain"


def jaccard_name(kind: Kind, scale: AttentionScale, threshold: float) -> str:
    """Mean Jaccard index of a map with the tumour masks."""
    return f"explanation/jaccard/{kind}/{scale}/{threshold_name(threshold)}"


def estimate_explanations(
    explanations: Mapping[str, Explanation],
    stack: Stack,
    groups: Groups,
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> ProtocolEstimates:
    """Means over the slices with a tumour, with intervals over patients.

    Args:
        explanations: of the hybrid network, then of the classical one.
        stack: the test slices.
        groups: the group of each, drawn as one.
        localise: section `localise`.
        uncertainty: section `uncertainty`.
    """
    measures = {
        name: _measure_explanation(each, stack, groups, localise)
        for name, each in explanations.items()
    }
    hybrid, classical = explanations
    return estimate_protocol(measures, (hybrid, classical), count_groups(groups), uncertainty)


def _measure_explanation(
    explanation: Explanation, stack: Stack, groups: Groups, localise: LocaliseParams
) -> Measure:
    """Areas, how much better than random they are, and Jaccard indices; means over slices.

    What the network has no map for is undefined, not left out, so that pairs compare.
    """
    has_tumour = with_tumour(stack)
    values = _measure_areas(explanation)
    for kind in LOCATED:
        for scale in SCALES:
            jaccard = np.full((len(has_tumour), len(localise.thresholds)), np.nan)
            if kind in explanation.maps:
                asked = localise.thresholds, scale, localise.empty_mask
                overlap = measure_overlap(explanation.maps[kind], stack, *asked)
                jaccard[has_tumour] = overlap.jaccard[has_tumour]
            for threshold, column in zip(localise.thresholds, jaccard.T, strict=True):
                values[jaccard_name(kind, scale, threshold)] = column
    return measure_means(values, groups)


def _measure_areas(explanation: Explanation) -> dict[str, NDArray[np.float64]]:
    values = {}
    is_traced = explanation.is_traced
    for direction in DIRECTIONS:
        areas = {kind: np.full(len(is_traced), np.nan) for kind in KINDS}
        for (way, kind), curves in explanation.curves.items():
            if way == direction:
                areas[kind][is_traced] = _area_under(curves, explanation.fractions)
        sign = -1 if direction == "deletion" else 1
        for kind in KINDS:
            values[area_name(direction, kind)] = areas[kind]
            if kind != "random":
                values[gain_name(direction, kind)] = sign * (areas[kind] - areas["random"])
    return values


def _area_under(curves: NDArray[np.float64], fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    heights = (curves[:, 1:] + curves[:, :-1]) / 2  # the trapezium rule
    return heights @ np.diff(fractions)


def tabulate_curves(explanations: Mapping[str, Explanation]) -> pd.DataFrame:
    """Columns `variant`, `direction`, `map`, `fraction` and `probability`, a mean over slices."""
    rows = [
        (variant, direction, kind, fraction, probability)
        for variant, each in explanations.items()
        for (direction, kind), curves in each.curves.items()
        for fraction, probability in zip(each.fractions, curves.mean(axis=0), strict=True)
    ]
    columns = ["variant", "direction", "map", "fraction", "probability"]
    return pd.DataFrame(rows, columns=columns).round(6)
