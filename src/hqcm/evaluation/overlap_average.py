"""Each slice's overlap, averaged over the seeds of a network."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.predictions import Predictions
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.overlap import AttentionScale, LocaliseParams, Overlap, measure_overlap


def average_variants(
    variants: Mapping[str, Sequence[Predictions]],
    stack: Stack,
    scale: AttentionScale,
    params: LocaliseParams,
) -> dict[str, Overlap]:
    """Variant -> each slice's values averaged over its seeds."""
    return {name: average_overlap(runs, stack, scale, params) for name, runs in variants.items()}


def average_overlap(
    runs: Sequence[Predictions], stack: Stack, scale: AttentionScale, params: LocaliseParams
) -> Overlap:
    """Each slice's values averaged over seeds; undefined only where no seed defines them."""
    each = [
        measure_overlap(run.attention, stack, params.thresholds, scale, params.empty_mask)
        for run in runs
    ]
    return Overlap(
        _defined_mean([overlap.jaccard for overlap in each]),
        np.mean([overlap.activated for overlap in each], axis=0),
        np.mean([overlap.is_active for overlap in each], axis=0),
    )


def _defined_mean(values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    stacked = np.stack(values)
    n_defined = np.count_nonzero(~np.isnan(stacked), axis=0)
    total = np.nansum(stacked, axis=0)
    return np.divide(total, n_defined, out=np.full(total.shape, np.nan), where=n_defined > 0)
