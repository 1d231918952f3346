"""What surrounds the template's skull-stripped brain: skull, scalp, face and neck.

The shapes are ellipsoids placed by hand on the MNI frame: good enough that a head is
recognised in all three views, far from an atlas.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hqcm.sources.anatomy_volumes import Array, Vector, Volume, ellipsoid

Solid = tuple[tuple[float, float, float], tuple[float, float, float]]

SPACING_MM = 2.0
ORIGIN_MM = np.array([-110.0, -150.0, -150.0])
SHAPE = (111, 138, 136)

# Centre and radii of each shape, mm in the MNI frame.
FACE: tuple[Solid, ...] = (
    ((0, 38, -62), (62, 52, 74)),
    ((0, 88, -52), (12, 18, 20)),
    ((0, -14, -120), (54, 58, 100)),
)
AIR: tuple[Solid, ...] = (
    ((0, 24, -41), (13, 13, 8)),
    ((0, 54, -46), (12, 26, 20)),
    ((0, 72, -14), (15, 6, 9)),
    ((30, 46, -60), (14, 17, 16)),
    ((-30, 46, -60), (14, 17, 16)),
    ((0, 16, -82), (11, 9, 34)),
    ((0, 54, -94), (24, 30, 4)),
    ((52, -26, -44), (10, 12, 11)),
    ((-52, -26, -44), (10, 12, 11)),
)
ORBITS: tuple[Solid, ...] = (((32, 52, -36), (19, 25, 17)), ((-32, 52, -36), (19, 25, 17)))
EYES: tuple[Solid, ...] = (((33, 64, -36), (12, 12, 12)), ((-33, 64, -36), (12, 12, 12)))
NERVES: tuple[Solid, ...] = (((28, 42, -35), (3, 16, 3)), ((-28, 42, -35), (3, 16, 3)))
GLAND: tuple[Solid, ...] = (((0, 4, -34), (6, 5, 4)),)


@dataclass(frozen=True)
class Shell:
    """Tissue fractions around the brain, and how deep a point lies.

    `fat`, `soft` and `vessel` are fractions in [0, 1]; the rest is bone, fluid or air, all
    dark. `outside_skull` is the distance to the inner skull, mm, negative within it.
    """

    fat: Volume
    soft: Volume
    vessel: Volume
    outside_skull: Volume


def build_shell(brain: NDArray[np.bool_], brain_origin_mm: Vector) -> Shell:
    """Wrap a brain mask of 2 mm voxels in a head."""
    grid = _volume(np.zeros(SHAPE, np.float32))
    points = grid.points()
    outside = _distance_to_inner_skull(brain, brain_origin_mm)
    head = ndimage.gaussian_filter(
        ((outside < 13) | (_any(points, FACE) > 0)).astype(np.float32), 1.5
    )
    depth = ndimage.distance_transform_edt(head > 0.5) * SPACING_MM
    fat, soft = _tissues(points, depth, outside)
    return Shell(
        fat=_volume(_soften(fat)),
        soft=_volume(_soften(soft)),
        vessel=_volume(_vessels(points, outside)),
        outside_skull=_volume(outside, beyond=99.0),
    )


def _volume(voxels: Array, beyond: float = 0.0) -> Volume:
    return Volume(voxels.astype(np.float32), ORIGIN_MM, SPACING_MM, beyond)


def _any(points: Array, solids: tuple[Solid, ...]) -> Array:
    depth = ellipsoid(points, *solids[0])
    for solid in solids[1:]:
        depth = np.maximum(depth, ellipsoid(points, *solid))
    return depth


def _soften(fraction: Array) -> Array:
    return ndimage.gaussian_filter(fraction, 0.5)


def _distance_to_inner_skull(brain: NDArray[np.bool_], origin_mm: Vector) -> Array:
    full = np.zeros(SHAPE, bool)
    start = np.round((origin_mm - ORIGIN_MM) / SPACING_MM).astype(int)
    full[tuple(slice(s, s + n) for s, n in zip(start, brain.shape, strict=True))] = brain
    # Closing by 12 mm fills the sulci and the gaps between lobes, as the dura does.
    reach = ndimage.distance_transform_edt(~full) * SPACING_MM < 12
    cavity = ndimage.distance_transform_edt(reach) * SPACING_MM > 11
    outward = ndimage.distance_transform_edt(~cavity)
    inward = ndimage.distance_transform_edt(cavity)
    return ndimage.gaussian_filter(((outward - inward) * SPACING_MM).astype(np.float32), 1.0)


def _tissues(points: Array, depth: Array, outside: Array) -> tuple[Array, Array]:
    head = depth > 0
    grain = _grain()
    beyond_bone = outside > 7
    fat = np.where(head & beyond_bone & (depth > 1.5) & (depth < 7.5), 0.9 + 0.15 * grain, 0.0)
    marrow = head & (outside > 2.6) & (outside < 5.2)
    fat = np.where(marrow, np.clip(0.3 + 0.2 * grain, 0, 1), fat)
    muscle = head & beyond_bone & (depth >= 7.5)
    soft = np.where(muscle, np.clip(0.75 + 0.25 * grain, 0, 1), 0.0)
    fat = np.where(muscle & (grain > 0.7), 0.6, fat)
    soft = np.where(head & (depth <= 1.5), 0.8, soft)
    for solids, fat_here, soft_here in (
        (ORBITS, 0.9, 0.0), (EYES, 0.0, 0.45), (NERVES, 0.0, 0.9), (AIR, 0.0, 0.0),
    ):  # fmt: skip
        here = head & (outside > 2) & (_any(points, solids) > 0)
        fat, soft = np.where(here, fat_here, fat), np.where(here, soft_here, soft)
    return fat.astype(np.float32), soft.astype(np.float32)


def _grain() -> Array:
    """Texture of marrow and muscle: smooth noise, the same in every head, in [-1, 1]."""
    noise = np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
    smooth = ndimage.gaussian_filter(noise, 1.2)
    return np.clip(smooth / (2 * smooth.std()), -1, 1)


def _vessels(points: Array, outside: Array) -> Array:
    """Superior sagittal sinus and the pituitary gland: both take up contrast agent."""
    x, y, z = np.moveaxis(points, -1, 0)
    near_dura = np.exp(-(((outside + 1) / 2.5) ** 2))
    sinus = np.exp(-((x / 3.0) ** 2)) * near_dura * ((z > 10) | (y < -70))
    gland = np.clip(_any(points, GLAND) / 2 + 0.5, 0, 1)
    return np.maximum(sinus, 0.9 * gland).astype(np.float32)
