"""Lesions: drawn to sit and be built like their class, then painted on a slice.

A lesion is one or two solids in the MNI frame, so that its mask is exact in every plane.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.phantom.head import Head
from hqcm.phantom.volumes import Array, Rng, Vector, Waves, length

_SELLA_MM = np.array([0.0, 4.0, -32.0])
_CLEAR_OF_SELLA_MM = 35.0  # a meningioma nearer could not be told from a pituitary tumour
_LOWEST_MENINGIOMA_MM = -30.0  # z; lower the hull is no longer skull
_LOWEST_GLIOMA_MM = -15.0
_LATERAL_MM = 12.0  # a glioma's centre is at least so far from the median plane
_GLIOMA_OUTSIDE_MM = (-38.0, -16.0)  # distance of its centre to the skull
_PIA_MM = 2.0  # a glioma stays this far from the skull: it is within the brain
CSF = 0.22  # intensity of fluid on the template's scale
_EDGE_MM = 1.5  # partial volume at a lesion's edge
_OEDEMA_MM = 12.0  # water fades over about a centimetre
_TAIL_MM = 9.0  # a meningioma's dural tail reaches so far beyond it
_DURA_MM = 1.5


@dataclass(frozen=True)
class _Ball:
    """An ellipsoid with waves on its surface: of the direction, as a fraction of the radius."""

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
    balls: tuple[_Ball, ...]
    core: _Ball | None
    brightness: float
    texture: Waves
    necrosis: float = 0.0
    oedema: float = 0.0

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
            return np.minimum(free, -outside_skull - _PIA_MM)
        return free


def draw_lesion(label: int, head: Head, rng: Rng) -> Lesion:
    """Draw a patient's tumour of class `label`, 1 to 3."""
    return {MENINGIOMA: _meningioma, GLIOMA: _glioma, PITUITARY: _pituitary}[label](head, rng)


def _meningioma(head: Head, rng: Rng) -> Lesion:
    """Extra-axial, a broad base on the dura, bright, homogeneous, smooth."""
    radius = rng.uniform(16, 26)
    base = np.abs(head.site_outside_mm + rng.uniform(0.25, 0.5) * radius) < 1
    high = head.sites_mm[:, 2] > _LOWEST_MENINGIOMA_MM
    clear = np.linalg.norm(head.sites_mm - _SELLA_MM, axis=1) > _CLEAR_OF_SELLA_MM
    centre = _pick(head, base & high & clear, rng)
    return Lesion(
        label=MENINGIOMA,
        balls=(_ball(rng, centre, radius, roughness=0.08, stretch=0.12),),
        core=None,
        brightness=rng.uniform(1.35, 1.7),
        texture=_texture(rng, 0.04),
        oedema=rng.uniform(0, 0.15),
    )


def _glioma(head: Head, rng: Rng) -> Lesion:
    """Intra-axial, irregular, an uneven bright ring around a dark core, oedema."""
    radius = rng.uniform(19, 28)
    low, high = _GLIOMA_OUTSIDE_MM
    deep = (head.site_outside_mm > low) & (head.site_outside_mm < high)
    lateral = np.abs(head.sites_mm[:, 0]) > _LATERAL_MM
    centre = _pick(head, deep & lateral & (head.sites_mm[:, 2] > _LOWEST_GLIOMA_MM), rng)
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
    centre = _SELLA_MM + rng.normal(0, 1.2, 3)
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
    )


def _ball(rng: Rng, centre: Vector, radius: float, *, roughness: float, stretch: float) -> _Ball:
    radii = radius * rng.uniform(1 - stretch, 1 + stretch, 3)
    # Wavelengths in radii: one to three bumps around the equator.
    return _Ball(centre, radii, Waves.draw(rng, 6, height=roughness, wavelength=(0.9, 3.0)))


def _texture(rng: Rng, height: float) -> Waves:
    return Waves.draw(rng, 8, height=height, wavelength=(6.0, 25.0))  # mm


def _pick(head: Head, where: NDArray[np.bool_], rng: Rng) -> Vector:
    return head.sites_mm[rng.choice(np.flatnonzero(where))]


class Site(NamedTuple):
    """What is known about each pixel of a slice, or of a window of it.

    Shape:
        - points: ``(rows, cols, 3)``, mm in the MNI frame; all others ``(rows, cols)``:
        - depth: `Lesion.depth`, mm; outside_skull: distance to the inner skull, mm.
        - white: white minus grey matter, in [-1, 1].
    """

    points: Array
    depth: Array
    outside_skull: Array
    white: Array


def paint(image: Array, lesion: Lesion, site: Site) -> Array:
    """The healthy slice (before gamma, bias field and noise) with the lesion in it."""
    around = image * (1 - lesion.oedema * _oedema(site))
    body = lesion.brightness + lesion.texture.at(site.points)
    if lesion.core is not None:
        necrotic = _share(lesion.core.depth(site.points))
        body = necrotic * lesion.necrosis + (1 - necrotic) * body
    if lesion.label == MENINGIOMA:
        around = _dural_tail(_cleft(around, site), lesion, site)
    share = _share(site.depth)
    return around * (1 - share) + body * share


def _share(depth: Array) -> Array:
    return np.clip(depth / _EDGE_MM + 0.5, 0, 1)


def _oedema(site: Site) -> Array:
    """Water spreads along white matter, within the skull."""
    near = np.exp(np.minimum(site.depth, 0) / _OEDEMA_MM) * (site.outside_skull < 0)
    return near * np.clip(0.55 + 0.45 * site.white, 0, 1)


def _cleft(image: Array, site: Site) -> Array:
    """Fluid between a meningioma and the brain that it pushes away."""
    cleft = np.exp(-(((site.depth + 1.5) / 1.2) ** 2)) * (site.outside_skull < 0)
    return image * (1 - 0.6 * cleft)


def _dural_tail(image: Array, lesion: Lesion, site: Site) -> Array:
    near = np.clip((site.depth + _TAIL_MM) / 3, 0, 1)
    tail = 0.8 * np.exp(-((site.outside_skull / _DURA_MM) ** 2)) * near
    return image * (1 - tail) + lesion.brightness * tail
