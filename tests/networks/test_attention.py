"""Attention against the equations of section 3.2, written in loops."""

from typing import Any, Literal, TypeVar

import numpy as np
import pytest
import torch

import reference
from hqcm.networks.attention import ChannelAttention, DualAttention, SpatialAttention

CHANNELS, SIZE = 4, 5
Filled = TypeVar("Filled", bound=torch.nn.Module)


@pytest.fixture
def features() -> torch.Tensor:
    ramp = torch.linspace(-2, 3, CHANNELS * SIZE * SIZE, dtype=torch.float64)
    return ramp.sin().view(1, CHANNELS, SIZE, SIZE)


def filled(module: Filled) -> Filled:
    """Every weight on its own ramp, in float64."""
    for i, weights in enumerate(module.double().parameters()):
        ramp = torch.linspace(0.2 + i, 1.7 + i, weights.numel(), dtype=torch.float64)
        weights.data = ramp.cos().view_as(weights) / 3
    return module


def as_numpy(layer: Any) -> tuple[reference.Array, reference.Array]:
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def channel_by_hand(
    module: ChannelAttention, features: reference.Array, *, relu: bool
) -> reference.Array:
    average = features.reshape(CHANNELS, -1).sum(axis=1) / SIZE**2
    weight, bias = as_numpy(module.squeeze)
    hidden = weight[:, :, 0, 0] @ average + bias
    weight, bias = as_numpy(module.excite)
    weights = reference.sigmoid(weight[:, :, 0, 0] @ (hidden.clip(0) if relu else hidden) + bias)
    return np.stack([w * channel for w, channel in zip(weights, features, strict=True)])


@pytest.mark.parametrize("relu", [True, False])
def test_channel_attention(features: torch.Tensor, *, relu: bool) -> None:
    module = filled(ChannelAttention(CHANNELS, 2, relu=relu))
    want = channel_by_hand(module, features[0].numpy(), relu=relu)
    np.testing.assert_allclose(module(features)[0].detach().numpy(), want, atol=1e-14)


def test_relu_of_the_channel_attention_matters(features: torch.Tensor) -> None:
    with_relu, without = (
        filled(ChannelAttention(CHANNELS, 2, relu=relu)) for relu in (True, False)
    )
    assert not torch.allclose(with_relu(features), without(features))


@pytest.mark.parametrize("kernel", [7, 1])
@pytest.mark.parametrize("fusion", ["mean", "learned"])
def test_spatial_attention(
    features: torch.Tensor, kernel: int, fusion: Literal["mean", "learned"]
) -> None:
    module = filled(SpatialAttention(CHANNELS, kernel, fusion))
    shares = np.full(3, 1 / 3)
    if fusion == "learned":
        assert module.branch_weights is not None
        weights = module.branch_weights.detach().numpy()
        shares = weights / weights.sum()
    branches = [
        share * reference.convolve(features[0].numpy(), *as_numpy(branch))
        for share, branch in zip(shares, module.branches, strict=True)
    ]
    fused = np.sum(branches, axis=0)
    want = reference.sigmoid(reference.convolve(fused, *as_numpy(module.gate)))
    np.testing.assert_allclose(module(features)[0].detach().numpy(), want, atol=1e-12)


def test_learned_fusion_starts_as_the_mean(features: torch.Tensor) -> None:
    mean, learned = SpatialAttention(CHANNELS, 7, "mean"), SpatialAttention(CHANNELS, 7, "learned")
    learned.load_state_dict(mean.state_dict(), strict=False)
    torch.testing.assert_close(mean(features.float()), learned(features.float()))


def test_residual_is_on_the_raw_features(features: torch.Tensor) -> None:
    module = DualAttention(
        filled(ChannelAttention(CHANNELS, 2, relu=True)),
        filled(SpatialAttention(CHANNELS, 7, "mean")),
    )
    attended, attention = module(features)
    torch.testing.assert_close(attended, features * (1 + attention))
    assert attention.shape == (1, 1, SIZE, SIZE)
    assert ((attention > 0) & (attention < 1)).all()


def test_map_is_float64_under_autocast(features: torch.Tensor) -> None:
    module = SpatialAttention(CHANNELS, 7, "mean")
    with torch.autocast("cpu", torch.bfloat16):
        assert module(features.float()).dtype == torch.float64
