"""Random rotations and flips of image and tumour mask together (paper 4.1)."""

import math

import torch
from pydantic import Field
from torch.nn import functional as F

from hqcm.contracts.params import Section


class AugmentParams(Section):
    """Section `augment`."""

    rotation_degrees: float = Field(ge=0, le=180)
    horizontal_flip: float = Field(ge=0, le=1)
    vertical_flip: float = Field(ge=0, le=1)


def draw_augmentations(n: int, params: AugmentParams, generator: torch.Generator) -> torch.Tensor:
    """A rotation and flips for each of `n` slices.

    Shape:
        - returns: ``(n, 3)`` float32: angle in radians, counter-clockwise; +1 or, flipped, -1
          left to right; the same up to down.
    """
    uniform = torch.rand(n, 3, generator=generator)
    angles = (2 * uniform[:, 0] - 1) * math.radians(params.rotation_degrees)
    left_right = 1 - 2 * (uniform[:, 1] < params.horizontal_flip).float()
    up_down = 1 - 2 * (uniform[:, 2] < params.vertical_flip).float()
    return torch.stack([angles, left_right, up_down], dim=1)


def augment(
    images: torch.Tensor, masks: torch.Tensor, augmentations: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rotate, then flip: one sampling grid for the batch.

    Shape:
        - images, masks: ``(batch, 1, size, size)`` float32.
        - augmentations: ``(batch, 3)``, from `draw_augmentations`.
        - returns: images, sampled bilinearly, and masks, by nearest neighbour; 0 outside.

    Source:
        arXiv:2506.21937v1, section 4.1; equal to torchvision's ``rotate`` and flips.

    Deviation:
        D-13 (range and probabilities).
    """
    angle, left_right, up_down = augmentations.unbind(1)
    cosine, sine, zero = torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)
    # Row by row, from the place in the result to the place in the source.
    to_source = torch.stack(
        [cosine * left_right, -sine * up_down, zero, sine * left_right, cosine * up_down, zero],
        dim=1,
    ).view(-1, 2, 3)
    grid = F.affine_grid(to_source, list(images.shape), align_corners=False)
    return (
        F.grid_sample(images, grid, mode="bilinear", align_corners=False),
        F.grid_sample(masks, grid, mode="nearest", align_corners=False),
    )
