"""Lesions sit where their class sits, and their depth is a distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.phantom.head import Head
from hqcm.phantom.lesions import _SELLA_MM, Lesion, _Ball, draw_lesion
from hqcm.phantom.volumes import Array, Vector, Waves

FLAT = Waves(np.ones((1, 3)), np.zeros(1), np.zeros(1))
TUMOURS = (MENINGIOMA, GLIOMA, PITUITARY)


def ball(centre_mm: tuple[float, ...], radius_mm: float, bumps: Waves = FLAT) -> _Ball:
    return _Ball(np.array(centre_mm, np.float64), np.full(3, radius_mm), bumps)


def lesion(label: int, *balls: _Ball) -> Lesion:
    return Lesion(label, balls, None, 1.2, FLAT, 0.2, 0.1)


def on_x_axis(*x_mm: float) -> Array:
    return np.array([[x, 0.0, 0.0] for x in x_mm])


def cube(centre: Vector, half_mm: int) -> Array:
    steps = np.arange(-half_mm, half_mm + 1.0, 2)
    offsets = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    return centre + offsets.reshape(1, -1, 3)


def solid(drawn: Lesion, head: Head) -> tuple[Array, Array]:
    """Points 2 mm apart inside a lesion, and their distances to the inner skull."""
    points = cube(drawn.centre_mm, 50)
    outside = head.shell.outside_skull.at(points)
    inside = drawn.depth(points, outside) > 0
    return points[inside], outside[inside]


def test_depth_in_a_smooth_ball_is_the_distance_to_its_surface() -> None:
    depth = ball((2, 0, 0), 10).depth(on_x_axis(2, 7, 12, 20, -8))
    np.testing.assert_allclose(depth, [10, 5, 0, -8, 0], atol=1e-4)


def test_bumps_change_the_radius_by_their_fraction() -> None:
    constant = Waves(np.zeros((1, 3)), np.zeros(1), np.full(1, 0.2))
    depth = ball((0, 0, 0), 10, constant).depth(on_x_axis(11.9, 12.1))
    assert depth[0] > 0 > depth[1]


def test_balls_are_united() -> None:
    both = lesion(PITUITARY, ball((0, 0, 0), 5), ball((8, 0, 0), 5))
    points = on_x_axis(-4, 4, 12, 14)
    np.testing.assert_array_equal(both.free_depth(points) > 0, [True, True, True, False])
    np.testing.assert_array_equal(both.centre_mm, [4, 0, 0])
    assert both.radius_mm == 5


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (MENINGIOMA, [True, True, False]),  # up to the skull
        (GLIOMA, [True, False, False]),  # two millimetres short of it
        (PITUITARY, [True, True, True]),  # in the sella, whatever the skull
    ],
)
def test_who_is_stopped_by_the_skull(label: int, expected: list[bool]) -> None:
    outside = np.array([-5.0, -1.0, 1.0])
    depth = lesion(label, ball((0, 0, 0), 10)).depth(on_x_axis(0, 1, 2), outside)
    np.testing.assert_array_equal(depth > 0, expected)


@pytest.mark.parametrize("seed", range(12))
def test_meningioma_grows_broadly_from_the_dura(head: Head, seed: int) -> None:
    drawn = draw_lesion(MENINGIOMA, head, np.random.default_rng(seed))
    points, outside = solid(drawn, head)
    assert outside.max() <= 0
    base = points[outside > -3]
    assert np.ptp(base, axis=0).max() > 15, "broad base, mm"
    assert drawn.core is None


def test_meningiomas_keep_clear_of_the_sella_and_the_neck(head: Head) -> None:
    rng = np.random.default_rng(0)
    centres = np.array([draw_lesion(MENINGIOMA, head, rng).centre_mm for _ in range(300)])
    assert np.linalg.norm(centres - [0, 4, -32], axis=1).min() > 35
    assert -30 < centres[:, 2].min() < 0
    assert centres[:, 2].max() > 40


@pytest.mark.parametrize("seed", range(12))
def test_glioma_lies_in_the_brain_off_the_midline(head: Head, seed: int) -> None:
    drawn = draw_lesion(GLIOMA, head, np.random.default_rng(seed))
    points, outside = solid(drawn, head)
    assert outside.max() <= -2
    assert abs(points[:, 0].mean()) > 8
    assert drawn.core is not None
    necrotic = (drawn.core.depth(points) > 0).mean()
    assert 0.05 < necrotic < 0.8, "a core, and a ring around it"
    assert drawn.oedema >= 0.3


@pytest.mark.parametrize("seed", range(12))
def test_pituitary_tumour_stands_in_and_above_the_sella(head: Head, seed: int) -> None:
    drawn = draw_lesion(PITUITARY, head, np.random.default_rng(seed))
    points, _ = solid(drawn, head)
    x, y, z = points.mean(axis=0)
    assert abs(x) < 5
    assert abs(y - _SELLA_MM[1]) < 6
    assert _SELLA_MM[2] - 3 < z < -15
    assert points[:, 2].max() > _SELLA_MM[2] + 10


@given(seed=st.integers(0, 10**6), label=st.sampled_from(TUMOURS))
def test_centre_is_inside_and_brightness_above_white_matter(
    head: Head, seed: int, label: int
) -> None:
    drawn = draw_lesion(label, head, np.random.default_rng(seed))
    centre = drawn.centre_mm.reshape(1, 1, 3)
    assert drawn.depth(centre, head.shell.outside_skull.at(centre)).item() > 0
    assert drawn.brightness > 0.9
    assert drawn.necrosis <= 0.4


@pytest.mark.parametrize("label", TUMOURS)
def test_same_generator_same_lesion(head: Head, label: int) -> None:
    points = cube(np.array(_SELLA_MM), 60)
    first, second = (
        draw_lesion(label, head, np.random.default_rng(5)).free_depth(points) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    other = draw_lesion(label, head, np.random.default_rng(6)).free_depth(points)
    assert not np.array_equal(first, other)
