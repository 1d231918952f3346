"""Lesions of the phantom: solids in the MNI frame that look and sit like their class.

Each is a signed depth in mm (positive inside) from which the exact mask follows, and a way to
paint it onto a slice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.sources.anatomy import Head
from hqcm.sources.anatomy_volumes import Array, Vector

Rng = np.random.Generator

SELLA_MM = (0.0, 4.0, -32.0)


@dataclass(frozen=True)
class Ball:
    """An ellipsoid with waves on its surface.

    Shape:
        - centre_mm, radii_mm: ``(3,)``.
        - waves: ``(n, 3)`` directions times frequency; `phases` and `heights` ``(n,)``.
    """

    centre_mm: Vector
    radii_mm: Vector
    waves: Vector
    phases: Vector
    heights: Vector

    def depth(self, points: Array) -> Array:
        """Signed depth inside, about mm: positive inside."""
        offset = (points - self.centre_mm) / self.radii_mm
        norm = np.linalg.norm(offset, axis=-1)
        direction = offset / np.maximum(norm, 1e-6)[..., None]
        bumps = np.cos(direction @ self.waves.T + self.phases) @ self.heights
        return ((1 + bumps - norm) * self.radii_mm.mean()).astype(np.float32)


@dataclass(frozen=True)
class Lesion:
    """One patient's tumour.

    `balls` are united; `brightness` is on the scale of the slice (white matter about 0.8 before
    contrast is drawn); `core` is the fraction of a glioma that is necrotic.
    """

    label: int
    balls: tuple[Ball, ...]
    brightness: float
    core: float
    oedema: float

    @property
    def centre_mm(self) -> Vector:
        """Where a slice must pass."""
        return np.mean([ball.centre_mm for ball in self.balls], axis=0)

    @property
    def radius_mm(self) -> float:
        """A small radius of the lesion: within half of it every plane cuts the lesion well."""
        return float(min(ball.radii_mm.min() for ball in self.balls))


def draw_lesion(label: int, head: Head, rng: Rng) -> Lesion:
    """Draw a patient's tumour of class `label` (1 to 3)."""
    draw = {MENINGIOMA: _meningioma, GLIOMA: _glioma, PITUITARY: _pituitary}[label]
    return draw(head, rng)


def _ball(rng: Rng, centre: Vector, radius: float, *, rough: float, stretch: float = 0.15) -> Ball:
    waves = rng.standard_normal((6, 3))
    waves *= rng.uniform(2, 6, (6, 1)) / np.linalg.norm(waves, axis=1, keepdims=True)
    return Ball(
        np.asarray(centre, np.float64),
        radius * rng.uniform(1 - stretch, 1 + stretch, 3),
        waves,
        rng.uniform(0, 2 * np.pi, 6),
        rough * rng.uniform(0.3, 1, 6) / 2,
    )


def _meningioma(head: Head, rng: Rng) -> Lesion:
    radius = rng.uniform(15, 24)
    outside, points = head.shell.outside_skull.voxels, _points(head)
    x, y, z = np.moveaxis(points, -1, 0)
    sella = np.hypot(np.hypot(x, y - 4), z + 32) < 35
    inset = outside + 0.35 * radius
    base = (np.abs(inset) < 1) & (z > -40) & ~sella
    centre = _pick(points, base, rng)
    ball = _ball(rng, centre, radius, rough=0.05)
    return Lesion(MENINGIOMA, (ball,), rng.uniform(0.95, 1.15), 0.0, rng.uniform(0, 0.15))


def _glioma(head: Head, rng: Rng) -> Lesion:
    radius = rng.uniform(17, 26)
    points = _points(head)
    outside = head.shell.outside_skull.voxels
    x, z = points[..., 0], points[..., 2]
    deep = (outside < -18) & (outside > -38) & (np.abs(x) > 12) & (z > -15)
    ball = _ball(rng, _pick(points, deep, rng), radius, rough=0.22, stretch=0.25)
    return Lesion(
        GLIOMA, (ball,), rng.uniform(0.9, 1.15), rng.uniform(0.5, 0.75), rng.uniform(0.25, 0.5)
    )


def _pituitary(head: Head, rng: Rng) -> Lesion:
    del head  # the sella is where the template has it
    low, high = rng.uniform(9, 13), rng.uniform(7, 12)
    centre = np.array(SELLA_MM) + rng.normal(0, 1.2, 3)
    above = centre + [0, rng.uniform(-2, 2), 0.85 * (low + high) * rng.uniform(0.7, 1)]
    balls = (_ball(rng, centre, low, rough=0.06), _ball(rng, above, high, rough=0.06))
    return Lesion(PITUITARY, balls, rng.uniform(0.9, 1.1), 0.0, 0.0)


def _points(head: Head) -> Array:
    return head.shell.outside_skull.points()


def _pick(points: Array, where: NDArray[np.bool_], rng: Rng) -> Vector:
    candidates = np.flatnonzero(where)
    return points.reshape(-1, 3)[rng.choice(candidates)].astype(np.float64)
