"""The composite loss against loops over pixels (section 3.4)."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import reference
from hqcm.networks.output import NetworkOutput
from hqcm.training.losses import (
    LossParams,
    Targets,
    _upsample,
    attention_bce,
    attention_loss,
    class_weights,
    composite_loss,
    dice_loss,
    overlap_and_total,
)
from toy_params import toy_params

PARAMS = LossParams(**toy_params()["loss"])
LOGITS = torch.tensor([[2.0, 0.5, -1.0, 0.1], [0.3, 0.2, 1.0, -0.5], [0.0, 0.0, 0.0, 4.0]])
LABELS = torch.tensor([0, 2, 1])


@pytest.fixture
def attention() -> torch.Tensor:
    return torch.linspace(0.05, 0.95, 3 * 16, dtype=torch.float64).view(3, 4, 4)


@pytest.fixture
def masks() -> torch.Tensor:
    masks = torch.zeros(3, 8, 8)
    masks[0, 2:5, 3:7] = 1
    masks[2, :, 7] = 1
    return masks


def test_without_a_map_there_is_no_attention_loss(masks: torch.Tensor) -> None:
    output = NetworkOutput(LOGITS, torch.empty(3, 512), torch.empty(3, 0, 0, dtype=torch.float64))
    got = composite_loss(output, Targets(LABELS, masks, torch.ones(3)), torch.ones(4), PARAMS)
    assert got.item() == pytest.approx(torch.nn.functional.cross_entropy(LOGITS, LABELS).item())


def test_composite_loss(attention: torch.Tensor, masks: torch.Tensor) -> None:
    has_mask = torch.tensor([1.0, 1.0, 0.0])
    output = NetworkOutput(LOGITS, torch.empty(3, 25), attention)
    got = composite_loss(output, Targets(LABELS, masks, has_mask), torch.ones(4), PARAMS)
    cross_entropy = 0.0
    for row, label in zip(LOGITS.tolist(), LABELS.tolist(), strict=True):
        cross_entropy -= math.log(math.exp(row[label]) / sum(map(math.exp, row))) / 3
    maps = _upsample(attention, 8).double().numpy()
    per_slice = [
        0.3 * reference.bce_of_pixels(maps[i], masks[i].numpy())
        + 0.7 * reference.dice_loss_of_pixels(maps[i], masks[i].double().numpy(), 1.0)
        for i in (0, 1)  # the third slice has no mask, so its map is not judged
    ]
    assert got.item() == pytest.approx(cross_entropy + sum(per_slice) / 2, abs=1e-6)


def test_dice_over_the_batch(attention: torch.Tensor, masks: torch.Tensor) -> None:
    params = PARAMS.model_copy(update={"dice_over": "batch", "bce_weight": 0.0, "dice_weight": 1.0})
    got = attention_loss(attention, Targets(LABELS, masks, torch.tensor([1.0, 1, 0])), params)
    maps = _upsample(attention, 8)[:2].double().numpy()
    want = reference.dice_loss_of_pixels(maps, masks[:2].double().numpy(), 1.0)
    assert got.item() == pytest.approx(want, abs=1e-6)


def test_masks_averaged_down_to_the_map(attention: torch.Tensor, masks: torch.Tensor) -> None:
    params = PARAMS.model_copy(update={"attention_resolution": "map"})
    got = attention_loss(attention, Targets(LABELS, masks, torch.ones(3)), params).item()
    blocks = masks.view(3, 4, 2, 4, 2).mean(dim=(2, 4)).double()
    maps = attention.double()
    bce = -(blocks * maps.log() + (1 - blocks) * (1 - maps).log()).mean()
    dice = [
        reference.dice_loss_of_pixels(a, m, 1.0)
        for a, m in zip(maps.numpy(), blocks.numpy(), strict=True)
    ]
    assert got == pytest.approx(0.3 * bce.item() + 0.7 * sum(dice) / 3, abs=1e-6)


@pytest.mark.parametrize("over", ["slice", "batch"])
def test_no_mask_at_all_leaves_the_cross_entropy(attention: torch.Tensor, over: str) -> None:
    params = PARAMS.model_copy(update={"dice_over": over})
    output = NetworkOutput(LOGITS, torch.empty(3, 25), attention)
    targets = Targets(LABELS, torch.zeros(3, 8, 8), torch.zeros(3))
    got = composite_loss(output, targets, torch.ones(4), params)
    torch.testing.assert_close(got, torch.nn.functional.cross_entropy(LOGITS, LABELS))


def test_saturated_maps_give_finite_losses() -> None:
    saturated = torch.ones(1, 4, 4, dtype=torch.float64)
    empty = torch.zeros(1, 8, 8)
    assert attention_bce(_upsample(saturated, 8), empty).isfinite().all()
    of_saturated = dice_loss(*overlap_and_total(_upsample(saturated, 8), empty), 1.0)
    assert of_saturated.item() == pytest.approx(1 - 1 / 65)
    assert dice_loss(*overlap_and_total(empty, empty), 1.0).item() == 0


def test_a_map_that_is_nearly_zero_still_learns() -> None:
    """In the logit the gradient of the BCE is A - T, however small A: a map can come back."""
    logits = torch.full((1, 4, 4), -100.0, dtype=torch.float64, requires_grad=True)
    masks = torch.zeros(1, 4, 4)
    masks[0, 1, 2] = 1
    attention_bce(torch.sigmoid(logits), masks).sum().backward()
    assert logits.grad is not None
    assert logits.grad[0, 1, 2].item() == pytest.approx(-1 / 16, rel=1e-4)


@given(st.lists(st.floats(0, 1, width=32), min_size=16, max_size=16))
def test_upsampling_stays_within_the_map(values: list[float]) -> None:
    attention = torch.tensor(values).view(1, 4, 4)
    upsampled = _upsample(attention, 32)
    assert upsampled.min() >= attention.min() - 1e-6
    assert upsampled.max() <= min(1.0, attention.max().item() + 1e-6)


def test_class_weights() -> None:
    labels = torch.tensor([0, 0, 0, 1, 3, 3])
    assert class_weights(labels, "none").tolist() == [1, 1, 1, 1]
    assert class_weights(labels, "balanced").tolist() == pytest.approx([0.5, 1.5, 1.5, 0.75])
