"""The plane of Fig. 8."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.embedding import EmbedParams, embed, embed_study
from toy_study import make_predictions

PARAMS = EmbedParams(perplexity=8, seed=42)


def test_neighbours_stay_neighbours() -> None:
    features = make_predictions(0, skill=0.9).features
    plane = embed(features, PARAMS)
    assert plane.shape == (40, 2)
    assert trustworthiness(features, plane, n_neighbors=5) > 0.9


def test_the_same_plane_twice_and_another_for_another_perplexity() -> None:
    features = make_predictions(0, skill=0.9).features
    first = embed(features, PARAMS)
    np.testing.assert_array_equal(first, embed(features, PARAMS))
    assert not np.allclose(first, embed(features, EmbedParams(perplexity=5, seed=42)))


def test_tables_name_slices_and_classes_of_the_first_seed() -> None:
    first, second = (make_predictions(seed, skill=0.9) for seed in (0, 1))
    table = embed_study({"random": {"paper": [first, second]}}, PARAMS)["paper", "random"]
    assert [*table.columns] == ["slice_id", "label", "x", "y"]
    assert table["slice_id"].tolist() == first.slice_id.tolist()
    assert table["label"].tolist() == [CLASS_NAMES[label] for label in first.y_true]
    np.testing.assert_allclose(table[["x", "y"]], embed(first.features, PARAMS), atol=5e-4)


def test_a_perplexity_that_reaches_the_number_of_slices_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"embed.perplexity must be below the number of test slices, 8; got 8"
    ):
        embed(np.zeros((8, 25), np.float32), PARAMS)
