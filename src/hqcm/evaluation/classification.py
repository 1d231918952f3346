"""Classification of the test slices: Table 1 and Fig. 9."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.contracts.predictions import Predictions, StudyPredictions
from hqcm.evaluation.calibration import expected_calibration_error, squared_errors
from hqcm.evaluation.metrics import Areas, Averages, ClassScores, Metrics, RunMetrics
from hqcm.evaluation.probabilities import probabilities_of
from hqcm.evaluation.roc import area_under_curve, mean_area
from hqcm.evaluation.tables import Tables, tabulate_each


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
