"""Orders and curves against slices painted pixel by pixel."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from hqcm.explanation.areas import DIRECTIONS, Curves, Kind
from hqcm.explanation.deletion_insertion import (
    ExplainParams,
    _paint_canvas,
    count_pixels,
    draw_noise,
    rank_pixels,
    trace_curves,
)
from hqcm.training.inference import Examined, InferenceParams
from reference import pixels_in_order
from toy_looker import Looker

INFERENCE = InferenceParams(device="cpu", precision="float32", batch_size=7)
EXPLAIN = {
    "n_steps": 4,
    "n_slices": 10,
    "deleted_into": "black",
    "inserted_into": "blurred",
    "blur": 0.1,
    "seed": 0,
}
PARAMS = ExplainParams.model_validate(EXPLAIN)
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 16, 16)).astype(np.uint8)
MAPS = RNG.random((3, 16, 16)).round(1)  # many ties
NOISE = RNG.random((3, 16, 16)).round(1)
CLASSES = np.array([2, 0, 3])
NETWORK = Looker(RNG.normal(size=(4, 2, 2, 2)).astype(np.float32) * 5)
SMALL = hnp.arrays(np.float64, (2, 3, 4), elements=st.sampled_from([0.0, 0.25, 1.0]))


def ask(image: np.ndarray, label: int) -> float:
    with torch.inference_mode():
        logits = NETWORK(torch.from_numpy(image.astype(np.float32))[None, None]).logits[0].numpy()
    grown = np.exp(logits.astype(float) - logits.max())
    return float(grown[label] / grown.sum())


def trace() -> Curves:
    maps: dict[Kind, np.ndarray] = {"attention": MAPS, "random": NOISE}
    ranks = {kind: rank_pixels(values, NOISE) for kind, values in maps.items()}
    return trace_curves(Examined(NETWORK, INFERENCE), IMAGES, CLASSES, ranks, PARAMS)


@given(SMALL, SMALL)
def test_pixels_stand_in_the_order_of_the_map(maps: np.ndarray, noise: np.ndarray) -> None:
    for ranks, values, other in zip(rank_pixels(maps, noise), maps, noise, strict=True):
        expected = [row * 4 + col for row, col in pixels_in_order(values, other)]
        assert np.argsort(ranks).tolist() == expected


def test_a_map_without_difference_is_the_random_one() -> None:
    constant = rank_pixels(np.full(NOISE.shape, 0.7), NOISE)
    np.testing.assert_array_equal(constant, rank_pixels(NOISE, NOISE))


def test_noise_is_coarse_and_repeats() -> None:
    noise = draw_noise(2, 4, 32, seed=3)
    assert noise.shape == (2, 32, 32)
    np.testing.assert_array_equal(noise, draw_noise(2, 4, 32, seed=3))
    assert not np.array_equal(noise[0], noise[1])
    assert not np.array_equal(noise, draw_noise(2, 4, 32, seed=4))
    # Neighbours within a cell differ little: 8 pixels from one random number to the next.
    assert np.abs(np.diff(noise, axis=1)).max() <= 1 / 8


@pytest.mark.parametrize(("n_pixels", "n_steps"), [(16384, 10), (256, 4), (100, 7)])
def test_steps_grow_from_nothing_to_everything(n_pixels: int, n_steps: int) -> None:
    counts = count_pixels(n_pixels, n_steps)
    assert (counts[0], counts[-1], len(counts)) == (0, n_pixels, n_steps + 1)
    assert counts[1] == round(n_pixels / n_steps**2)
    assert (np.diff(counts, 2) >= -1).all()  # each step no smaller than the last, but for rounding


@pytest.mark.parametrize("direction", ["deletion", "insertion"])
def test_curves_are_of_slices_painted_pixel_by_pixel(direction: Any) -> None:
    curves = trace()[direction, "attention"]
    assert curves.shape == (3, 5)
    blurred = _paint_canvas(np.divide(IMAGES, 255, dtype=np.float32), "blurred", PARAMS.blur)
    for i, label in enumerate(CLASSES):
        whole = IMAGES[i] / 255
        empty = np.zeros((16, 16)) if direction == "deletion" else blurred[i]
        painted, other = (whole, empty) if direction == "deletion" else (empty, whole)
        painted = painted.astype(np.float64)
        order = pixels_in_order(MAPS[i], NOISE[i])
        done = 0
        for step, n in enumerate([0, 16, 64, 144, 256]):
            for place in order[done:n]:
                painted[place] = other[place]
            done = n
            assert curves[i, step] == pytest.approx(ask(painted, label), abs=1e-5)


def test_deletion_starts_where_insertion_ends() -> None:
    curves = trace()
    deletion, insertion = curves["deletion", "attention"], curves["insertion", "attention"]
    np.testing.assert_array_equal(deletion[:, 0], insertion[:, -1])
    assert np.abs(deletion[:, -1] - insertion[:, 0]).max() > 0.1  # black is not blurred


def test_orders_differ_between_the_ends_only() -> None:
    curves = trace()
    assert [*curves] == list(product(DIRECTIONS, ("attention", "random")))
    for direction in DIRECTIONS:
        one, other = curves[direction, "attention"], curves[direction, "random"]
        np.testing.assert_array_equal(one[:, [0, -1]], other[:, [0, -1]])
        assert (one != other).any()


def test_a_canvas_is_black_or_keeps_the_brightness() -> None:
    images = np.zeros((1, 32, 32), np.float32)
    images[0, 16, 16] = 1
    assert not _paint_canvas(images, "black", 0.1).any()
    spread = _paint_canvas(images, "blurred", 0.1)[0]
    assert spread.sum() == pytest.approx(1, abs=1e-3)  # the Gaussian ends at four deviations
    rows = spread.sum(axis=1)
    variance = (rows * (np.arange(32) - 16) ** 2).sum()
    assert np.sqrt(variance) == pytest.approx(3.2, rel=0.02)


@pytest.mark.parametrize(
    ("key", "value"),
    [("n_steps", 1), ("deleted_into", "white"), ("inserted_into", 0), ("blur", 0.0), ("seed", -1)],
)
def test_parameters_that_are_none_are_refused(key: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=key):
        ExplainParams.model_validate(EXPLAIN | {key: value})
