"""The scores of Table 1 and their like: of a run in the data, and for any weights of the groups.

Precision, recall, F1, both accuracies and the calibration error come from one computation, in
the data with all slices as one group. Brier score and areas under the ROC curve have two of the
same value that differ in the last digit, where `reports/metrics.json` keeps every digit: summed
slice by slice and by scikit-learn for the data; from sums of groups, and by `RankedSlices`, for
thousands of draws, where scikit-learn would take minutes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.evaluation.bootstrap import (
    Groups,
    Measure,
    Quantities,
    Weights,
    count_groups,
    divide,
    size_of,
    sum_groups,
)
from hqcm.evaluation.calibration import spread_over_bins, squared_errors
from hqcm.evaluation.roc import RankedSlices, area_under_curve, mean_area
from hqcm.results.predictions import Predictions

_SCORES = ("precision", "recall", "f1")


def score_run(run: Predictions) -> dict[str, float | None]:
    """Every score in the data, by its path in `reports/metrics.json`; an undefined area is None.

    A class nobody predicted has precision 0, one without slices recall 0 (scikit-learn's
    `zero_division`). Balanced accuracy is the mean recall of the classes that have test slices,
    and the macro area under the ROC curve the mean over those classes too.
    """
    probabilities, y_true = run.probabilities, run.y_true
    counted = _RunSums(run, np.zeros_like(y_true)).count(np.ones((1, 1)), absent=0.0)
    areas = [area_under_curve(probabilities[:, i], y_true == i) for i in range(N_CLASSES)]
    return {
        **{name: float(value) for name, (value,) in counted.items()},
        "metrics/brier": float(squared_errors(probabilities, y_true).mean()),
        "metrics/auroc/macro": mean_area(areas),
        **{
            f"metrics/auroc/per_class/{name}": area
            for name, area in zip(CLASS_NAMES, areas, strict=True)
        },
    }


def measure_classification(runs: Sequence[Predictions], groups: Groups) -> Measure:
    """Every score of a network, mean over its seeds.

    A score of a class is undefined where the class has no slices, and with it the averages
    that the class takes part in: of the classes that the test slices have, for balanced
    accuracy and AUROC, of all for macro precision, recall and F1.
    """
    y_true = runs[0].y_true
    each = [_RunSums(run, groups) for run in runs]

    def quantities(weights: Weights) -> Quantities:
        found = [sums.quantities(weights) for sums in each]
        return {name: np.mean([run[name] for run in found], axis=0) for name in found[0]}

    whole = size_of(np.ones(len(y_true), np.bool_), groups)
    names = quantities(np.ones((1, count_groups(groups))))
    recalls = {
        f"metrics/per_class/{name}/recall": size_of(y_true == label, groups)
        for label, name in enumerate(CLASS_NAMES)
    }
    return Measure(quantities, {**dict.fromkeys(names, whole), **recalls})


class _RunSums:
    """Sums over the slices of each group, of which all scores of a run follow."""

    def __init__(self, run: Predictions, groups: Groups) -> None:
        probabilities, identity = run.probabilities, np.eye(N_CLASSES)
        cells = identity[run.y_true][:, :, None] * identity[run.y_pred][:, None, :]
        self._is_present = np.isin(range(N_CLASSES), run.y_true)
        self._confusion = sum_groups(cells.reshape(-1, N_CLASSES**2), groups)
        self._surplus = sum_groups(spread_over_bins(probabilities, run.y_true), groups)
        self._squared_error = sum_groups(squared_errors(probabilities, run.y_true), groups)
        self._ranked = [
            RankedSlices(probabilities[:, label], run.y_true == label, groups)
            for label in range(N_CLASSES)
        ]

    def count(self, weights: Weights, *, absent: float = np.nan) -> Quantities:
        """Scores of the classes, and how well they are calibrated."""
        confusion = weights @ self._confusion
        return {
            **score_confusion(
                confusion.reshape(-1, N_CLASSES, N_CLASSES), self._is_present, absent=absent
            ),
            "metrics/ece": np.abs(weights @ self._surplus).sum(axis=1) / confusion.sum(axis=1),
        }

    def quantities(self, weights: Weights) -> Quantities:
        n = (weights @ self._confusion).sum(axis=1)
        areas = np.stack([ranked.area(weights) for ranked in self._ranked], axis=1)
        return {
            **self.count(weights),
            "metrics/brier": weights @ self._squared_error / n,
            "metrics/auroc/macro": _mean_of(areas, self._is_present),
            **{f"metrics/auroc/{name}": areas[:, i] for i, name in enumerate(CLASS_NAMES)},
        }


def score_confusion(
    confusion: NDArray[np.float64], is_present: NDArray[np.bool_], *, absent: float = np.nan
) -> Quantities:
    """Scores of confusion matrices, rows actual, columns predicted.

    Precision is 0 where a class is there and never predicted.

    Args:
        confusion: ``(m, 4, 4)``.
        is_present: ``(4,)``, the classes of balanced accuracy.
        absent: the scores of a class without slices.
    """
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    support, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    table = {
        "precision": divide(hits, predicted, empty=0.0),
        "recall": divide(hits, support),
        "f1": divide(2 * hits, support + predicted),
    }
    table = {score: np.where(support > 0, values, absent) for score, values in table.items()}
    n = support.sum(axis=1)
    everyone = np.ones(N_CLASSES, np.bool_)
    return {
        "metrics/accuracy": hits.sum(axis=1) / n,
        "metrics/balanced_accuracy": _mean_of(table["recall"], is_present),
        **{f"metrics/macro/{score}": _mean_of(table[score], everyone) for score in _SCORES},
        **{
            f"metrics/weighted/{score}": (np.nan_to_num(table[score]) * support).sum(axis=1) / n
            for score in _SCORES
        },
        **{
            f"metrics/per_class/{name}/{score}": table[score][:, label]
            for label, name in enumerate(CLASS_NAMES)
            for score in _SCORES
        },
    }


def _mean_of(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean over the chosen columns, NaN where one of them is, or where there is none."""
    return divide(values[:, chosen].sum(axis=1), np.full(len(values), float(chosen.sum())))
