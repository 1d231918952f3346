"""The head that every patient is made from: the MNI152 template in skull, scalp, face and neck.

The template is a skull-stripped brain. What surrounds it is built in voxels of 2 mm: the skull by
its distance from the brain, face and neck as ellipsoids placed by hand on the MNI frame. Good
enough that a head is recognised in all three views, far from an atlas.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from nilearn import datasets
from numpy.typing import NDArray
from scipy import ndimage

from hqcm.phantom.volumes import Array, Vector, Volume, length

_SPACING_MM = 2.0
_ORIGIN_MM = np.array([-110.0, -150.0, -150.0])
_SHAPE = (111, 138, 136)

_CLOSING_MM = 12.0  # wider than the sulci and the gaps between lobes, which the dura bridges
_BONE_MM = 7.0  # thickness of the calvaria
_MARROW_MM = (2.6, 5.2)  # the layer of fatty marrow within it, from the inner side
_SCALP_MM = 13.0  # from the inner skull to the skin
_SKIN_MM = 1.5
_FAT_MM = 7.0  # from the skin to the muscles
_HALF = 0.5
_BRAIN = 0.1  # template intensities above this are brain; fluid within it has about 0.25
_STRIDE = 2  # of the shell's grid in voxels of the template
# A voxel on the surface is outside, whichever way a processor rounds.
_INSIDE = 1 - 1e-9


class _Solid(NamedTuple):
    """An ellipsoid: x to the right ear, y to the nose, z up."""

    centre_mm: tuple[float, float, float]
    radii_mm: tuple[float, float, float]


def _both_sides(centre_mm: tuple[float, float, float], *radii_mm: float) -> tuple[_Solid, _Solid]:
    """A solid and its mirror image in the median plane."""
    x, y, z = centre_mm
    a, b, c = radii_mm
    return _Solid((x, y, z), (a, b, c)), _Solid((-x, y, z), (a, b, c))


_FACE = (
    _Solid((0, 38, -62), (62, 52, 74)),
    _Solid((0, 88, -52), (12, 18, 20)),  # nose
    _Solid((0, -14, -120), (54, 58, 100)),  # neck
    *_both_sides((78, -22, -28), 9, 14, 24),  # ears
)
_AIR = (
    _Solid((0, 24, -43), (13, 13, 8)),  # sphenoid sinus, below the sella
    _Solid((0, 54, -46), (12, 26, 20)),  # nasal cavity
    _Solid((0, 72, -14), (15, 6, 9)),  # frontal sinus
    _Solid((0, 16, -82), (11, 9, 34)),  # pharynx
    _Solid((0, 54, -94), (24, 30, 4)),  # mouth
    *_both_sides((30, 46, -60), 14, 17, 16),  # maxillary sinuses
    *_both_sides((52, -26, -44), 10, 12, 11),  # mastoid cells
)
_BONE = (
    _Solid((0, -8, -66), (11, 10, 30)),  # clivus and odontoid
    _Solid((0, -26, -110), (14, 14, 34)),  # vertebrae
)
_ORBITS = _both_sides((32, 52, -36), 19, 25, 17)
_EYES = _both_sides((33, 64, -36), 12, 12, 12)
_NERVES = _both_sides((28, 42, -35), 3, 16, 3)
_GLAND = (_Solid((0, 4, -34), (6, 5, 4)),)


def _fill(points: Array, solids: Iterable[_Solid]) -> NDArray[np.bool_]:
    """Which voxels of a regular grid lie in any of the solids; `points` are their centres, mm."""
    axes = points[:, 0, 0, 0], points[0, :, 0, 1], points[0, 0, :, 2]
    filled = np.zeros(points.shape[:3], np.bool_)
    for solid in solids:
        centre, radii = (np.array(part, np.float64) for part in solid)
        ends = zip(axes, centre - radii, centre + radii, strict=True)
        box = tuple(slice(*np.searchsorted(axis, (low, high))) for axis, low, high in ends)
        filled[box] |= length((points[box] - centre) / radii) < _INSIDE
    return filled


@dataclass(frozen=True)
class _Shell:
    """Tissue fractions around the brain, and how far from the skull a point lies.

    `bright` (fat, and what takes up contrast agent) and `soft` (muscle, skin) are fractions in
    [0, 1]; the rest is bone, fluid or air, all dark. `outside_skull` is the distance to the
    inner skull, mm, negative within it.
    """

    bright: Volume
    soft: Volume
    outside_skull: Volume


def _build_shell(brain: NDArray[np.bool_], brain_origin_mm: Vector) -> _Shell:
    """Wrap a brain mask of 2 mm voxels in a head."""
    points = _volume(np.zeros(_SHAPE)).points()
    outside = _distance_to_inner_skull(brain, brain_origin_mm)
    solid = (outside < _SCALP_MM) | _fill(points, _FACE)
    head = ndimage.gaussian_filter(solid.astype(np.float64), 1.5) > _HALF
    depth = ndimage.distance_transform_edt(head) * _SPACING_MM
    bright, soft = _tissues(points, depth, outside)
    return _Shell(
        bright=_volume(np.maximum(_soften(bright), _enhancing(points, outside))),
        soft=_volume(_soften(soft)),
        outside_skull=_volume(outside, beyond=_SCALP_MM),
    )


def _volume(voxels: Array, beyond: float = 0.0) -> Volume:
    return Volume(voxels, _ORIGIN_MM, _SPACING_MM, beyond)


def _soften(fraction: Array) -> Array:
    return ndimage.gaussian_filter(fraction, 0.5)


def _distance_to_inner_skull(brain: NDArray[np.bool_], origin_mm: Vector) -> Array:
    full = np.zeros(_SHAPE, bool)
    start = np.round((origin_mm - _ORIGIN_MM) / _SPACING_MM).astype(int)
    full[tuple(slice(s, s + n) for s, n in zip(start, brain.shape, strict=True))] = brain
    reached = ndimage.distance_transform_edt(~full) * _SPACING_MM < _CLOSING_MM
    # One millimetre less than a closing: the brain does not touch the bone.
    cavity = ndimage.distance_transform_edt(reached) * _SPACING_MM > _CLOSING_MM - 1
    outward, inward = (ndimage.distance_transform_edt(side) for side in (~cavity, cavity))
    # Both count from voxel centres; the surface is half a voxel nearer.
    voxels = outward - inward + np.where(cavity, _HALF, -_HALF)
    return ndimage.gaussian_filter(voxels * _SPACING_MM, 1.0)


def _tissues(points: Array, depth: Array, outside: Array) -> tuple[Array, Array]:
    """Bright and soft fractions, by the depth below the skin and beyond the inner skull, mm."""
    fine, broad = _grain(1.0), _grain(3.0)
    head, beyond_bone = depth > 0, outside > _BONE_MM
    muscle = beyond_bone & (depth >= _FAT_MM)
    fascia = muscle & (np.abs(broad) < 0.06)  # noqa: PLR2004  (thin sheets between muscles)
    fat = beyond_bone & (depth > _SKIN_MM) & (depth < _FAT_MM)
    marrow = (outside > _MARROW_MM[0]) & (outside < _MARROW_MM[1])
    bright = np.select(
        [head & fat, head & marrow, fascia], [0.85 + 0.15 * fine, 0.3 + 0.15 * fine, 0.35], 0.0
    )
    skin = head & (depth <= _SKIN_MM)
    soft = np.select([fascia, muscle & head, skin], [0.4, 0.8 + 0.1 * fine + 0.1 * broad, 0.8], 0.0)
    for solids, bright_here, soft_here in (
        (_BONE, 0.25, 0.2), (_ORBITS, 0.9, 0.0), (_EYES, 0.0, 0.45),
        (_NERVES, 0.0, 0.9), (_AIR, 0.0, 0.0),
    ):  # fmt: skip
        here = head & (outside > _SPACING_MM) & _fill(points, solids)
        bright, soft = np.where(here, bright_here, bright), np.where(here, soft_here, soft)
    return bright, soft


def _grain(width_voxels: float) -> Array:
    """Texture of marrow and muscle, in [-1, 1]: smooth noise, the same in every head."""
    noise = np.random.default_rng(0).standard_normal(_SHAPE, np.float32).astype(np.float64)
    smooth = ndimage.gaussian_filter(noise, width_voxels)
    return np.clip(smooth / (2 * smooth.std()), -1, 1)


def _enhancing(points: Array, outside: Array) -> Array:
    """What takes up contrast agent in health: the sagittal sinus and the pituitary gland."""
    x, y, z = np.moveaxis(points, -1, 0)
    along_dura = np.exp(-(((outside + 1) / 2.5) ** 2))
    median = (z > 10) | (y < -70)  # noqa: PLR2004  (crown and back of the head, mm)
    sinus = np.exp(-((x / 3.0) ** 2)) * along_dura * median
    gland = _soften(_fill(points, _GLAND).astype(np.float64))
    return np.maximum(0.8 * sinus, 0.75 * gland)


@dataclass(frozen=True)
class Head:
    """A head in the MNI frame.

    `brain` is the template's T1 intensity, skull-stripped, in [0, 1]; `white_minus_grey` the
    difference of its tissue maps, in [-1, 1]; `shell` what surrounds it. `sites_mm` ``(n, 3)``
    are points within the skull and `site_outside_mm` ``(n,)`` their (negative) distances to it.

    Source:
        ICBM 2009a symmetric, 1 mm, as nilearn's wheel ships it (no network).
    """

    brain: Volume
    white_minus_grey: Volume
    shell: _Shell
    sites_mm: Array
    site_outside_mm: Array


def load_head() -> Head:
    """Load the template and wrap it in skull, scalp, face and neck."""
    template = datasets.load_mni152_template(resolution=1)
    origin = np.asarray(template.affine, np.float64)[:3, 3]
    brain = template.get_fdata(dtype=np.float64)
    grey = datasets.load_mni152_gm_template(resolution=1).get_fdata(dtype=np.float64)
    white = datasets.load_mni152_wm_template(resolution=1).get_fdata(dtype=np.float64)
    shell = _build_shell(brain[::_STRIDE, ::_STRIDE, ::_STRIDE] > _BRAIN, origin)
    outside = shell.outside_skull.voxels
    within = outside < 0
    return Head(
        brain=Volume(brain, origin, 1.0),
        white_minus_grey=Volume(white - grey, origin, 1.0),
        shell=shell,
        sites_mm=shell.outside_skull.points()[within],
        site_outside_mm=outside[within],
    )
