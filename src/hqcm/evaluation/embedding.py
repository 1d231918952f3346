"""The features before the classifier, seen in the plane: Fig. 8."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section
from hqcm.contracts.predictions import Predictions, StudyPredictions
from hqcm.evaluation.tables import Tables, tabulate_each


class EmbedParams(Section):
    """Section `embed`."""

    perplexity: float = Field(gt=0)
    seed: int = Field(ge=0)


def embed_study(predictions: StudyPredictions, params: EmbedParams) -> Tables:
    """The plane of every variant and protocol, for the first seed of the study."""
    return tabulate_each(predictions, lambda runs: tabulate_plane(runs[0], params))


def tabulate_plane(run: Predictions, params: EmbedParams) -> pd.DataFrame:
    """Columns `slice_id`, `label` (class name), `x` and `y` (no unit), a row a test slice."""
    plane = embed(run.features, params)
    return pd.DataFrame(
        {
            "slice_id": run.slice_id,
            "label": np.array(CLASS_NAMES)[run.y_true],
            "x": plane[:, 0].round(3),
            "y": plane[:, 1].round(3),
        }
    )


def embed(features: NDArray[np.float32], params: EmbedParams) -> NDArray[np.float64]:
    """t-SNE in two dimensions, started from the principal components.

    Shape:
        - features: ``(n, n_features)``, n above the perplexity.
        - returns: ``(n, 2)``.

    Raises:
        ValueError: the perplexity is not below the number of slices.

    Source:
        Fig. 8: perplexity 30, seed 42; the rest is scikit-learn's default.
    """
    from sklearn.manifold import TSNE  # noqa: PLC0415  (a second to load; the report has no need)

    if params.perplexity >= len(features):
        raise ValueError(
            f"embed.perplexity must be below the number of test slices, {len(features)}; "
            f"got {params.perplexity:g}"
        )
    tsne = TSNE(
        perplexity=params.perplexity, random_state=params.seed, init="pca", n_jobs=1
    )  # one thread: the order of the sums, and so the plane, does not depend on the machine
    plane: NDArray[np.float64] = tsne.fit_transform(features.astype(np.float64))
    return plane
