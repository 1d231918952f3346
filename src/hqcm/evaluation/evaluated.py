"""All that the stage `evaluate` finds: scores, intervals, paired tests and curves."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from hqcm.contracts.estimates import Estimates, ProtocolEstimates
from hqcm.contracts.predictions import Predictions, StudyPredictions
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_protocol
from hqcm.evaluation.calibration import tabulate_reliability
from hqcm.evaluation.classification import evaluate_study, tabulate_confusion
from hqcm.evaluation.classification_intervals import measure_classification
from hqcm.evaluation.groups import Groups, count_groups
from hqcm.evaluation.metrics import Metrics
from hqcm.evaluation.probabilities import probabilities_of
from hqcm.evaluation.roc import tabulate_curves
from hqcm.evaluation.statistics import mcnemar_exact
from hqcm.evaluation.tables import Tables, tabulate_each


class Evaluated(NamedTuple):
    """What is found of every network.

    `mcnemar`: protocol -> a test for each seed, of the compared pair. `confusion`, `roc` (first
    seed) and `reliability` (seeds pooled) are tables for each variant and protocol.
    """

    metrics: dict[str, dict[str, Metrics]]
    intervals: Estimates
    mcnemar: dict[str, list[dict[str, Any]]]
    confusion: Tables
    roc: Tables
    reliability: Tables


def evaluate_predictions(
    predictions: StudyPredictions,
    groups: Mapping[str, Groups],
    study: StudyParams,
    params: UncertaintyParams,
) -> Evaluated:
    """Classification of the test slices, with what can be said of its uncertainty.

    Args:
        predictions: protocol -> variant -> runs.
        groups: protocol -> the group of each test slice.
        study: section `study`.
        params: section `uncertainty`.
    """
    return Evaluated(
        metrics=evaluate_study(predictions),
        intervals={
            protocol: estimate_scores(variants, groups[protocol], study.pair, params)
            for protocol, variants in predictions.items()
        },
        mcnemar={
            protocol: compare_hits(variants, study) for protocol, variants in predictions.items()
        },
        confusion=tabulate_confusion(predictions),
        roc=tabulate_each(predictions, lambda runs: _tabulate_roc(runs[0])),
        reliability=tabulate_each(predictions, _tabulate_pooled),
    )


def estimate_scores(
    variants: Mapping[str, Sequence[Predictions]],
    groups: Groups,
    pair: tuple[str, str],
    params: UncertaintyParams,
) -> ProtocolEstimates:
    """The scores of every network of one protocol with their intervals."""
    measures = {name: measure_classification(runs, groups) for name, runs in variants.items()}
    return estimate_protocol(measures, pair, count_groups(groups), params)


def compare_hits(
    variants: Mapping[str, Sequence[Predictions]], study: StudyParams
) -> list[dict[str, Any]]:
    """McNemar's test of the compared pair, a run of each with the same seed at a time."""
    found = []
    for seed, *runs in zip(study.seeds, *(variants[name] for name in study.pair), strict=True):
        hits = [run.y_true == run.y_pred for run in runs]
        test = mcnemar_exact(*hits)
        found.append(
            {
                "seed": seed,
                "n_only_hybrid": test["n_only_first"],
                "n_only_classical": test["n_only_second"],
                "p_value": test["p_value"],
            }
        )
    return found


def _tabulate_roc(run: Predictions) -> pd.DataFrame:
    return tabulate_curves(probabilities_of(run), run.y_true)


def _tabulate_pooled(runs: Sequence[Predictions]) -> pd.DataFrame:
    probabilities = np.concatenate([probabilities_of(run) for run in runs])
    return tabulate_reliability(probabilities, np.concatenate([run.y_true for run in runs]))
