"""What `reports/metrics.json` holds of a network.

Classification of the test slices: Table 1 and Fig. 9.

All that the stage `evaluate` finds: scores, intervals, paired tests and curves.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import Groups, UncertaintyParams, count_groups, estimate_protocol
from hqcm.evaluation.calibration import (
    expected_calibration_error,
    squared_errors,
    tabulate_reliability,
)
from hqcm.evaluation.roc import area_under_curve, mean_area, tabulate_curves
from hqcm.evaluation.scores import measure_classification
from hqcm.evaluation.statistics import mcnemar_exact
from hqcm.results.files import Tables, tabulate_each
from hqcm.results.intervals import Estimates, ProtocolEstimates
from hqcm.results.predictions import Predictions, StudyPredictions, probabilities_of


class Averages(TypedDict):
    """Precision, recall and F1, averaged over classes."""

    precision: float
    recall: float
    f1: float


class ClassScores(Averages):
    """Those of one class, and how many test slices it has."""

    support: int


class Areas(TypedDict):
    """Area under each class's ROC curve against the rest; None where it is undefined."""

    macro: float | None
    per_class: dict[str, float | None]


class RunMetrics(TypedDict):
    """What one run reaches on the test slices: fractions, and the Brier score from 0 to 2."""

    accuracy: float
    balanced_accuracy: float
    macro: Averages
    weighted: Averages
    per_class: dict[str, ClassScores]
    ece: float
    brier: float
    auroc: Areas


class Metrics(RunMetrics):
    """Means over seeds; `spread` is their sample standard deviation, null for a single seed."""

    n_test: int
    n_seeds: int
    spread: dict[str, Any]


def evaluate_study(predictions: StudyPredictions) -> dict[str, dict[str, Metrics]]:
    """Protocol -> variant -> metrics, in the order of the study."""
    return {
        protocol: {variant: summarise_runs(runs) for variant, runs in variants.items()}
        for protocol, variants in predictions.items()
    }


def summarise_runs(runs: Sequence[Predictions]) -> Metrics:
    """Mean and spread of one network's metrics over its seeds."""
    each = [evaluate_run(run) for run in runs]
    mean: Any = _combine(each, _mean)
    for name, scores in mean["per_class"].items():
        scores["support"] = each[0]["per_class"][name]["support"]
    summary: Any = {
        **mean,
        "n_test": len(runs[0].y_true),
        "n_seeds": len(runs),
        "spread": _combine(each, _sample_deviation),
    }
    return summary


def evaluate_run(run: Predictions) -> RunMetrics:
    """Metrics of one run; a class nobody predicted has precision 0, one without slices recall 0.

    Balanced accuracy is the mean recall of the classes that have test slices, and the macro
    area under the ROC curve the mean over those classes too.
    """
    per_class = _score_classes(run)
    probabilities = probabilities_of(run)
    return RunMetrics(
        accuracy=float((run.y_true == run.y_pred).mean()),
        balanced_accuracy=float(
            np.mean([scores["recall"] for scores in per_class.values() if scores["support"]])
        ),
        macro=_average_scores(run, "macro"),
        weighted=_average_scores(run, "weighted"),
        per_class=per_class,
        ece=expected_calibration_error(probabilities, run.y_true),
        brier=float(squared_errors(probabilities, run.y_true).mean()),
        auroc=_find_areas(probabilities, run.y_true),
    )


def tabulate_confusion(predictions: StudyPredictions) -> Tables:
    """Columns `actual` and `predicted`, class names, one row a test slice and seed."""
    return tabulate_each(predictions, lambda runs: pd.concat([_confusion(run) for run in runs]))


def _find_areas(probabilities: NDArray[np.float64], y_true: NDArray[np.int64]) -> Areas:
    per_class = {
        name: area_under_curve(probabilities[:, label], y_true == label)
        for label, name in enumerate(CLASS_NAMES)
    }
    return Areas(macro=mean_area([*per_class.values()]), per_class=per_class)


def _confusion(run: Predictions) -> pd.DataFrame:
    names = np.array(CLASS_NAMES)
    return pd.DataFrame({"actual": names[run.y_true], "predicted": names[run.y_pred]})


def _score_classes(run: Predictions) -> dict[str, ClassScores]:
    columns = precision_recall_fscore_support(
        run.y_true, run.y_pred, labels=range(N_CLASSES), zero_division=0
    )
    return {
        name: ClassScores(precision=float(p), recall=float(r), f1=float(f1), support=int(n))
        for name, p, r, f1, n in zip(CLASS_NAMES, *columns, strict=True)
    }


def _average_scores(run: Predictions, average: Literal["macro", "weighted"]) -> Averages:
    precision, recall, f1, _ = precision_recall_fscore_support(
        run.y_true, run.y_pred, labels=range(N_CLASSES), average=average, zero_division=0
    )
    return Averages(precision=float(precision), recall=float(recall), f1=float(f1))


def _combine(
    trees: Sequence[Mapping[str, Any]], fold: Callable[[Sequence[float]], float | None]
) -> dict[str, Any]:
    """Fold the numbers at each leaf of trees of one shape; None, which all share, stays.

    `support`, the same in all, is left.
    """
    return {
        key: _combine([tree[key] for tree in trees], fold)
        if isinstance(value, Mapping)
        else None
        if value is None
        else fold([tree[key] for tree in trees])
        for key, value in trees[0].items()
        if key != "support"
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _sample_deviation(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


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
