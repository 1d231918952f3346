"""A slice shows the head the right way round and its mask is exact."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.phantom import rendering
from hqcm.phantom.head import Head
from hqcm.phantom.lesions import Lesion, _Ball
from hqcm.phantom.patients import Patient, draw_patient, patient_rng
from hqcm.phantom.rendering import _ACQUIRED_PX, _VIEWS, Rendered, render
from hqcm.phantom.volumes import Waves

FLAT = Waves(np.ones((1, 3)), np.zeros(1), np.zeros(1))
TUMOURS = (MENINGIOMA, GLIOMA, PITUITARY)


def upright(head: Head, centre_mm: tuple[float, ...], radius_mm: float = 12.0) -> Patient:
    """A patient who lies straight, with a ball at a known place."""
    ball = _Ball(np.array(centre_mm, np.float64), np.full(3, radius_mm), FLAT)
    lesion = Lesion(PITUITARY, (ball,), None, 2.0, FLAT, 0.0, 0.0)
    drawn = draw_patient(head, PITUITARY, patient_rng(0, 2, PITUITARY, 0))
    return replace(
        drawn, pose=np.eye(3), shift_mm=np.zeros(3), shape=(FLAT,) * 3, lesion=lesion,
        target_mm=lesion.centre_mm, reach_mm=0.0,
    )  # fmt: skip


def middle_of(mask: NDArray[np.bool_]) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return rows.mean() / len(mask), columns.mean() / len(mask)


@pytest.mark.parametrize(
    ("view", "centre_mm", "half"),
    [
        ("axial", (35, -18, 20), "left"),  # radiological: the patient's right on the left
        ("axial", (0, 35, 20), "top"),
        ("coronal", (35, -18, 20), "left"),
        ("coronal", (0, -18, 50), "top"),
        ("sagittal", (20, 35, 0), "left"),  # the face looks to the left
        ("sagittal", (20, -18, 50), "top"),
    ],
)
def test_display_orientation(
    head: Head, view: str, centre_mm: tuple[float, ...], half: str
) -> None:
    _, mask = render(upright(head, centre_mm), view, 128, np.random.default_rng(0))
    row, column = middle_of(mask)
    assert (column if half == "left" else row) < 0.4


@pytest.mark.parametrize("view", _VIEWS)
def test_mask_of_a_ball_is_a_disc_of_its_size(
    head: Head, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_FIELD_OF_VIEW_MM", (240.0, 240.0))
    patient = upright(head, (10, 0, 10), radius_mm=15.0)
    _, mask = render(patient, view, 512, np.random.default_rng(0))
    radius_px = 15.0 / (240.0 / 512)
    assert mask.sum() == pytest.approx(np.pi * radius_px**2, rel=0.02)
    rows, columns = np.nonzero(mask)
    centre = rows.mean(), columns.mean()
    distance = np.hypot(rows - centre[0], columns - centre[1])
    assert distance.max() < radius_px + 1.5
    assert np.hypot(*np.nonzero(~mask) - np.array(centre)[:, None]).min() > radius_px - 1.5


@pytest.mark.parametrize("view", _VIEWS)
def test_signal_and_mask_lie_on_each_other(head: Head, view: str) -> None:
    """The very bright ball is found again in the image by its intensity alone."""
    image, mask = render(upright(head, (30, -20, 25)), view, 256, np.random.default_rng(0))
    rows, columns = np.nonzero(mask)
    window = np.s_[rows.min() - 8 : rows.max() + 9, columns.min() - 8 : columns.max() + 9]
    bright = image[window] > (np.median(image[mask]) + np.median(image[window][~mask[window]])) / 2
    both = (bright & mask[window]).sum() / (bright | mask[window]).sum()
    assert both > 0.9


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6), label=st.sampled_from(TUMOURS), view=st.sampled_from(list(_VIEWS))
)
def test_masks_are_never_empty(head: Head, seed: int, label: int, view: str) -> None:
    """The smallest mask of the real set has 255 of 512 x 512 pixels."""
    rng = np.random.default_rng(seed)
    _, mask = render(draw_patient(head, label, rng), view, 512, rng)
    assert mask.sum() >= 255


@pytest.mark.parametrize("view", _VIEWS)
def test_healthy_slices_have_a_head_and_no_mask(head: Head, view: str) -> None:
    rng = np.random.default_rng(4)
    image, mask = render(draw_patient(head, HEALTHY, rng), view, 225, rng)
    assert image.shape == mask.shape == (225, 225)
    assert image.dtype == np.float64
    assert mask.dtype == np.bool_
    assert not mask.any()
    assert image.min() >= 0
    corners = image[[0, 0, -1], [0, -1, 0]]  # the neck may reach the lower edge
    assert corners.max() < 0.4 * np.median(image[image > image.max() / 4])


def test_background_noise_is_rician(head: Head) -> None:
    """Where there is no signal the magnitude is Rayleigh: mean over deviation is 1.913."""
    rng = np.random.default_rng(0)
    image, _ = render(draw_patient(head, HEALTHY, rng), "axial", _ACQUIRED_PX, rng)
    air = image[:20, :20]
    assert air.mean() / air.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.1)


def test_slices_of_a_patient_differ_and_repeat(head: Head) -> None:
    def two() -> list[Rendered]:
        rng = np.random.default_rng(9)
        patient = draw_patient(head, GLIOMA, rng)
        return [render(patient, "axial", 128, rng) for _ in range(2)]

    first, again = two(), two()
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.mask, other.mask)
    assert not np.array_equal(first[0].image, first[1].image)


def test_tissue_makes_room_for_the_lesion(head: Head) -> None:
    """Far away nothing moves; at the edge it came from a third nearer to the centre."""
    lesion = upright(head, (0, 0, 0), radius_mm=10.0).lesion
    assert lesion is not None
    points = np.array([[[10, 0, 0], [30, 0, 0], [60, 0, 0]]])
    before = rendering._before_push(lesion, points)
    expected = np.array([[6.5, 0, 0], [30, 0, 0], [60, 0, 0]])
    np.testing.assert_allclose(before[0], expected, atol=1e-4)
    line = np.stack([np.linspace(10, 40, 200), np.zeros(200), np.zeros(200)], axis=-1)[None]
    came_from = rendering._before_push(lesion, line)[0, :, 0]
    assert (np.diff(came_from) > 0).all(), "tissue is not folded"


@pytest.mark.parametrize("size_px", [256, 300, 512])
def test_resizing_up_is_bilinear(size_px: int) -> None:
    image = np.random.default_rng(0).random((200, 200))
    picture = Image.fromarray(image).resize((size_px, size_px), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(rendering._resized(image, size_px), np.asarray(picture), atol=1e-5)


def test_halving_then_doubling_keeps_positions() -> None:
    ramp = np.tile(np.arange(16.0), (16, 1))
    again = rendering._doubled(rendering._halved(np.stack([ramp, ramp.T, ramp], -1))[..., 0])
    np.testing.assert_allclose(again[:, 2:-2], ramp[:, 2:-2], atol=1e-5)
