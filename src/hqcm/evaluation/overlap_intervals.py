"""Intervals of what the attention maps cover, and the Jaccard index against the threshold."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.estimates import ProtocolEstimates
from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.bootstrap import Measure
from hqcm.evaluation.groups import Groups, measure_means
from hqcm.evaluation.overlap import Overlap, threshold_name
from hqcm.evaluation.overlap_table import subsets, with_tumour

CURVE_THRESHOLDS = (*(i / 20 for i in range(1, 20)), 0.99)  # 0.05 to 0.95, and the paper's highest


def measure_variants(
    measured: Mapping[str, Overlap], stack: Stack, groups: Groups, thresholds: Sequence[float]
) -> dict[str, Measure]:
    """Variant -> its Jaccard index and activation for any weights of the groups."""
    return {
        name: measure_localisation(overlap, stack, groups, thresholds)
        for name, overlap in measured.items()
    }


def measure_localisation(
    overlap: Overlap, stack: Stack, groups: Groups, thresholds: Sequence[float]
) -> Measure:
    """Jaccard index on tumours and on each class of them, activation on healthy slices.

    Args:
        overlap: a network's values at these thresholds, averaged over seeds.
        stack: the test slices.
        groups: the group of each.
        thresholds: of the attention map.
    """
    tumours = {name: chosen & with_tumour(stack) for name, chosen in subsets(stack.labels).items()}
    healthy = stack.labels == HEALTHY
    values = {}
    for t, threshold in enumerate(thresholds):
        place = _place(threshold)
        jaccard = overlap.jaccard[:, t]
        values[f"{place}/jaccard"] = _within(jaccard, tumours["tumour"])
        for name in CLASS_NAMES[HEALTHY + 1 :]:
            values[f"{place}/jaccard/{name}"] = _within(jaccard, tumours[name])
        values[f"{place}/activated_fraction/healthy"] = _within(overlap.activated[:, t], healthy)
        values[f"{place}/activated_share/healthy"] = _within(overlap.is_active[:, t], healthy)
    return measure_means(values, groups)


def tabulate_curves(
    measured: Mapping[str, Overlap],
    stack: Stack,
    thresholds: Sequence[float],
    estimates: ProtocolEstimates,
) -> dict[str, pd.DataFrame]:
    """Variant -> columns `threshold`, `jaccard` (mean on tumour slices), `low` and `high`.

    The bounds are empty where there is no interval.
    """
    curves = {}
    for variant, overlap in measured.items():
        known = estimates.networks[variant]
        found = [known.get(f"{_place(threshold)}/jaccard") for threshold in thresholds]
        curves[variant] = pd.DataFrame(
            {
                "threshold": thresholds,
                "jaccard": overlap.jaccard[with_tumour(stack)].mean(axis=0).round(6),
                "low": [estimate.low if estimate else None for estimate in found],
                "high": [estimate.high if estimate else None for estimate in found],
            }
        )
    return curves


def _place(threshold: float) -> str:
    return f"localisation/{threshold_name(threshold)}"


def _within(values: NDArray[np.float64], member: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(member, values, np.nan)
