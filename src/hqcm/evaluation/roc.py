"""One class against the rest: the receiver operating characteristic and the area below it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.bootstrap import Groups, Weights, divide

_MAX_POINTS = 200  # of a curve; more than a figure or a chart can show


def area_under_curve(score: NDArray[np.float64], is_class: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve; None where there are only slices of the class, or none.

    Shape:
        - score, is_class: ``(n,)``.
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415  (slow; the report reads tables only)

    if is_class.all() or not is_class.any():
        return None
    return float(roc_auc_score(is_class, score))


def mean_area(areas: Sequence[float | None]) -> float | None:
    """Mean over the classes that have an area, None where none has."""
    defined = [area for area in areas if area is not None]
    return float(np.mean(defined)) if defined else None


class RankedSlices:
    r"""The area under the ROC curve for any weights of the groups.

    Slices of the class and the rest, sorted by score: with :math:`p_b` and :math:`q_b` their
    weights at the b-th distinct score,
    :math:`A = \sum_b p_b (\sum_{a<b} q_a + q_b / 2) / (\sum p \sum q)`.

    Shape:
        - score, is_class, groups: ``(n,)``.

    Source:
        Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143
        (1982): the area is the share of pairs in the right order, ties counting half.
    """

    def __init__(
        self, score: NDArray[np.float64], is_class: NDArray[np.bool_], groups: Groups
    ) -> None:
        order = np.argsort(score, kind="stable")
        self._starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
        self._groups = groups[order]
        self._is_class = is_class[order]

    def area(self, weights: Weights) -> NDArray[np.float64]:
        """``(m,)``; NaN where the weights leave no slice of the class, or no other."""
        weight = weights[:, self._groups]
        positive = np.add.reduceat(weight * self._is_class, self._starts, axis=1)
        negative = np.add.reduceat(weight * ~self._is_class, self._starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative / 2
        n_pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return divide((positive * below).sum(axis=1), n_pairs)


def tabulate_curves(
    probabilities: NDArray[np.float64], y_true: NDArray[np.int64], max_points: int = _MAX_POINTS
) -> pd.DataFrame:
    """Columns `class`, `false_positive_rate` and `true_positive_rate`, from (0, 0) to (1, 1).

    A class whose curve is undefined has no row; a curve of many corners is thinned to equal
    steps through them.
    """
    curves = [
        _curve(probabilities[:, label], y_true == label, max_points).assign(**{"class": name})
        for label, name in enumerate(CLASS_NAMES)
        if 0 < np.count_nonzero(y_true == label) < len(y_true)
    ]
    columns = ["class", "false_positive_rate", "true_positive_rate"]
    return pd.concat(curves)[columns] if curves else pd.DataFrame(columns=columns)


def _curve(
    score: NDArray[np.float64], is_class: NDArray[np.bool_], max_points: int
) -> pd.DataFrame:
    from sklearn.metrics import roc_curve  # noqa: PLC0415  (likewise)

    false_positive, true_positive, _ = roc_curve(is_class, score)
    n = len(false_positive)
    kept = np.unique(np.linspace(0, n - 1, min(n, max_points)).round().astype(int))
    return pd.DataFrame(
        {
            "false_positive_rate": false_positive[kept].round(6),
            "true_positive_rate": true_positive[kept].round(6),
        }
    )
