"""Lesions of the phantom: solids in the MNI frame from which exact masks follow."""

from dataclasses import dataclass

import numpy as np

from hqcm.contracts.labels import GLIOMA, MENINGIOMA
from hqcm.sources.anatomy_volumes import Array, Vector, Waves, length

PIA_MM = 2.0  # a glioma stays this far from the skull: it is within the brain


@dataclass(frozen=True)
class Ball:
    """An ellipsoid with waves on its surface.

    Shape:
        - centre_mm, radii_mm: ``(3,)``.
        - bumps: a function of direction, as a fraction of the radius.
    """

    centre_mm: Vector
    radii_mm: Vector
    bumps: Waves

    def depth(self, points: Array) -> Array:
        """Signed depth inside, about mm: positive inside."""
        offset = (points - self.centre_mm) / self.radii_mm
        norm = length(offset)
        direction: Array = np.divide(offset, np.maximum(norm, 1e-6)[..., None])
        return (1 + self.bumps.at(direction) - norm) * self.radii_mm.mean()


@dataclass(frozen=True)
class Lesion:
    """One patient's tumour.

    `balls` are united; `core` is the necrotic part of a glioma. `brightness` of the enhancing
    part, its `texture` and the signal of `necrosis` are on the template's scale (white matter
    0.87, fluid 0.25); `oedema` is the fraction of signal that the surroundings lose.
    """

    label: int
    balls: tuple[Ball, ...]
    core: Ball | None
    brightness: float
    texture: Waves
    necrosis: float
    oedema: float

    @property
    def centre_mm(self) -> Vector:
        """Where a slice should pass, ``(3,)``."""
        return np.mean([ball.centre_mm for ball in self.balls], axis=0)

    @property
    def radius_mm(self) -> float:
        """A small radius: every plane within half of it of the centre cuts the lesion well."""
        return float(min(ball.radii_mm.min() for ball in self.balls))

    def free_depth(self, points: Array) -> Array:
        """Signed depth inside, mm, as if nothing were in the way."""
        return np.max([ball.depth(points) for ball in self.balls], axis=0)

    def depth(self, points: Array, outside_skull: Array) -> Array:
        """Signed depth inside, mm; the mask is where it is positive.

        A meningioma is flattened by the skull it grows from, a glioma stays within the brain;
        a pituitary tumour stands in the sella, outside the brain's hull.
        """
        free = self.free_depth(points)
        if self.label == MENINGIOMA:
            return np.minimum(free, -outside_skull)
        if self.label == GLIOMA:
            return np.minimum(free, -outside_skull - PIA_MM)
        return free
