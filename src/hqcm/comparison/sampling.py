"""The compared quantities of every run, in the data and in every draw of groups."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.comparison.effects import Sampled, Values
from hqcm.contracts.labels import HEALTHY, N_CLASSES
from hqcm.evaluation.bootstrap import (
    Groups,
    UncertaintyParams,
    Weights,
    count_groups,
    divide,
    draw_groups,
    size_of,
    sum_groups,
)
from hqcm.evaluation.overlap import LocaliseParams, measure_overlap, threshold_name
from hqcm.evaluation.scores import score_confusion
from hqcm.evaluation.statistics import MAX_UNDEFINED, Size
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

SCORES = ("metrics/accuracy", "metrics/macro/f1")


def name_quantities(params: LocaliseParams) -> list[str]:
    """As in `data/paper/claims.yaml`; the Jaccard index at the first threshold."""
    return [*SCORES, f"localisation/{threshold_name(params.thresholds[0])}/jaccard"]


class Sample(NamedTuple):
    """What is known of one protocol: sizes by quantity, then variant -> quantity -> values.

    A network has the quantities that are defined for it.
    """

    sizes: dict[str, Size]
    networks: dict[str, dict[str, Sampled]]


def sample_protocol(
    variants: Mapping[str, Sequence[Predictions]],
    stack: Stack,
    groups: Groups,
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> Sample:
    """Measure every run of one protocol in the same draws.

    A quantity that is undefined for a network (a class without slices, no attention map) is left
    out there.

    Args:
        variants: variant -> runs, one for each seed.
        stack: masks of the test slices, in the order of the predictions.
        groups: the group of each test slice.
        localise: section `localise`.
        uncertainty: section `uncertainty`.
    """
    names = name_quantities(localise)
    has_tumour = (stack.labels != HEALTHY) & stack.masks.any(axis=(1, 2))
    runs = [run for runs in variants.values() for run in runs]
    sums = np.concatenate([sum_run(run, stack, groups, has_tumour, localise) for run in runs], 1)
    everyone = np.ones(len(groups), np.bool_)
    sizes = [size_of(member, groups) for member in (everyone, everyone, has_tumour)]
    shape = (len(variants), -1, len(names))
    n_groups = count_groups(groups)
    values = measure_sums(np.ones((1, n_groups)), sums).reshape(shape)
    draws = draw_groups(lambda weights: measure_sums(weights, sums), n_groups, uncertainty)
    draws = draws.reshape(*values.shape, -1)
    sampled = {
        variant: {
            name: Sampled(values[v, :, q], draws[v, :, q], size.n_groups)
            for q, (name, size) in enumerate(zip(names, sizes, strict=True))
            if is_defined(values[v, :, q], draws[v, :, q])
        }
        for v, variant in enumerate(variants)
    }
    return Sample(dict(zip(names, sizes, strict=True)), sampled)


def is_defined(values: Values, draws: Values) -> bool:
    """Whether the data and nine tenths of the draws give a quantity a value."""
    return not np.isnan(values).any() and bool(np.isnan(draws).mean() <= MAX_UNDEFINED)


def sum_run(
    run: Predictions,
    stack: Stack,
    groups: Groups,
    has_tumour: NDArray[np.bool_],
    params: LocaliseParams,
) -> Values:
    """Sums over the slices of each group, of which the quantities of a run follow.

    Shape:
        - returns: ``(n_groups, 18)``: the confusion matrix row by row, the Jaccard indices of
          the tumours, and how many there are.
    """
    cell = np.eye(N_CLASSES**2)[run.y_true * N_CLASSES + run.y_pred]
    jaccard = np.zeros(len(groups))
    has_jaccard = has_tumour & run.has_attention
    if has_jaccard.any():
        tumours = take_slices(stack, has_tumour)
        threshold, scale, empty = params.thresholds[0], params.attention_scale, params.empty_mask
        overlap = measure_overlap(run.attention[has_tumour], tumours, [threshold], scale, empty)
        jaccard[has_tumour] = overlap.jaccard[:, 0]
    return sum_groups(np.column_stack([cell, jaccard, has_jaccard]), groups)


def measure_sums(weights: Weights, sums: Values) -> Values:
    """Each run's accuracy, macro F1 and Jaccard index for any weights of the groups.

    Shape:
        - sums: ``(n_groups, n_runs * 18)``.
        - returns: ``(n_runs * 3, m)``.
    """
    found = (weights @ sums).reshape(-1, N_CLASSES**2 + 2)
    confusion = found[:, :-2].reshape(-1, N_CLASSES, N_CLASSES)
    scores = score_confusion(confusion, np.ones(N_CLASSES, np.bool_))
    columns = [*(scores[name] for name in SCORES), divide(found[:, -2], found[:, -1])]
    return np.stack(columns, axis=1).reshape(len(weights), -1).T


def take_slices(stack: Stack, chosen: NDArray[np.bool_]) -> Stack:
    """Some slices of a stack."""
    return Stack(
        np.array(stack.slice_id)[chosen].tolist(),
        stack.images[chosen],
        stack.masks[chosen],
        stack.has_mask[chosen],
        stack.labels[chosen],
    )
