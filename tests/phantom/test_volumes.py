"""Planes, volumes and waves against geometry done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.phantom.volumes import Plane, Volume, Waves, length

POINTS = np.array([[[1.0, 2.0, 3.0], [4.0, 0.0, -2.5]]])


def test_plane_points_step_from_the_corner() -> None:
    plane = Plane(
        np.array([10.0, 20.0, 30.0]), np.array([0, 0, -2.0]), np.array([-1.0, 0, 0]), size_px=3
    )
    points = plane.points()
    assert points.shape == (3, 3, 3)
    np.testing.assert_array_equal(points[0, 0], [10, 20, 30])
    np.testing.assert_array_equal(points[2, 0], [10, 20, 26])
    np.testing.assert_array_equal(points[0, 2], [8, 20, 30])
    np.testing.assert_array_equal(points[1, 2], [8, 20, 28])


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0])
def test_volume_is_exact_where_values_are_linear(spacing_mm: float) -> None:
    """Trilinear interpolation reproduces a linear function of space."""
    origin = np.array([-5.0, -4.0, -7.0])
    i, j, k = np.meshgrid(*(np.arange(12),) * 3, indexing="ij")
    x, y, z = (origin[a] + spacing_mm * index for a, index in enumerate((i, j, k)))
    volume = Volume(2 * x - 3 * y + 0.5 * z + 1, origin, spacing_mm)
    expected = 2 * POINTS[..., 0] - 3 * POINTS[..., 1] + 0.5 * POINTS[..., 2] + 1
    np.testing.assert_allclose(volume.at(POINTS), expected, atol=1e-12)


def test_volume_points_are_where_its_values_are() -> None:
    volume = Volume(np.arange(24.0).reshape(2, 3, 4), np.array([5.0, 0, -1]), 2.0)
    points = volume.points()
    np.testing.assert_array_equal(points[1, 2, 3], [7, 4, 5])
    np.testing.assert_array_equal(volume.at(points[1]), volume.voxels[1])


def test_beyond_a_volume_is_its_outside() -> None:
    volume = Volume(np.ones((3, 3, 3)), np.zeros(3), 1.0, outside=9.0)
    assert volume.at(np.full((1, 1, 3), 50)) == 9


def test_length_is_the_euclidean_norm() -> None:
    np.testing.assert_allclose(length(POINTS), np.linalg.norm(POINTS, axis=-1), rtol=1e-15)


@given(seed=st.integers(0, 2**32 - 1), height=st.floats(0.01, 5))
def test_waves_stay_within_their_height(seed: int, height: float) -> None:
    waves = Waves.draw(np.random.default_rng(seed), 5, height=height, wavelength=(2.0, 9.0))
    points = np.random.default_rng(1).uniform(-50, 50, (200, 3))
    values = waves.at(points)
    assert values.shape == (200,)
    assert np.abs(values).max() <= height * (1 + 1e-12)
    assert np.ptp(values) > 0.1 * height


def test_waves_have_the_wavelengths_asked_for() -> None:
    waves = Waves.draw(np.random.default_rng(0), 50, height=1.0, wavelength=(4.0, 7.0))
    wavelengths = 2 * np.pi / np.linalg.norm(waves.vectors, axis=1)
    assert wavelengths.min() >= 4 - 1e-4
    assert wavelengths.max() <= 7 + 1e-4
    assert np.ptp(wavelengths) > 1
