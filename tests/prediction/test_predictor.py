"""Temperature and distances against scipy and scikit-learn."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import mahalanobis
from scipy.special import log_softmax
from sklearn.covariance import OAS

from hqcm.prediction.predictor import (
    describe,
    fit_reference,
    fit_temperature,
    measure_distances,
    measure_images,
    read_predictor,
    soften,
)
from hqcm.results.files import write_json
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

RNG = np.random.default_rng(0)
Y_TRUE = np.arange(60) % 4
# Mostly right, and three times too sure.
LOGITS = 3 * (RNG.normal(size=(60, 4)) + 1.5 * np.eye(4)[Y_TRUE])
FEATURES = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5)) + Y_TRUE[:, None]


def loss(temperature: float) -> float:
    return float(-log_softmax(LOGITS / temperature, axis=1)[np.arange(60), Y_TRUE].mean())


def test_the_temperature_has_the_least_cross_entropy() -> None:
    best = minimize_scalar(loss, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-8})
    assert fit_temperature(LOGITS, Y_TRUE) == pytest.approx(best.x, rel=1e-5)
    assert best.x > 1.5
    np.testing.assert_allclose(np.log(soften(LOGITS, 2)), log_softmax(LOGITS / 2, axis=1))


def test_where_all_are_right_or_wrong_the_temperature_stays_in_bounds() -> None:
    right = np.eye(4)[Y_TRUE]
    assert fit_temperature(right, Y_TRUE) == pytest.approx(0.1)
    assert fit_temperature(-right, Y_TRUE) == pytest.approx(10)


def test_distances_are_those_of_a_shrunk_covariance_within_classes() -> None:
    held_out = FEATURES[:20] + 1
    reference = fit_reference(FEATURES, Y_TRUE, held_out)
    means = np.array([FEATURES[label == Y_TRUE].mean(axis=0) for label in range(4)])
    residuals = FEATURES - means[Y_TRUE]
    spread = residuals.std(axis=0)
    shrunk = OAS(assume_centered=True).fit(residuals / spread).precision_
    precision = shrunk / np.outer(spread, spread)
    expected = [min(mahalanobis(row, mean, precision) for mean in means) for row in held_out]
    np.testing.assert_allclose(measure_distances(held_out, reference), expected)
    assert reference.limit == pytest.approx(np.quantile(expected, 0.99))


def test_few_slices_and_dead_features_leave_distances_finite() -> None:
    wide = np.hstack([FEATURES[:6], np.zeros((6, 20))])
    reference = fit_reference(wide, Y_TRUE[:6], wide)
    lively = wide.copy()
    lively[:, -1] = 5  # a feature that training has never seen alive
    far = measure_distances(lively, reference)
    assert np.isfinite(far).all()
    assert (far > measure_distances(wide, reference)).all()
    lone = fit_reference(FEATURES[:4], Y_TRUE[:4], FEATURES[:4])  # one slice a class: no spread
    assert lone.limit == pytest.approx(0)
    assert measure_distances(FEATURES[:1] + 1, lone) > 0


def test_a_class_that_training_lacks_is_none_of_the_means() -> None:
    reference = fit_reference(FEATURES[Y_TRUE > 0], Y_TRUE[Y_TRUE > 0], FEATURES)
    assert len(reference.means) == 3


def test_statistics_of_pictures_that_are_known_by_heart() -> None:
    black = np.zeros((32, 32), np.uint8)
    half = black.copy()
    half[:, :16] = 255
    expected = np.array([[0, 0, 1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5, 1 / 31 / 2, 1]])
    np.testing.assert_allclose(measure_images(np.array([black, half])), expected)


def toy_part(n: int) -> tuple[Stack, Predictions]:
    ids = [str(i) for i in range(n)]
    images = RNG.integers(0, 256, (n, 16, 16)).astype(np.uint8)
    stack = Stack(ids, images, images > 300, np.zeros(n, np.bool_), Y_TRUE[:n])
    maps = np.zeros((n, 2, 2), np.float32)
    logits, features = (values[:n].astype(np.float32) for values in (LOGITS, FEATURES))
    return stack, Predictions(np.array(ids, object), Y_TRUE[:n], logits, features, maps)


def test_a_predictor_is_read_as_it_was_written(tmp_path: Path) -> None:
    predictor = describe("abc", toy_part(60), toy_part(30))
    path = tmp_path / "toy.json"
    write_json(path, asdict(predictor))
    assert read_predictor(path) == predictor
    assert predictor.n_validation == 30
    assert predictor.loss_after < predictor.loss_before


@pytest.mark.parametrize("text", ["{}", "no JSON", json.dumps({"statistics": 1, "features": 2})])
def test_what_is_no_predictor_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "toy.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"toy\.json must be a predictor, as stage `predict`"):
        read_predictor(path)
