"""The composite loss (paper 3.4)."""

import sys
from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field
from torch.nn import functional as F

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.params import Section
from hqcm.networks.output import NetworkOutput

_SMALLEST, _SPACING = sys.float_info.min, sys.float_info.epsilon  # no logarithm of 0

_Weight = Annotated[float, Field(ge=0, le=1e6)]


class LossParams(Section):
    """Section `loss`; the Greek letters of 3.4 are alpha, beta, zeta, gamma, w and epsilon.

    Weights are 0 to 1e6, epsilon above 0 and at most 1e6.
    """

    class_weight: _Weight
    attention_weight: _Weight
    bce_weight: _Weight
    dice_weight: _Weight
    class_weights: Literal["none", "balanced"]
    attention_resolution: Literal["mask", "map"]
    dice_over: Literal["slice", "batch"]
    dice_epsilon_px: float = Field(gt=0, le=1e6)


class Targets(NamedTuple):
    """What a batch should have given.

    Shape:
        - labels: ``(batch,)`` int64.
        - masks: ``(batch, rows, cols)`` float32, 0 or 1.
        - has_mask: ``(batch,)`` float32, 1 where a mask was drawn, empty or not.
    """

    labels: torch.Tensor
    masks: torch.Tensor
    has_mask: torch.Tensor


def class_weights(labels: torch.Tensor, balance: Literal["none", "balanced"]) -> torch.Tensor:
    r""":math:`w_i` of 3.4, ``(4,)``: ones, or the inverse class frequency.

    A class that does not occur counts as if it occurred once.

    Deviation:
        D-10 (the paper gives no values).
    """
    counts = torch.bincount(labels, minlength=N_CLASSES).clamp(min=1)
    if balance == "none":
        return torch.ones(N_CLASSES, device=labels.device)
    return len(labels) / (N_CLASSES * counts.float())


def composite_loss(
    output: NetworkOutput, targets: Targets, weights: torch.Tensor, params: LossParams
) -> torch.Tensor:
    r""":math:`L = \alpha L_\mathrm{class} + \beta L_\mathrm{attn}`, a scalar.

    Args:
        output: of the network.
        targets: of the same batch.
        weights: ``(4,)``, from `class_weights`.
        params: section `loss`.

    Source:
        arXiv:2506.21937v1, section 3.4, equations of :math:`L_{total}` and :math:`L_{class}`.
    """
    classification = F.cross_entropy(output.logits, targets.labels, weights)
    attention = attention_loss(output.attention, targets, params)
    return params.class_weight * classification + params.attention_weight * attention


def attention_loss(attention: torch.Tensor, targets: Targets, params: LossParams) -> torch.Tensor:
    r""":math:`L_\mathrm{attn} = \zeta L_\mathrm{BCE} + \gamma L_\mathrm{Dice}`, a scalar.

    The mean over the slices that have a mask; 0 where none has, or the network has no map.

    Source:
        arXiv:2506.21937v1, section 3.4, equation of :math:`L_{attn}`.

    Deviation:
        D-09 (which weight is whose), D-11 (resolution), D-12 (Dice by slice or batch),
        D-24 (float64).
    """
    if attention.shape[-1] == 0:
        return attention.sum().float()
    masks, has_mask = targets.masks, targets.has_mask
    if params.attention_resolution == "mask":
        attention = _upsample(attention, masks.shape[-1])
    else:
        # By area, never by nearest neighbour: small tumours would vanish.
        masks = F.adaptive_avg_pool2d(masks, attention.shape[-1])
    share = has_mask / has_mask.sum().clamp(min=1)
    bce = (attention_bce(attention, masks) * share).sum()
    overlap, total = overlap_and_total(attention, masks)
    if params.dice_over == "batch":
        overlap, total = (overlap * has_mask).sum(), (total * has_mask).sum()
        dice = dice_loss(overlap, total, params.dice_epsilon_px)
    else:
        dice = (dice_loss(overlap, total, params.dice_epsilon_px) * share).sum()
    return (params.bce_weight * bce + params.dice_weight * dice).float()


def _upsample(attention: torch.Tensor, size_px: int) -> torch.Tensor:
    """Bilinear: ``(batch, 16, 16)`` to ``(batch, size_px, size_px)``, [0, 1] (D-11)."""
    return F.interpolate(attention[:, None], size=(size_px, size_px), mode="bilinear").squeeze(1)


def attention_bce(attention: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    r"""Equation of :math:`L_{BCE}` (3.4): ``(batch,)``, the mean over each slice's pixels.

    Written out: torch's own cuts the gradient off where a map is below 1e-12, where training
    at the published step size soon leads it, and stops the process at the first NaN.

    Shape:
        - attention: ``(batch, rows, cols)`` float64, [0, 1].
        - masks: the same shape, [0, 1].
    """
    inside = attention.clamp(_SMALLEST, 1 - _SPACING)
    return -(masks * inside.log() + (1 - masks) * torch.log1p(-inside)).mean(dim=(1, 2))


def overlap_and_total(
    attention: torch.Tensor, masks: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    r""":math:`\sum T A` and :math:`\sum T + \sum A` of each slice, ``(batch,)``, pixels."""
    total = attention.sum(dim=(1, 2)) + masks.sum(dim=(1, 2))
    return (attention * masks).sum(dim=(1, 2)), total


def dice_loss(overlap: torch.Tensor, total: torch.Tensor, epsilon_px: float) -> torch.Tensor:
    r"""Equation of :math:`L_{Dice}` (3.4), of sums over a slice or over the batch."""
    return 1 - (2 * overlap + epsilon_px) / (total + epsilon_px)
