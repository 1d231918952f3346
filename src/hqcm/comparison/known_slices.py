"""Does a network do better on the test slices that training knows?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hqcm.comparison.comparisons import Familiarity
from hqcm.comparison.effects import Sampled, Values, assess
from hqcm.comparison.sampling import is_defined
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
from hqcm.evaluation.statistics import round_interval, rounded
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.intervals import Interval
from hqcm.results.predictions import Predictions, StudyPredictions


def compare_known(
    predictions: StudyPredictions,
    slices: Mapping[str, TestSlices],
    is_known: Mapping[str, NDArray[np.bool_]],
    uncertainty: UncertaintyParams,
) -> list[Familiarity]:
    """Every network under every protocol whose test slices are of both kinds.

    Args:
        predictions: protocol -> variant -> runs, one for each seed.
        slices: protocol -> its test slices.
        is_known: protocol -> whether training knows each of them.
        uncertainty: section `uncertainty`.
    """
    return [
        Familiarity(
            protocol=protocol,
            variant=variant,
            n_seeds=len(runs),
            **measure_familiarity(runs, slices[protocol].groups, is_known[protocol], uncertainty),
        )
        for protocol, variants in predictions.items()
        if 0 < np.count_nonzero(is_known[protocol]) < len(is_known[protocol])
        for variant, runs in variants.items()
    ]


def measure_familiarity(
    runs: Sequence[Predictions],
    groups: Groups,
    is_known: NDArray[np.bool_],
    uncertainty: UncertaintyParams,
) -> dict[str, Any]:
    """Both accuracies, means over seeds, and their difference, known minus other, with bounds.

    As in `effects.assess`; the degrees of freedom are those of the kind that fewer groups have.
    """
    kinds = np.stack([is_known, ~is_known], axis=1)
    known, other = (size_of(kind, groups) for kind in kinds.T)
    hits = np.stack([run.y_true == run.y_pred for run in runs], axis=1)
    n_hits = sum_groups((hits[:, :, None] & kinds[:, None, :]).astype(np.float64), groups)
    n_slices = sum_groups(kinds.astype(np.float64), groups)

    def accuracies(weights: Weights) -> Values:  # (2, n_seeds, m)
        below = (weights @ n_slices)[:, None, :]
        above = np.tensordot(weights, n_hits, axes=1)
        return divide(above, np.broadcast_to(below, above.shape)).T

    def differences(weights: Weights) -> Values:
        found = accuracies(weights)
        return found[0] - found[1]

    values = accuracies(np.ones((1, count_groups(groups))))[:, :, 0]
    draws = draw_groups(differences, count_groups(groups), uncertainty)
    sampled = Sampled(values[0] - values[1], draws, min(known.n_groups, other.n_groups))
    found = Interval(value=sampled.value, low=None, high=None)
    if sampled.n_groups > 1 and is_defined(sampled.runs, sampled.draws):
        found = assess(sampled)
    difference = round_interval(found)
    return {
        "known_value": rounded(values[0].mean()),
        "known_n_slices": known.n,
        "known_n_groups": known.n_groups,
        "other_value": rounded(values[1].mean()),
        "other_n_slices": other.n,
        "other_n_groups": other.n_groups,
        "difference": difference.value,
        "low": difference.low,
        "high": difference.high,
    }
