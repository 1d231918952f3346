"""Each slice's overlap, averaged over the seeds of a network.

Intervals of what the attention maps cover, and the Jaccard index against the threshold.

Do the attention maps lie on the tumours? Table 2, and activation on healthy slices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
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
    Overlap,
    measure_overlap,
    subsets,
    tabulate_overlap,
    threshold_name,
    with_tumour,
)
from hqcm.evaluation.statistics import wilcoxon_signed_rank
from hqcm.results.files import Tables, tabulate_each
from hqcm.results.intervals import Estimates, ProtocolEstimates
from hqcm.results.predictions import Predictions, StudyPredictions
from hqcm.slices.stacks import Stack


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


@dataclass(frozen=True)
class Localisation:
    """Table 2, and what stands behind it.

    `headline`: protocol -> threshold -> variant -> mean Jaccard index on tumour slices, and
    `wilcoxon` between the compared pair, at the headline attention scale.
    `table`: one row a protocol, attention scale, subset, threshold and variant.
    `intervals`: the headline, each tumour class and the healthy slices, with intervals.
    `curves`: (variant, protocol) -> Jaccard index against the threshold.
    """

    headline: dict[str, Any]
    table: pd.DataFrame
    intervals: Estimates
    curves: Tables


def localise_study(
    predictions: StudyPredictions,
    stacks: Mapping[str, Stack],
    groups: Mapping[str, Groups],
    *,
    pair: tuple[str, str],
    params: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> Localisation:
    """Measure every network of the study; each slice's values are averaged over seeds first.

    Networks without an attention map are left out.

    Args:
        predictions: protocol -> variant -> runs.
        stacks: protocol -> its test slices in the order of the predictions.
        groups: protocol -> the group of each of them.
        pair: the two variants that are compared.
        params: section `localise`.
        uncertainty: section `uncertainty`.

    Raises:
        ValueError: a protocol has no test slice with a tumour whose mask is not empty, or one
            of the pair has no attention map.
    """
    fine = params.model_copy(update={"thresholds": [*CURVE_THRESHOLDS]})
    protocols = [
        _Protocol(name, variants, stacks[name], groups[name], pair, uncertainty)
        for name, variants in predictions.items()
    ]
    return Localisation(
        headline={each.name: each.compare(params) for each in protocols},
        table=pd.DataFrame([row for each in protocols for row in each.tabulate(params)]),
        intervals={each.name: each.estimate(params) for each in protocols},
        curves=tabulate_each(
            {each.name: each.trace(fine) for each in protocols}, lambda curve: curve
        ),
    )


@dataclass(frozen=True)
class _Protocol:
    """The test slices of one protocol and what every network says about them."""

    name: str
    variants: Mapping[str, Sequence[Predictions]]
    stack: Stack
    groups: Groups
    pair: tuple[str, str]
    uncertainty: UncertaintyParams

    def compare(self, params: LocaliseParams) -> dict[str, Any]:
        measured = self._measure(params)
        return compare_pair(measured, self.stack, self.pair, params.thresholds)

    def tabulate(self, params: LocaliseParams) -> list[dict[str, Any]]:
        return [
            {"protocol": self.name, "attention_scale": scale, **row}
            for scale in SCALES
            for row in tabulate_overlap(self._measure(params, scale), self.stack, params.thresholds)
        ]

    def estimate(self, params: LocaliseParams) -> ProtocolEstimates:
        return self._estimate(self._measure(params), params.thresholds)

    def trace(self, params: LocaliseParams) -> dict[str, pd.DataFrame]:
        measured = self._measure(params)
        estimates = self._estimate(measured, params.thresholds)
        return tabulate_curves(measured, self.stack, params.thresholds, estimates)

    def _measure(
        self, params: LocaliseParams, scale: AttentionScale | None = None
    ) -> dict[str, Overlap]:
        chosen = scale or params.attention_scale
        mapped = {name: runs for name, runs in self.variants.items() if runs[0].has_attention}
        return average_variants(mapped, self.stack, chosen, params)

    def _estimate(
        self, measured: Mapping[str, Overlap], thresholds: Sequence[float]
    ) -> ProtocolEstimates:
        measures = measure_variants(measured, self.stack, self.groups, thresholds)
        return estimate_protocol(measures, self.pair, count_groups(self.groups), self.uncertainty)


def compare_pair(
    measured: Mapping[str, Overlap],
    stack: Stack,
    pair: tuple[str, str],
    thresholds: Sequence[float],
) -> dict[str, Any]:
    """Table 2: mean Jaccard index of every variant and the paired test of two of them."""
    member = with_tumour(stack)
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
