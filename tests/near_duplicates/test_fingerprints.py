"""The band of detail by pixels and by cosines is one; orientations commute with both."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hqcm.cohort.duplicates import ORIENTATIONS, orient
from hqcm.near_duplicates.fingerprints import _orient_spectra, filter_band, take_prints
from toy_slices import picture, shipped_params, stretched

PARAMS = shipped_params()
WHOLE = shipped_params(n_frequencies=64)
PICTURES = np.stack([picture(seed) for seed in range(6)])


def test_cosines_and_pixels_tell_the_same_correlations() -> None:
    bands = np.stack([filter_band(image, WHOLE) for image in PICTURES]).reshape(6, -1)
    prints = take_prints(PICTURES, WHOLE).reshape(6, -1)
    # The filter by pixels samples its Gaussians and cuts them off at four deviations.
    np.testing.assert_allclose(prints @ prints.T, bands @ bands.T, atol=0.01)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_the_slice_turns_the_print(orientation: str) -> None:
    turned = np.stack([orient(image, orientation) for image in PICTURES])
    np.testing.assert_allclose(
        take_prints(turned, PARAMS),
        _orient_spectra(take_prints(PICTURES, PARAMS), orientation),
        atol=1e-5,
    )


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_the_slice_turns_the_band(orientation: str) -> None:
    np.testing.assert_allclose(
        filter_band(orient(PICTURES[0], orientation), PARAMS),
        orient(filter_band(PICTURES[0], PARAMS), orientation),
        atol=1e-5,
    )


@given(st.integers(0, 1000), st.floats(0.2, 1.0), st.integers(0, 50))
def test_brightness_and_contrast_do_not_matter(seed: int, contrast: float, offset: int) -> None:
    image = picture(seed)
    dimmed = np.rint(image * contrast * 0.8 + offset).astype(np.uint8)
    assert np.sum(filter_band(image, PARAMS) * filter_band(dimmed, PARAMS)) > 0.98


def test_the_shape_of_the_head_does_not_matter() -> None:
    rows, cols = np.mgrid[-2:2:64j, -2:2:64j]
    head, generator = 2000 * np.exp(-(rows**2) - cols**2), np.random.default_rng(0)
    bands, heads = [], []
    for texture in generator.standard_normal((2, 64, 64)):
        heads.append(stretched(head + 100 * texture))
        bands.append(filter_band(heads[-1], PARAMS))
    assert np.asarray(np.corrcoef(np.reshape(heads, (2, -1))))[0, 1] > 0.9
    assert abs(np.sum(bands[0] * bands[1])) < 0.3


def test_prints_are_of_length_one_together_with_what_is_left_out() -> None:
    whole = np.square(take_prints(PICTURES, WHOLE)).sum(axis=(1, 2))
    part = np.square(take_prints(PICTURES, PARAMS)).sum(axis=(1, 2))
    np.testing.assert_allclose(whole, 1, atol=1e-5)
    assert (part < 0.99).all()
    np.testing.assert_array_equal(
        take_prints(PICTURES, WHOLE)[:, :24, :24], take_prints(PICTURES, PARAMS)
    )


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_slice_without_contrast_has_no_print(grey: int) -> None:
    image = np.full((32, 32), grey, np.uint8)
    assert not take_prints(image[None], PARAMS).any()
    assert not filter_band(image, PARAMS).any()


def test_a_slice_smaller_than_the_print_gives_what_it_has() -> None:
    assert take_prints(PICTURES[:, :16, :16], PARAMS).shape == (6, 16, 16)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"fine_blur": 0.03125},
            "fine_blur must be smaller than fingerprint.coarse_blur = 0.03125",
        ),
        ({"fine_blur": 0.0}, "greater than or equal to"),
        ({"coarse_blur": 1.0}, "less than 1"),
        ({"min_correlation": 1.0}, "less than 1"),
        ({"bits_per_band": 63}, "less than or equal to 62"),
        ({"n_bands": 0}, "greater than or equal to 1"),
        ({"n_frequencies": 3}, "greater than or equal to 4"),
        ({"seed": -1}, "greater than or equal to 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes: Any, said: str) -> None:
    with pytest.raises((ValueError, ValidationError), match=said):
        shipped_params(**changes)
