"""What a lesion does to a slice, on a line of pixels through it."""

import numpy as np
import pytest

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.phantom.lesions import _EDGE_MM, Lesion, Site, _Ball, paint
from hqcm.phantom.volumes import Array, Waves

FLAT = Waves(np.ones((1, 3)), np.zeros(1), np.zeros(1))
X_MM = np.arange(-60.0, 61)
HEALTHY = 0.8
SKULL_X_MM = 30.0


def line(label: int, *, core_mm: float | None = None, oedema: float = 0.0) -> tuple[Array, Site]:
    """A lesion of 10 mm at the origin, painted on white matter; skull from 30 mm on."""
    ball = _Ball(np.zeros(3), np.full(3, 10.0), FLAT)
    core = None if core_mm is None else _Ball(np.zeros(3), np.full(3, core_mm), FLAT)
    lesion = Lesion(label, (ball,), core, 1.3, FLAT, 0.3, oedema)
    points = np.stack([X_MM, 0 * X_MM, 0 * X_MM], axis=-1)[None]
    outside = (X_MM - SKULL_X_MM)[None]
    white = np.ones_like(outside)
    site = Site(points, lesion.depth(points, outside), outside, white)
    return paint(np.full_like(outside, HEALTHY), lesion, site)[0], site


def test_homogeneous_lesion_is_as_bright_as_it_says() -> None:
    image, _ = line(PITUITARY)
    np.testing.assert_allclose(image[np.abs(X_MM) < 10 - _EDGE_MM], 1.3, rtol=1e-6)
    np.testing.assert_allclose(image[np.abs(X_MM) > 10 + _EDGE_MM], HEALTHY, rtol=1e-6)


def test_edge_is_half_way_between() -> None:
    image, site = line(PITUITARY)
    edge = np.isclose(site.depth[0], 0, atol=1e-5)
    assert edge.sum() == 2
    np.testing.assert_allclose(image[edge], (1.3 + HEALTHY) / 2, rtol=1e-5)


def test_glioma_is_a_ring_around_a_dark_core() -> None:
    image, _ = line(GLIOMA, core_mm=6.0)
    np.testing.assert_allclose(image[np.abs(X_MM) < 5], 0.3, rtol=1e-6)
    np.testing.assert_allclose(image[np.abs(X_MM) == 8], 1.3, rtol=1e-6)


def test_oedema_darkens_around_and_fades() -> None:
    image, _ = line(GLIOMA, core_mm=6.0, oedema=0.5)
    near, far = image[X_MM == -12].item(), image[X_MM == -25].item()
    assert near < far < HEALTHY
    assert near < 0.75 * HEALTHY
    beyond_skull = image[X_MM > SKULL_X_MM]
    np.testing.assert_allclose(beyond_skull, HEALTHY, rtol=1e-6)


def test_oedema_prefers_white_matter() -> None:
    _, site = line(GLIOMA)
    lesion = Lesion(
        GLIOMA, (_Ball(np.zeros(3), np.full(3, 10.0), FLAT),), None, 1.3, FLAT, 0.3, 0.5
    )
    healthy = np.full_like(site.depth, HEALTHY)
    white = paint(healthy, lesion, site)[0]
    grey = paint(healthy, lesion, site._replace(white=-site.white))[0]
    assert (white[X_MM == -14] < grey[X_MM == -14]).all()


def test_meningioma_has_a_cleft_and_a_dural_tail() -> None:
    image, site = line(MENINGIOMA)
    cleft = np.isclose(site.depth[0], -1, atol=0.6)
    assert (image[cleft] < HEALTHY).all()
    on_dura = site._replace(
        depth=np.full_like(site.depth, -4), outside_skull=np.zeros_like(site.outside_skull)
    )
    off_dura = on_dura._replace(outside_skull=np.full_like(site.outside_skull, -10))
    lesion = Lesion(MENINGIOMA, (), None, 1.3, FLAT, 0.0, 0.0)
    healthy = np.full_like(site.depth, HEALTHY)
    assert paint(healthy, lesion, on_dura).min() > 1
    assert paint(healthy, lesion, off_dura).max() < HEALTHY + 1e-6


@pytest.mark.parametrize("label", [MENINGIOMA, GLIOMA, PITUITARY])
def test_healthy_slice_is_left_alone(label: int) -> None:
    """The painter returns a new image."""
    _, site = line(label)
    lesion = Lesion(label, (_Ball(np.zeros(3), np.full(3, 10.0), FLAT),), None, 1.3, FLAT, 0.0, 0.3)
    healthy = np.full_like(site.depth, HEALTHY)
    paint(healthy, lesion, site)
    np.testing.assert_array_equal(healthy, np.full_like(site.depth, HEALTHY))
