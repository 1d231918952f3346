"""Do the attention maps lie on the tumours? Table 2, and activation on healthy slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.predictions import Predictions, StudyPredictions
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.overlap import (
    SCALES,
    AttentionScale,
    LocaliseParams,
    Overlap,
    measure_overlap,
    threshold_name,
)
from hqcm.evaluation.overlap_table import subsets, tabulate_overlap
from hqcm.evaluation.statistics import wilcoxon_signed_rank


@dataclass(frozen=True)
class Localisation:
    """Table 2 of every protocol, and the long table behind it.

    `headline`: protocol -> threshold -> variant -> mean Jaccard index on tumour slices, and
    `wilcoxon` between the compared pair, at the headline attention scale.
    `table`: one row a protocol, attention scale, subset, threshold and variant.
    """

    headline: dict[str, Any]
    table: pd.DataFrame


def localise_study(
    predictions: StudyPredictions,
    stacks: Mapping[str, Stack],
    pair: tuple[str, str],
    params: LocaliseParams,
) -> Localisation:
    """Measure every network of the study; each slice's values are averaged over seeds first.

    Networks without an attention map are left out.

    Args:
        predictions: protocol -> variant -> runs.
        stacks: protocol -> its test slices in the order of the predictions.
        pair: the two variants that the Wilcoxon test compares.
        params: section `localise`.

    Raises:
        ValueError: a protocol has no test slice with a tumour whose mask is not empty, or one
            of the pair has no attention map.
    """
    headline: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for protocol, variants in predictions.items():
        stack = stacks[protocol]
        for scale in SCALES:
            measured = {
                variant: average_overlap(runs, stack, scale, params)
                for variant, runs in variants.items()
                if runs[0].has_attention
            }
            found = tabulate_overlap(measured, stack, params.thresholds)
            rows += [{"protocol": protocol, "attention_scale": scale, **row} for row in found]
            if scale == params.attention_scale:
                headline[protocol] = compare_pair(measured, stack, pair, params.thresholds)
    return Localisation(headline, pd.DataFrame(rows))


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


def compare_pair(
    measured: Mapping[str, Overlap],
    stack: Stack,
    pair: tuple[str, str],
    thresholds: Sequence[float],
) -> dict[str, Any]:
    """Table 2: mean Jaccard index of every variant and the paired test of two of them."""
    member = subsets(stack.labels)["tumour"] & stack.masks.any(axis=(1, 2))
    if not member.any():
        raise ValueError("test slices must hold a tumour whose mask is not empty; got none")
    if not set(pair) <= set(measured):
        raise ValueError(
            "the first network under study.hybrid and under study.classical must have an "
            f"attention map; got {', '.join(sorted(set(pair) - set(measured)))}, which has none"
        )
    found: dict[str, Any] = {}
    for t, threshold in enumerate(thresholds):
        jaccard = {name: overlap.jaccard[member, t] for name, overlap in measured.items()}
        found[threshold_name(threshold)] = {
            **{name: float(values.mean()) for name, values in jaccard.items()},
            "wilcoxon": wilcoxon_signed_rank(jaccard[pair[0]], jaccard[pair[1]]),
        }
    return found


def _defined_mean(values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    stacked = np.stack(values)
    n_defined = np.count_nonzero(~np.isnan(stacked), axis=0)
    total = np.nansum(stacked, axis=0)
    return np.divide(total, n_defined, out=np.full(total.shape, np.nan), where=n_defined > 0)
