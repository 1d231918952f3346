"""The features before the classifier: in the plane (Fig. 8), and how far apart the classes lie.

How far apart is measured among the features themselves, not in the plane of t-SNE, and as they
are, not standardised: that is what Fig. 8 shows and what the classifier weighs, and a feature
that hardly moves (a dead ReLU) would be blown up to count as much as any other.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from hqcm.cohort.converted import hide_slices
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import ParamsError, Section
from hqcm.evaluation.bootstrap import (
    Groups,
    Measure,
    Quantities,
    Weights,
    divide,
    measure_means,
    size_of,
)
from hqcm.results.files import Tables, tabulate_each
from hqcm.results.predictions import Predictions, StudyPredictions

SILHOUETTE, NEIGHBOURS = "separability/silhouette", "separability/knn_accuracy"
N_NEIGHBOURS = 5  # scikit-learn's default


class EmbedParams(Section):
    """Section `embed`: a perplexity above 0 and below the test slices, a seed below 2**32."""

    perplexity: float = Field(gt=0)
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes


def embed_study(
    predictions: StudyPredictions, params: EmbedParams, pseudonyms: "pd.Series[str]"
) -> Tables:
    """The plane of every variant and protocol, for the first seed of the study.

    Columns `slice` (its pseudonym), `label` (class name), `x` and `y` (no unit), a row a test
    slice; raises like `hide_slices`.
    """

    def tabulate(runs: Sequence[Predictions]) -> pd.DataFrame:
        run = runs[0]
        x, y = embed(run.features, params).round(3).T
        labels = np.array(CLASS_NAMES)[run.y_true]
        plane = {"slice_id": run.slice_id, "label": labels, "x": x, "y": y}
        return hide_slices(pd.DataFrame(plane), pseudonyms)

    return tabulate_each(predictions, tabulate)


def require_perplexity(params: EmbedParams, n_slices: int) -> None:
    """Of so many test slices none has that many neighbours.

    Raises:
        ParamsError: the perplexity is not below the number of slices.
    """
    if params.perplexity >= n_slices:
        raise ParamsError(
            f"embed.perplexity must be below the number of test slices, {n_slices}; "
            f"got {params.perplexity:g}"
        )


def embed(features: NDArray[np.float32], params: EmbedParams) -> NDArray[np.float64]:
    """t-SNE in two dimensions, started from the principal components.

    Shape:
        - features: ``(n, n_features)``, n above the perplexity.
        - returns: ``(n, 2)``.

    Raises:
        ParamsError: the perplexity is not below the number of slices.

    Source:
        Fig. 8: perplexity 30, seed 42; the rest is scikit-learn's default.
    """
    from sklearn.manifold import TSNE  # noqa: PLC0415  (a second to load; the report has no need)

    require_perplexity(params, len(features))
    # One thread: the order of the sums, and so the plane, does not depend on the machine.
    tsne = TSNE(perplexity=params.perplexity, random_state=params.seed, init="pca", n_jobs=1)
    return tsne.fit_transform(features.astype(np.float64))


def measure_separability(runs: Sequence[Predictions], groups: Groups) -> Measure:
    """Mean silhouette and the accuracy of k nearest neighbours, means over seeds.

    In a draw the silhouettes are taken anew among the slices drawn; the neighbours of a slice
    stay those it has among all slices, for a draw that repeats them would be another classifier.
    """
    y_true = runs[0].y_true
    each = [_Distances(run.features, y_true) for run in runs]
    hits = np.mean([distances.find_hits(groups) for distances in each], axis=0)
    neighbours = measure_means({NEIGHBOURS: hits}, groups)

    def quantities(weights: Weights) -> Quantities:
        repeated = weights[:, groups]
        silhouette = np.mean([distances.silhouette(repeated) for distances in each], axis=0)
        return {SILHOUETTE: silhouette, **neighbours.quantities(weights)}

    whole = size_of(np.ones(len(y_true), np.bool_), groups)
    return Measure(quantities, {SILHOUETTE: whole, **neighbours.sizes})


class _Distances:
    """Euclidean distances between the features of every two slices."""

    def __init__(self, features: NDArray[np.float32], y_true: NDArray[np.int64]) -> None:
        from scipy.spatial.distance import cdist  # noqa: PLC0415  (slow to load)

        exact = features.astype(np.float64)
        self._distances: NDArray[np.float64] = cdist(exact, exact)
        self._y_true = y_true

    def silhouette(self, repeated: NDArray[np.float64]) -> NDArray[np.float64]:
        r"""Mean over slices of :math:`(b - a) / \max(a, b)`.

        :math:`a` is the mean distance to the other slices of the same class, :math:`b` that to
        the slices of the nearest other class. Copies of a slice are no others: they would lie at
        distance 0. A slice without others of its class has 0. For `repeated` ``(m, n)``, how often
        each slice counts: ``(m,)``, [-1, 1]; NaN where fewer than two classes count.

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
            own[:, inside] = divide(total[:, inside], n - weight)
            elsewhere = divide(total[:, ~inside], n, empty=np.inf)
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
    larger = np.where(np.isnan(own), 0.0, np.fmax(own, other))
    values = divide(other - own, larger, empty=0.0)
    silhouette: NDArray[np.float64] = (values * repeated).sum(axis=1) / repeated.sum(axis=1)
    return np.where((no_other_class & (repeated > 0)).any(axis=1), np.nan, silhouette)
