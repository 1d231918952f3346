"""One grid a batch does what torchvision does slice by slice."""

import math

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as tv

from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations

SIZE = 32
CASES = [(0.0, 1, 1), (10.0, 1, 1), (-15.0, -1, 1), (7.0, 1, -1), (90.0, -1, -1)]


def rotate_and_flip(
    image: torch.Tensor, degrees: float, left_right: int, up_down: int, how: InterpolationMode
) -> torch.Tensor:
    image = tv.rotate(image, degrees, how)
    image = tv.horizontal_flip(image) if left_right < 0 else image
    return tv.vertical_flip(image) if up_down < 0 else image


@pytest.fixture
def images() -> torch.Tensor:
    rows, cols = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    pattern = (torch.sin(rows * 0.7) + torch.cos(cols * 0.31) + rows * cols / SIZE**2) / 3
    return pattern.expand(len(CASES), 1, SIZE, SIZE).clone()


def test_equals_torchvision(images: torch.Tensor) -> None:
    masks = (images > 0.3).float()
    how = torch.tensor([(math.radians(a), h, v) for a, h, v in CASES])
    got_images, got_masks = augment(images, masks, how)
    for i, case in enumerate(CASES):
        want = rotate_and_flip(images[i], *case, InterpolationMode.BILINEAR)
        torch.testing.assert_close(got_images[i], want, atol=1e-4, rtol=0)
        want = rotate_and_flip(masks[i], *case, InterpolationMode.NEAREST)
        assert torch.equal(got_masks[i], want)


def test_no_augmentation_changes_nothing(images: torch.Tensor) -> None:
    params = AugmentParams(rotation_degrees=0, horizontal_flip=0, vertical_flip=0)
    how = draw_augmentations(len(images), params, torch.Generator().manual_seed(0))
    got, _ = augment(images, images, how)
    torch.testing.assert_close(got, images, atol=1e-6, rtol=0)


def test_draws_stay_in_range_and_use_it() -> None:
    params = AugmentParams(rotation_degrees=20, horizontal_flip=0.25, vertical_flip=1)
    how = draw_augmentations(4000, params, torch.Generator().manual_seed(0))
    degrees = torch.rad2deg(how[:, 0])
    assert degrees.abs().max() <= 20
    assert degrees.min() < -19
    assert degrees.max() > 19
    assert set(how[:, 1].tolist()) == {-1.0, 1.0}
    assert (how[:, 1] < 0).float().mean().item() == pytest.approx(0.25, abs=0.03)  # 4 sigma
    assert (how[:, 2] == -1).all()


def test_same_generator_same_draws() -> None:
    params = AugmentParams(rotation_degrees=15, horizontal_flip=0.5, vertical_flip=0.5)
    first, second = (draw_augmentations(8, params, torch.Generator().manual_seed(3)) for _ in "ab")
    assert torch.equal(first, second)
