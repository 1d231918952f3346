"""The phantom's head, checked at places every atlas knows."""

import numpy as np
import pytest

from hqcm.phantom import head as shapes
from hqcm.phantom.head import _SPACING_MM, Head, _both_sides, _fill, _Solid
from hqcm.phantom.volumes import Array, Volume


def at(volume: Volume, *point_mm: float) -> float:
    return float(volume.at(np.array(point_mm).reshape(1, 1, 3))[0, 0])


def grid() -> Array:
    return Volume(np.zeros((21, 17, 19)), np.array([-20.0, -15, -18]), 2.0).points()


def test_fill_agrees_with_the_equation_of_an_ellipsoid() -> None:
    solids = (_Solid((1, -2, 3), (7, 9, 5)), _Solid((-30, 0, 0), (14, 6, 6)))  # one cut by the grid
    points, expected = grid(), np.zeros((21, 17, 19), bool)
    for index in np.ndindex(expected.shape):
        for (x, y, z), (a, b, c) in solids:
            px, py, pz = points[index]
            expected[index] |= ((px - x) / a) ** 2 + ((py - y) / b) ** 2 + ((pz - z) / c) ** 2 < 1
    assert expected.any()
    np.testing.assert_array_equal(_fill(points, solids), expected)


def test_both_sides_mirror_each_other() -> None:
    right, left = _both_sides((3, 4, 5), 1, 2, 3)
    assert right == ((3, 4, 5), (1, 2, 3))
    assert left == ((-3, 4, 5), (1, 2, 3))


@pytest.mark.parametrize(
    ("place", "point_mm"),
    [("white matter", (-26, -30, 26)), ("corpus callosum", (0, -36, 12))],
)
def test_white_matter_is_bright(head: Head, place: str, point_mm: tuple[int, int, int]) -> None:
    assert at(head.brain, *point_mm) > 0.75, place
    assert at(head.white_minus_grey, *point_mm) > 0.6, place


def test_cortex_is_darker_than_white_matter(head: Head) -> None:
    grey = head.brain.voxels[head.white_minus_grey.voxels < -0.9].mean()
    white = head.brain.voxels[head.white_minus_grey.voxels > 0.9].mean()
    assert 0.5 < grey < white - 0.15


def test_brain_lies_within_the_skull(head: Head) -> None:
    points = head.brain.points()[::5, ::5, ::5].reshape(1, -1, 3)
    brain = head.brain.voxels[::5, ::5, ::5].reshape(1, -1) > 0.3
    outside = head.shell.outside_skull.at(points)
    assert (outside[brain] < 0).mean() > 0.98


def test_distance_to_the_skull_is_in_mm(head: Head) -> None:
    """A distance changes by one millimetre a millimetre."""
    outside = head.shell.outside_skull.voxels
    slope = np.linalg.norm(np.gradient(outside, _SPACING_MM), axis=0)
    for low, high, tolerance in ((-10, -4, 0.05), (4, 10, 0.05), (-3, 3, 0.15)):  # voxels: 2 mm
        assert np.median(slope[(outside > low) & (outside < high)]) == pytest.approx(1, tolerance)


def test_layers_over_the_crown(head: Head) -> None:
    """From inside: brain's hull, dark bone with marrow between, bright scalp, air."""
    shell, heights = head.shell, range(70, 100)
    outside = np.array([at(shell.outside_skull, 20, -20, z) for z in heights])
    bright = np.array([at(shell.bright, 20, -20, z) for z in heights])
    inner, marrow = bright[(outside > 0) & (outside < 1.5)], bright[(outside > 3) & (outside < 5)]
    scalp, air = bright[(outside > 9) & (outside < 11)], bright[outside > 17]
    assert inner.max() < marrow.max() < 0.5 < scalp.max()
    assert air.max() < 1e-3


@pytest.mark.parametrize("solids", [shapes._EYES, shapes._AIR])
def test_eyes_and_air_hold_no_fat(head: Head, solids: tuple[_Solid, ...]) -> None:
    for solid in solids:
        assert at(head.shell.bright, *solid.centre_mm) < 0.05


def test_sinuses_are_empty_and_eyes_are_not(head: Head) -> None:
    assert all(at(head.shell.soft, *solid.centre_mm) < 0.05 for solid in shapes._AIR)
    assert all(at(head.shell.soft, *solid.centre_mm) > 0.3 for solid in shapes._EYES)


def test_gland_and_sagittal_sinus_take_up_contrast_agent(head: Head) -> None:
    assert at(head.shell.bright, *shapes._GLAND[0].centre_mm) > 0.5
    median = [at(head.shell.bright, 0, -30, z) for z in range(60, 85)]
    lateral = [at(head.shell.bright, 12, -30, z) for z in range(60, 85)]
    outside = [at(head.shell.outside_skull, 0, -30, z) for z in range(60, 85)]
    dura = int(np.argmin(np.abs(np.array(outside) + 1)))
    assert median[dura] > 0.6
    assert lateral[dura] < 0.2


def test_fractions_are_fractions(head: Head) -> None:
    for volume in (head.shell.bright, head.shell.soft):
        assert volume.voxels.min() >= 0
        assert volume.voxels.max() <= 1
        assert volume.voxels.dtype == np.float64


def test_sites_lie_within_the_skull(head: Head) -> None:
    assert head.sites_mm.shape == (len(head.site_outside_mm), 3)
    # An adult's cavity holds 1.2 to 1.8 litres; the template is of the larger kind.
    assert 1.2e6 < len(head.sites_mm) * _SPACING_MM**3 < 2.3e6
    some = slice(None, None, 5000)
    again = head.shell.outside_skull.at(head.sites_mm[None, some])[0]
    np.testing.assert_allclose(again, head.site_outside_mm[some], atol=1e-3)
    assert head.site_outside_mm.max() < 0
