"""Do the attention maps lie on the tumours? Table 2, and activation on healthy slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hqcm.contracts.estimates import Estimates, ProtocolEstimates
from hqcm.contracts.predictions import Predictions, StudyPredictions
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_protocol
from hqcm.evaluation.groups import Groups, count_groups
from hqcm.evaluation.overlap import (
    SCALES,
    AttentionScale,
    LocaliseParams,
    Overlap,
    threshold_name,
)
from hqcm.evaluation.overlap_average import average_variants
from hqcm.evaluation.overlap_intervals import (
    CURVE_THRESHOLDS,
    measure_variants,
    tabulate_curves,
)
from hqcm.evaluation.overlap_table import tabulate_overlap, with_tumour
from hqcm.evaluation.statistics import wilcoxon_signed_rank
from hqcm.evaluation.tables import Tables, tabulate_each


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
