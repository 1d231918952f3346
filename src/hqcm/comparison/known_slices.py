"""Does a network do better on the test slices that training knows?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hqcm.comparison.comparisons import Familiarity
from hqcm.comparison.effects import Sampled, assess
from hqcm.comparison.sampling import is_defined
from hqcm.evaluation.bootstrap import (
    Groups,
    UncertaintyParams,
    count_groups,
    draw_measure,
    measure_means,
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

    `is_known`: protocol -> whether training knows each of its test slices.
    """
    return [
        Familiarity(
            protocol=protocol,
            variant=variant,
            n_seeds=len(runs),
            **_measure_familiarity(runs, slices[protocol].groups, is_known[protocol], uncertainty),
        )
        for protocol, variants in predictions.items()
        if 0 < np.count_nonzero(is_known[protocol]) < len(is_known[protocol])
        for variant, runs in variants.items()
    ]


def _measure_familiarity(
    runs: Sequence[Predictions],
    groups: Groups,
    is_known: NDArray[np.bool_],
    uncertainty: UncertaintyParams,
) -> dict[str, Any]:
    """Both accuracies, means over seeds, and their difference, known minus other, with bounds.

    As in `effects.assess`; the degrees of freedom are those of the kind that fewer groups have.
    """
    members = {"known": is_known, "other": ~is_known}
    hits = {
        f"{kind}/{i}": np.where(member, run.y_true == run.y_pred, np.nan)
        for kind, member in members.items()
        for i, run in enumerate(runs)
    }
    measure = measure_means(hits, groups)
    drawn = draw_measure(measure, count_groups(groups), uncertainty)
    sizes = {kind: measure.sizes[f"{kind}/0"] for kind in members}
    known, other = (
        Sampled(
            np.array([drawn.values[f"{kind}/{i}"] for i in range(len(runs))]),
            np.array([drawn.draws[f"{kind}/{i}"] for i in range(len(runs))]),
            min(size.n_groups for size in sizes.values()),
        )
        for kind in members
    )
    gap = known.minus(other)
    has_bounds = gap.n_groups > 1 and is_defined(gap.runs, gap.draws)
    found = assess(gap) if has_bounds else Interval(value=gap.value, low=None, high=None)
    difference = round_interval(found)
    return {
        **{f"{kind}_n_slices": size.n for kind, size in sizes.items()},
        **{f"{kind}_n_groups": size.n_groups for kind, size in sizes.items()},
        "known_value": rounded(known.value),
        "other_value": rounded(other.value),
        "difference": difference.value,
        "low": difference.low,
        "high": difference.high,
    }
