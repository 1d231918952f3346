"""Grad-CAM against gradients known by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hqcm.explanation.grad_cam import (
    _find_feature_maps,
    _weigh_maps,
    explain_classes,
)
from hqcm.explanation.grad_cam_store import read_grad_cams, write_grad_cams
from hqcm.networks.network import build_network
from hqcm.training.inference import Examined, InferenceParams
from reference import grad_cam_of_line
from toy_looker import BlockMeans, Looker, stack_of
from toy_params import toy_params

PARAMS = InferenceParams(device="cpu", precision="float32", batch_size=2)
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 24, 24)).astype(np.uint8)
WEIGHTS = np.random.default_rng(1).normal(size=(4, 2, 3, 3)).astype(np.float32)
CLASSES = np.array([0, 1, 3, 1, 2])  # the first batch: two maps that are not empty, of other size


def means_of(image: np.ndarray) -> np.ndarray:
    means = image.reshape(3, 8, 3, 8).mean(axis=(1, 3)) / 255
    return np.stack([means, 1 - means])


def test_it_is_the_weighted_sum_of_the_maps() -> None:
    maps = explain_classes(Examined(Looker(WEIGHTS), PARAMS), stack_of(IMAGES), CLASSES)
    assert maps.shape == (5, 3, 3)
    assert maps.dtype == np.float32
    for image, label, cam in zip(IMAGES, CLASSES, maps, strict=True):
        expected = grad_cam_of_line(means_of(image), WEIGHTS[label].astype(float))
        np.testing.assert_allclose(cam, expected, atol=1e-5)  # float32 against 64


def test_a_class_that_nothing_speaks_for_has_an_empty_map() -> None:
    weights = np.zeros((4, 2, 3, 3), np.float32)
    weights[1], weights[2] = -1, 1
    maps = explain_classes(
        Examined(Looker(weights), PARAMS), stack_of(IMAGES[:3]), np.array([0, 1, 2])
    )
    np.testing.assert_array_equal(maps[:2], 0)  # no evidence, and evidence against
    assert maps[2].max() == 1


def test_the_maximum_is_one_and_nothing_is_negative() -> None:
    maps = torch.linspace(-3, 5, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    cams = _weigh_maps(maps, torch.sin(torch.arange(96.0)).reshape(2, 3, 4, 4))
    assert cams.min() >= 0
    assert set(cams.amax(dim=(1, 2)).tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("variant", ["paper", "counterpart", "resnet18"])
def test_every_kind_of_network_has_feature_maps(variant: str) -> None:
    torch.manual_seed(0)
    network = build_network(variant, toy_params())
    size = 64 if variant == "resnet18" else 16
    images = np.random.default_rng(0).integers(0, 256, (3, size, size)).astype(np.uint8)
    asked = Examined(network, PARAMS)
    before = {name: weights.clone() for name, weights in network.state_dict().items()}
    cams = explain_classes(asked, stack_of(images), np.array([0, 1, 2]))
    assert cams.shape == (3, 2, 2)
    assert np.isfinite(cams).all()
    assert 0 <= cams.min() <= cams.max() <= 1
    for name, weights in network.state_dict().items():
        assert torch.equal(weights, before[name])
    assert not _find_feature_maps(network)._forward_hooks


def test_other_slices_of_the_batch_do_not_matter() -> None:
    asked = Examined(Looker(WEIGHTS), PARAMS)
    alone = explain_classes(asked, stack_of(IMAGES[1:2]), CLASSES[1:2])
    together = explain_classes(asked, stack_of(IMAGES), CLASSES)
    np.testing.assert_allclose(alone[0], together[1], atol=1e-6)


def test_the_maps_are_those_of_the_last_block() -> None:
    network = Looker(WEIGHTS)
    assert isinstance(_find_feature_maps(network), BlockMeans)


def test_the_store_gives_back_what_it_was_given_in_the_same_bytes(tmp_path: Path) -> None:
    maps = {"paper": np.arange(8, dtype=np.float32).reshape(2, 2, 2)}
    for name in ("one.h5", "other.h5"):
        write_grad_cams(tmp_path / name, ["a", "b"], maps)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "other.h5").read_bytes()
    read = read_grad_cams(tmp_path / "one.h5", ["a", "b"], "paper")
    np.testing.assert_array_equal(read, maps["paper"])
    with pytest.raises(ValueError, match=r"one.h5: must hold the slices of the predictions"):
        read_grad_cams(tmp_path / "one.h5", ["b", "a"], "paper")
