"""The compared quantities of every run, in the data and in every draw of groups."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from hqcm.comparison.effects import Sampled, Values
from hqcm.contracts.labels import N_CLASSES
from hqcm.evaluation.bootstrap import (
    UncertaintyParams,
    Weights,
    count_groups,
    divide,
    draw_groups,
    size_of,
    sum_groups,
)
from hqcm.evaluation.overlap import LocaliseParams, measure_overlap, threshold_name, with_tumour
from hqcm.evaluation.scores import score_confusion
from hqcm.evaluation.statistics import MAX_UNDEFINED, Size
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.predictions import Predictions, StudyPredictions

_SCORES = ("metrics/accuracy", "metrics/macro/f1")


class Sample(NamedTuple):
    """What is known of one protocol: sizes by quantity, then variant -> quantity -> values.

    Quantities are named as in `data/paper/claims.yaml`; a network has those that are defined for
    it.
    """

    sizes: dict[str, Size]
    networks: dict[str, dict[str, Sampled]]


def sample_study(
    predictions: StudyPredictions,
    slices: Mapping[str, TestSlices],
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> dict[str, Sample]:
    """Protocol -> what is known of it, see `_sample_protocol`."""
    return {
        protocol: _sample_protocol(variants, slices[protocol], localise, uncertainty)
        for protocol, variants in predictions.items()
    }


def _sample_protocol(
    variants: Mapping[str, Sequence[Predictions]],
    slices: TestSlices,
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> Sample:
    """Measure accuracy, macro F1 and the Jaccard index of every run in the same draws.

    A quantity that is undefined for a network (a class without slices, no attention map) is left
    out there. The Jaccard index is that at the first threshold.
    """
    names = [*_SCORES, f"localisation/{threshold_name(localise.thresholds[0])}/jaccard"]
    everyone = np.ones(len(slices.groups), np.bool_)
    members = (everyone, everyone, with_tumour(slices.stack))
    sizes = {n: size_of(m, slices.groups) for n, m in zip(names, members, strict=True)}
    sums = np.concatenate(
        [_sum_run(run, slices, localise) for runs in variants.values() for run in runs], axis=1
    )
    n_groups = count_groups(slices.groups)
    values = _measure_sums(np.ones((1, n_groups)), sums).reshape(len(variants), -1, len(names))
    draws = draw_groups(lambda weights: _measure_sums(weights, sums), n_groups, uncertainty)
    draws = draws.reshape(*values.shape, -1)
    networks = {
        variant: {
            name: Sampled(values[v, :, q], draws[v, :, q], size.n_groups)
            for q, (name, size) in enumerate(sizes.items())
            if is_defined(values[v, :, q], draws[v, :, q])
        }
        for v, variant in enumerate(variants)
    }
    return Sample(sizes, networks)


def is_defined(values: Values, draws: Values) -> bool:
    """Whether the data and nine tenths of the draws give a quantity a value."""
    return not np.isnan(values).any() and bool(np.isnan(draws).mean() <= MAX_UNDEFINED)


def _sum_run(run: Predictions, slices: TestSlices, params: LocaliseParams) -> Values:
    """Sums over the slices of each group, of which the quantities of a run follow.

    ``(n_groups, 18)``: the confusion matrix row by row, the tumours' Jaccard indices, their number.
    """
    cells = np.eye(N_CLASSES**2)[run.y_true * N_CLASSES + run.y_pred]
    jaccard = np.full(len(slices.groups), np.nan)
    if run.has_attention:
        first, scale, empty = params.thresholds[:1], params.attention_scale, params.empty_mask
        found = measure_overlap(run.attention, slices.stack, first, scale, empty).jaccard[:, 0]
        jaccard = np.where(with_tumour(slices.stack), found, np.nan)
    columns = [cells, np.nan_to_num(jaccard), ~np.isnan(jaccard)]
    return sum_groups(np.column_stack(columns), slices.groups)


def _measure_sums(weights: Weights, sums: Values) -> Values:
    """Each run's accuracy, macro F1 and Jaccard index for any weights: ``(n_runs * 3, m)``."""
    found = (weights @ sums).reshape(-1, N_CLASSES**2 + 2)
    confusion = found[:, :-2].reshape(-1, N_CLASSES, N_CLASSES)
    scores = score_confusion(confusion, np.ones(N_CLASSES, np.bool_))
    columns = [*(scores[name] for name in _SCORES), divide(found[:, -2], found[:, -1])]
    return np.stack(columns, axis=1).reshape(len(weights), -1).T
