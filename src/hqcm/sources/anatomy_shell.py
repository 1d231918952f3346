"""What surrounds the template's skull-stripped brain: skull, scalp, face and neck."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hqcm.sources import anatomy_shapes as shapes
from hqcm.sources.anatomy_shapes import fill
from hqcm.sources.anatomy_volumes import Array, Vector, Volume

SPACING_MM = 2.0
ORIGIN_MM = np.array([-110.0, -150.0, -150.0])
SHAPE = (111, 138, 136)

CLOSING_MM = 12.0  # wider than the sulci and the gaps between lobes, which the dura bridges
BONE_MM = 7.0  # thickness of the calvaria
MARROW_MM = (2.6, 5.2)  # the layer of fatty marrow within it, from the inner side
SCALP_MM = 13.0  # from the inner skull to the skin
SKIN_MM = 1.5
FAT_MM = 7.0  # from the skin to the muscles
HALF = 0.5


@dataclass(frozen=True)
class Shell:
    """Tissue fractions around the brain, and how far from the skull a point lies.

    `bright` (fat, and what takes up contrast agent) and `soft` (muscle, skin) are fractions in
    [0, 1]; the rest is bone, fluid or air, all dark. `outside_skull` is the distance to the
    inner skull, mm, negative within it.
    """

    bright: Volume
    soft: Volume
    outside_skull: Volume


def build_shell(brain: NDArray[np.bool_], brain_origin_mm: Vector) -> Shell:
    """Wrap a brain mask of 2 mm voxels in a head."""
    points = _volume(np.zeros(SHAPE)).points()
    outside = _distance_to_inner_skull(brain, brain_origin_mm)
    solid = (outside < SCALP_MM) | fill(points, shapes.FACE)
    head = ndimage.gaussian_filter(solid.astype(np.float64), 1.5) > HALF
    depth = ndimage.distance_transform_edt(head) * SPACING_MM
    bright, soft = _tissues(points, depth, outside)
    return Shell(
        bright=_volume(np.maximum(_soften(bright), _enhancing(points, outside))),
        soft=_volume(_soften(soft)),
        outside_skull=_volume(outside, beyond=SCALP_MM),
    )


def _volume(voxels: Array, beyond: float = 0.0) -> Volume:
    return Volume(voxels, ORIGIN_MM, SPACING_MM, beyond)


def _soften(fraction: Array) -> Array:
    return ndimage.gaussian_filter(fraction, 0.5)


def _distance_to_inner_skull(brain: NDArray[np.bool_], origin_mm: Vector) -> Array:
    full = np.zeros(SHAPE, bool)
    start = np.round((origin_mm - ORIGIN_MM) / SPACING_MM).astype(int)
    full[tuple(slice(s, s + n) for s, n in zip(start, brain.shape, strict=True))] = brain
    reached = ndimage.distance_transform_edt(~full) * SPACING_MM < CLOSING_MM
    # One millimetre less than a closing: the brain does not touch the bone.
    cavity = ndimage.distance_transform_edt(reached) * SPACING_MM > CLOSING_MM - 1
    outward, inward = (ndimage.distance_transform_edt(side) for side in (~cavity, cavity))
    # Both count from voxel centres; the surface is half a voxel nearer.
    voxels = outward - inward + np.where(cavity, HALF, -HALF)
    return ndimage.gaussian_filter(voxels * SPACING_MM, 1.0)


def _tissues(points: Array, depth: Array, outside: Array) -> tuple[Array, Array]:
    """Bright and soft fractions, before softening.

    `depth` is the distance below the skin, `outside` that to the inner skull, mm.
    """
    fine, broad = _grain(1.0), _grain(3.0)
    head, beyond_bone = depth > 0, outside > BONE_MM
    muscle = beyond_bone & (depth >= FAT_MM)
    fascia = muscle & (np.abs(broad) < 0.06)  # noqa: PLR2004  (thin sheets between muscles)
    fat = beyond_bone & (depth > SKIN_MM) & (depth < FAT_MM)
    marrow = (outside > MARROW_MM[0]) & (outside < MARROW_MM[1])
    bright = np.select(
        [head & fat, head & marrow, fascia], [0.85 + 0.15 * fine, 0.3 + 0.15 * fine, 0.35], 0.0
    )
    skin = head & (depth <= SKIN_MM)
    soft = np.select([fascia, muscle & head, skin], [0.4, 0.8 + 0.1 * fine + 0.1 * broad, 0.8], 0.0)
    for solids, bright_here, soft_here in (
        (shapes.BONE, 0.25, 0.2), (shapes.ORBITS, 0.9, 0.0), (shapes.EYES, 0.0, 0.45),
        (shapes.NERVES, 0.0, 0.9), (shapes.AIR, 0.0, 0.0),
    ):  # fmt: skip
        here = head & (outside > SPACING_MM) & fill(points, solids)
        bright, soft = np.where(here, bright_here, bright), np.where(here, soft_here, soft)
    return bright, soft


def _grain(width_voxels: float) -> Array:
    """Texture of marrow and muscle, in [-1, 1]: smooth noise, the same in every head."""
    noise = np.random.default_rng(0).standard_normal(SHAPE, np.float32).astype(np.float64)
    smooth = ndimage.gaussian_filter(noise, width_voxels)
    return np.clip(smooth / (2 * smooth.std()), -1, 1)


def _enhancing(points: Array, outside: Array) -> Array:
    """What takes up contrast agent in health: the sagittal sinus and the pituitary gland."""
    x, y, z = np.moveaxis(points, -1, 0)
    along_dura = np.exp(-(((outside + 1) / 2.5) ** 2))
    median = (z > 10) | (y < -70)  # noqa: PLR2004  (crown and back of the head, mm)
    sinus = np.exp(-((x / 3.0) ** 2)) * along_dura * median
    gland = _soften(fill(points, shapes.GLAND).astype(np.float64))
    return np.maximum(0.8 * sinus, 0.75 * gland)
