"""Draw lesions that sit and are built like their class."""

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.sources.anatomy import Head
from hqcm.sources.anatomy_volumes import Rng, Vector, Waves
from hqcm.sources.lesions import Ball, Lesion

SELLA_MM = np.array([0.0, 4.0, -32.0])
CLEAR_OF_SELLA_MM = 35.0  # a meningioma nearer could not be told from a pituitary tumour
LOWEST_MENINGIOMA_MM = -30.0  # z; lower the hull is no longer skull
LOWEST_GLIOMA_MM = -15.0
LATERAL_MM = 12.0  # a glioma's centre is at least so far from the median plane
GLIOMA_OUTSIDE_MM = (-38.0, -16.0)  # distance of its centre to the skull


def draw_lesion(label: int, head: Head, rng: Rng) -> Lesion:
    """Draw a patient's tumour of class `label`, 1 to 3."""
    draw = {MENINGIOMA: _meningioma, GLIOMA: _glioma, PITUITARY: _pituitary}[label]
    return draw(head, rng)


def _meningioma(head: Head, rng: Rng) -> Lesion:
    """Extra-axial, a broad base on the dura, bright, homogeneous, smooth."""
    radius = rng.uniform(16, 26)
    base = np.abs(head.site_outside_mm + rng.uniform(0.25, 0.5) * radius) < 1
    high = head.sites_mm[:, 2] > LOWEST_MENINGIOMA_MM
    clear = np.linalg.norm(head.sites_mm - SELLA_MM, axis=1) > CLEAR_OF_SELLA_MM
    centre = _pick(head, base & high & clear, rng)
    return Lesion(
        label=MENINGIOMA,
        balls=(_ball(rng, centre, radius, roughness=0.08, stretch=0.12),),
        core=None,
        brightness=rng.uniform(1.35, 1.7),
        texture=_texture(rng, 0.04),
        necrosis=0.0,
        oedema=rng.uniform(0, 0.15),
    )


def _glioma(head: Head, rng: Rng) -> Lesion:
    """Intra-axial, irregular, an uneven bright ring around a dark core, oedema."""
    radius = rng.uniform(19, 28)
    low, high = GLIOMA_OUTSIDE_MM
    deep = (head.site_outside_mm > low) & (head.site_outside_mm < high)
    lateral = np.abs(head.sites_mm[:, 0]) > LATERAL_MM
    centre = _pick(head, deep & lateral & (head.sites_mm[:, 2] > LOWEST_GLIOMA_MM), rng)
    core_centre = centre + rng.normal(0, 0.06 * radius, 3)
    core_radius = rng.uniform(0.6, 0.8) * radius
    return Lesion(
        label=GLIOMA,
        balls=(_ball(rng, centre, radius, roughness=0.32, stretch=0.2),),
        core=_ball(rng, core_centre, core_radius, roughness=0.35, stretch=0.1),
        brightness=rng.uniform(1.3, 1.7),
        texture=_texture(rng, 0.35),
        necrosis=rng.uniform(0.2, 0.4),
        oedema=rng.uniform(0.3, 0.5),
    )


def _pituitary(head: Head, rng: Rng) -> Lesion:
    """In and above the sella: two balls that make a round or a snowman, bright."""
    del head  # the sella lies where the template has it
    low, high = rng.uniform(11, 15), rng.uniform(9, 13)
    centre = SELLA_MM + rng.normal(0, 1.2, 3)
    above = np.array([*rng.uniform(-2, 2, 2), (low + high) * rng.uniform(0.3, 0.75)])
    return Lesion(
        label=PITUITARY,
        balls=tuple(
            _ball(rng, at, radius, roughness=0.08, stretch=0.08)
            for at, radius in ((centre, low), (centre + above, high))
        ),
        core=None,
        brightness=rng.uniform(1.3, 1.65),
        texture=_texture(rng, 0.1),
        necrosis=0.0,
        oedema=0.0,
    )


def _ball(rng: Rng, centre: Vector, radius: float, *, roughness: float, stretch: float) -> Ball:
    radii = radius * rng.uniform(1 - stretch, 1 + stretch, 3)
    # Wavelengths in radii: one to three bumps around the equator.
    return Ball(centre, radii, Waves.draw(rng, 6, height=roughness, wavelength=(0.9, 3.0)))


def _texture(rng: Rng, height: float) -> Waves:
    return Waves.draw(rng, 8, height=height, wavelength=(6.0, 25.0))  # mm


def _pick(head: Head, where: NDArray[np.bool_], rng: Rng) -> Vector:
    return head.sites_mm[rng.choice(np.flatnonzero(where))]
