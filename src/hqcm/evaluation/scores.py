"""The scores of Table 1 and their like for any weights of the groups of test slices."""

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
from hqcm.evaluation.roc import RankedSlices
from hqcm.results.predictions import Predictions, probabilities_of

SCORES = ("precision", "recall", "f1")


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
        probabilities = probabilities_of(run)
        identity = np.eye(N_CLASSES)
        cells = identity[run.y_true][:, :, None] * identity[run.y_pred][:, None, :]
        self._is_present = np.isin(range(N_CLASSES), run.y_true)
        self._confusion = sum_groups(cells.reshape(-1, N_CLASSES**2), groups)
        self._surplus = sum_groups(spread_over_bins(probabilities, run.y_true), groups)
        self._squared_error = sum_groups(squared_errors(probabilities, run.y_true), groups)
        self._ranked = [
            RankedSlices(probabilities[:, label], run.y_true == label, groups)
            for label in range(N_CLASSES)
        ]

    def quantities(self, weights: Weights) -> Quantities:
        confusion = (weights @ self._confusion).reshape(-1, N_CLASSES, N_CLASSES)
        n = confusion.sum(axis=(1, 2))
        areas = np.stack([ranked.area(weights) for ranked in self._ranked], axis=1)
        return {
            **score_confusion(confusion, self._is_present),
            "metrics/ece": np.abs(weights @ self._surplus).sum(axis=1) / n,
            "metrics/brier": weights @ self._squared_error / n,
            "metrics/auroc/macro": _mean_of(areas, self._is_present),
            **{f"metrics/auroc/{name}": areas[:, i] for i, name in enumerate(CLASS_NAMES)},
        }


def score_confusion(confusion: NDArray[np.float64], is_present: NDArray[np.bool_]) -> Quantities:
    """Scores of confusion matrices, rows actual, columns predicted.

    Precision is 0 where a class is there and never predicted.

    Args:
        confusion: ``(m, 4, 4)``.
        is_present: ``(4,)``, the classes of balanced accuracy.
    """
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    support, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    undefined = np.where(support > 0, 0.0, np.nan)
    table = {
        "precision": np.nan_to_num(divide(hits, predicted)) + undefined,
        "recall": divide(hits, support),
        "f1": divide(2 * hits, support + predicted) + undefined,
    }
    share = support / support.sum(axis=1, keepdims=True)
    everyone = np.ones(N_CLASSES, np.bool_)
    return {
        "metrics/accuracy": hits.sum(axis=1) / support.sum(axis=1),
        "metrics/balanced_accuracy": _mean_of(table["recall"], is_present),
        **{f"metrics/macro/{score}": _mean_of(table[score], everyone) for score in SCORES},
        **{
            f"metrics/weighted/{score}": (np.nan_to_num(table[score]) * share).sum(axis=1)
            for score in SCORES
        },
        **{
            f"metrics/per_class/{name}/{score}": table[score][:, label]
            for label, name in enumerate(CLASS_NAMES)
            for score in SCORES
        },
    }


def _mean_of(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean over the chosen columns, NaN where one of them is, or where there is none."""
    return divide(values[:, chosen].sum(axis=1), np.full(len(values), float(chosen.sum())))
