"""The running means of an epoch, and predictions of a whole part."""

import numpy as np
import pytest
import torch

from hqcm.contracts.stacks import Stack
from hqcm.evaluation.inference import InferenceParams, predict
from hqcm.networks.network import build_network
from hqcm.training.epoch import Tally
from toy_params import toy_params


def test_tally_weighs_slices_not_batches() -> None:
    tally = Tally(torch.device("cpu"))
    right, wrong = torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])
    tally.add(torch.tensor(2.0), right.expand(3, 2), torch.ones(3, dtype=torch.int64))
    tally.add(torch.tensor(6.0), wrong, torch.ones(1, dtype=torch.int64))
    assert tally.means() == pytest.approx((3.0, 0.75))


def test_predictions_keep_the_order_whatever_the_batch() -> None:
    rng = np.random.default_rng(0)
    n = 7
    stack = Stack(
        [f"toy/{i}" for i in range(n)],
        rng.integers(0, 256, (n, 16, 16), dtype=np.uint8),
        np.zeros((n, 16, 16), np.bool_),
        np.ones(n, np.bool_),
        np.arange(n) % 4,
    )
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
