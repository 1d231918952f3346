"""How far apart the classes lie in the features before the classifier.

Measured among the features themselves, not in the plane of t-SNE, and as they are, not
standardised: that is what Fig. 8 shows and what the classifier weighs, and a feature that hardly
moves (a dead ReLU) would be blown up to count as much as any other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.predictions import Predictions
from hqcm.evaluation.bootstrap import Measure, Quantities, Weights
from hqcm.evaluation.groups import Groups, measure_means, size_of

SILHOUETTE, NEIGHBOURS = "separability/silhouette", "separability/knn_accuracy"
N_NEIGHBOURS = 5  # scikit-learn's default


def measure_separability(runs: Sequence[Predictions], groups: Groups) -> Measure:
    """Mean silhouette and the accuracy of k nearest neighbours, means over seeds.

    In a draw the silhouettes are taken anew among the slices drawn; the neighbours of a slice
    stay those it has among all slices, for a draw that repeats them would be another classifier.
    """
    y_true = runs[0].y_true
    each = [Distances(run.features, y_true) for run in runs]
    hits = np.mean([distances.find_hits(groups) for distances in each], axis=0)
    neighbours = measure_means({NEIGHBOURS: hits}, groups)

    def quantities(weights: Weights) -> Quantities:
        repeated = weights[:, groups]
        silhouette = np.mean([distances.silhouette(repeated) for distances in each], axis=0)
        return {SILHOUETTE: silhouette, **neighbours.quantities(weights)}

    whole = size_of(np.ones(len(y_true), np.bool_), groups)
    return Measure(quantities, {SILHOUETTE: whole, **neighbours.sizes})


class Distances:
    """Euclidean distances between the features of every two slices.

    Shape:
        - features: ``(n, n_features)``.
        - y_true: ``(n,)``.
    """

    def __init__(self, features: NDArray[np.float32], y_true: NDArray[np.int64]) -> None:
        from scipy.spatial.distance import cdist  # noqa: PLC0415  (slow to load)

        exact = features.astype(np.float64)
        self._distances: NDArray[np.float64] = cdist(exact, exact)
        self._y_true = y_true

    def silhouette(self, repeated: NDArray[np.float64]) -> NDArray[np.float64]:
        r"""Mean over slices of :math:`(b - a) / \max(a, b)`.

        :math:`a` is the mean distance to the other slices of the same class, :math:`b` that to
        the slices of the nearest other class. Copies of a slice are no others: they would lie at
        distance 0. A slice without others of its class has 0.

        Shape:
            - repeated: ``(m, n)``, how often each slice counts.
            - returns: ``(m,)``, [-1, 1]; NaN where fewer than two classes count.

        Source:
            Rousseeuw, Silhouettes, J. Comput. Appl. Math. 20 (1987).
        """
        own = np.zeros_like(repeated)
        other = np.full_like(repeated, np.inf)
        for label in np.unique(self._y_true):
            inside = self._y_true == label
            weight = repeated[:, inside]
            total = weight @ self._distances[inside]
            n = weight.sum(axis=1, keepdims=True)
            own[:, inside] = _mean(total[:, inside], n - weight, absent=np.nan)
            elsewhere = _mean(total[:, ~inside], n, absent=np.inf)
            other[:, ~inside] = np.minimum(other[:, ~inside], elsewhere)
        return _average_silhouettes(own, other, repeated)

    def find_hits(self, groups: Groups) -> NDArray[np.float64]:
        """1 where most of the nearest slices of other groups have a slice's class, else 0.

        A tie goes to the class of the lower id, as in scikit-learn. NaN for all where a slice
        has too few slices of other groups.
        """
        distances = np.where(groups[:, None] == groups[None, :], np.inf, self._distances)
        if np.isfinite(distances).sum(axis=1).min() < N_NEIGHBOURS:
            return np.full(len(groups), np.nan)
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :N_NEIGHBOURS]
        votes = np.apply_along_axis(
            np.bincount, 1, self._y_true[nearest], minlength=int(self._y_true.max()) + 1
        )
        return (votes.argmax(axis=1) == self._y_true).astype(np.float64)


def _average_silhouettes(
    own: NDArray[np.float64], other: NDArray[np.float64], repeated: NDArray[np.float64]
) -> NDArray[np.float64]:
    no_other_class = np.isinf(other)
    other = np.where(no_other_class, 0.0, other)
    larger = np.fmax(own, other)
    is_defined = ~np.isnan(own) & (larger > 0)
    values = np.divide(other - own, larger, out=np.zeros_like(own), where=is_defined)
    silhouette: NDArray[np.float64] = (values * repeated).sum(axis=1) / repeated.sum(axis=1)
    return np.where((no_other_class & (repeated > 0)).any(axis=1), np.nan, silhouette)


def _mean(
    total: NDArray[np.float64], n: NDArray[np.float64], *, absent: float
) -> NDArray[np.float64]:
    return np.divide(total, n, out=np.full_like(total, absent), where=n > 0)
