"""Predictions of a whole part."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hqcm.networks.network import build_network
from hqcm.results.predictions import read_predictions, write_predictions
from hqcm.slices.stacks import Stack
from hqcm.training.inference import InferenceParams, predict
from toy_params import toy_params


def make_stack(n: int) -> Stack:
    rng = np.random.default_rng(0)
    return Stack(
        [f"toy/{i}" for i in range(n)],
        rng.integers(0, 256, (n, 16, 16), dtype=np.uint8),
        np.zeros((n, 16, 16), np.bool_),
        np.ones(n, np.bool_),
        np.arange(n) % 4,
    )


@pytest.mark.parametrize(
    ("variant", "width", "n_cells"), [("paper", 4, 2), ("identity", 8, 2), ("resnet18", 512, 0)]
)
def test_predictions_have_the_width_of_the_network(
    tmp_path: Path, variant: str, width: int, n_cells: int
) -> None:
    network = build_network(variant, toy_params())
    params = InferenceParams(device="cpu", precision="float32", batch_size=2)
    write_predictions(tmp_path / "toy.h5", predict(network, make_stack(5), params))
    stored = read_predictions(tmp_path / "toy.h5")
    assert stored.features.shape == (5, width)
    assert stored.attention.shape == (5, n_cells, n_cells)
    assert stored.has_attention == (n_cells > 0)


def test_predictions_keep_the_order_whatever_the_batch() -> None:
    n = 7
    stack = make_stack(n)
    network = build_network("paper", toy_params())
    one, three = (
        predict(network, stack, InferenceParams(device="cpu", precision="float32", batch_size=b))
        for b in (1, 3)
    )
    np.testing.assert_allclose(one.logits, three.logits, atol=1e-5)
    assert one.slice_id.tolist() == stack.slice_id
    assert one.attention.shape == (n, 2, 2)
    assert one.features.shape == (n, 4)
    images = torch.from_numpy(stack.images[2:3]).unsqueeze(1).float() / 255
    torch.testing.assert_close(
        network.eval()(images).logits[0], torch.from_numpy(one.logits[2]), atol=1e-5, rtol=0
    )
