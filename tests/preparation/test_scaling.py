"""Image and mask at the network's size, against loops and exact fractions."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import reference
from hqcm.preparation.scaling import scale_image, scale_mask
from native_files import ASYMMETRIC

EDGES = st.integers(1, 16)
MASKS = arrays.arrays(np.bool_, st.tuples(EDGES, EDGES))
IMAGES = arrays.arrays(np.int16, st.tuples(EDGES, EDGES), elements=st.integers(0, 12_728))
ROUNDED = 0.5 + 2e-3  # half a level, and float32's part of 255


@pytest.mark.parametrize("shape", [(2, 3), (16, 16), (40, 23), (33, 64), (5, 50), (256, 9)])
@pytest.mark.parametrize("dtype", ["int16", "uint16", "float64"])
def test_an_image_is_resized_then_stretched(shape: tuple[int, int], dtype: str) -> None:
    rows, cols = np.indices(shape)
    image = ((rows * 37 + cols * cols * 11) % 977).astype(dtype)
    expected = reference.prepare_image(image.astype(np.float64), 16)
    np.testing.assert_allclose(scale_image(image, 16), expected, atol=ROUNDED)


def test_orientation_is_kept() -> None:
    corners = scale_image(ASYMMETRIC, 16)[[0, 0, -1, -1], [0, -1, 0, -1]]
    # 10, 30, 40, 70 of 10-70: the corners of a grown image are its corner pixels.
    assert corners.tolist() == [0, 85, 128, 255]


@given(IMAGES)
def test_every_image_with_contrast_reaches_black_and_white(image: Any) -> None:
    scaled = scale_image(image, 16)
    assert scaled.shape == (16, 16)
    assert scaled.dtype == np.uint8
    assert (scaled.min(), scaled.max()) in {(0, 0), (0, 255)}


@given(IMAGES)
def test_a_mirrored_image_gives_a_mirrored_slice(image: Any) -> None:
    difference = scale_image(image[:, ::-1], 16)[:, ::-1].astype(int) - scale_image(image, 16)
    assert np.abs(difference).max() <= 1  # float32 sums in another order


@pytest.mark.parametrize("scale", [2.0**-40, 0.25, 1.0, 2.0**60])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_unit_of_the_intensities_does_not_matter(scale: float, dtype: str) -> None:
    image = (np.arange(35.0).reshape(5, 7) ** 2).astype(dtype)
    np.testing.assert_array_equal(scale_image(image * scale, 16), scale_image(image, 16))


def test_a_large_offset_costs_nothing() -> None:
    image = np.arange(35).reshape(5, 7) ** 2
    np.testing.assert_array_equal(scale_image(image + 2**31, 16), scale_image(image, 16))


def test_the_full_range_of_a_float_is_no_overflow() -> None:
    extreme = np.finfo(np.float64).max
    scaled = scale_image(np.array([[-extreme, extreme], [0.0, 0.0]]), 2)
    assert scaled.tolist() == [[0, 255], [128, 128]]


@pytest.mark.parametrize("value", [0, 1, 255, -7, 1e30])
def test_a_constant_image_is_black(value: float) -> None:
    assert not scale_image(np.full((30, 20), value), 16).any()


def test_a_speck_that_resizing_wipes_out_leaves_no_noise() -> None:
    image = np.zeros((2048, 2048))
    image[1000, 1000] = 1  # at most 1 / 512**2 of a pixel of 4
    assert not scale_image(image, 4).any()


def test_a_half_is_rounded_to_even() -> None:
    assert scale_image(np.array([[0.0, 2.0], [1.0, 0.0]]), 2).tolist() == [[0, 255], [128, 0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="image must be finite; got NaN or infinity"):
        scale_image(np.array([[1.0, bad]]), 16)


@given(MASKS, st.integers(1, 8))
def test_a_pixel_is_tumour_where_half_of_it_is(mask: Any, size: int) -> None:
    fractions = reference.covered_fractions(mask, size)
    half = [[covered >= Fraction(1, 2) for covered in row] for row in fractions]
    if mask.any() and not np.any(half):
        most = max(map(max, fractions))
        half = [[covered == most for covered in row] for row in fractions]
    np.testing.assert_array_equal(scale_mask(mask, size), half)


@given(MASKS)
def test_a_mask_is_empty_only_if_it_was(mask: Any) -> None:
    scaled = scale_mask(mask, 16)
    assert scaled.any() == mask.any()
    assert scaled.dtype == np.bool_


@given(MASKS)
def test_a_mirrored_mask_gives_a_mirrored_mask(mask: Any) -> None:
    np.testing.assert_array_equal(
        scale_mask(mask[::-1, ::-1], 16), scale_mask(mask, 16)[::-1, ::-1]
    )


@pytest.mark.parametrize("place", [(0, 0), (511, 511), (300, 5), (200, 400)])
def test_one_pixel_of_a_large_mask_is_kept_where_it_is(place: tuple[int, int]) -> None:
    mask = np.zeros((512, 512), np.bool_)
    mask[place] = True
    assert np.argwhere(scale_mask(mask, 128)).tolist() == [[place[0] // 4, place[1] // 4]]


def test_image_and_mask_stay_aligned() -> None:
    mask = np.zeros((225, 300), np.bool_)
    mask[40:140, 30:90] = True
    image, scaled = scale_image(mask.astype(np.uint8), 128), scale_mask(mask, 128)
    np.testing.assert_array_equal(image > 127, scaled)
