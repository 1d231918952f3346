"""Where the parts of face and neck lie: ellipsoids placed by hand on the MNI frame, mm.

Good enough that a head is recognised in all three views, far from an atlas.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.sources.anatomy_volumes import Array, length

# A voxel on the surface is outside, whichever way a processor rounds.
INSIDE = 1 - 1e-9


class Solid(NamedTuple):
    """An ellipsoid: x to the right ear, y to the nose, z up."""

    centre_mm: tuple[float, float, float]
    radii_mm: tuple[float, float, float]


def both_sides(centre_mm: tuple[float, float, float], *radii_mm: float) -> tuple[Solid, Solid]:
    """A solid and its mirror image in the median plane."""
    x, y, z = centre_mm
    a, b, c = radii_mm
    return Solid((x, y, z), (a, b, c)), Solid((-x, y, z), (a, b, c))


FACE = (
    Solid((0, 38, -62), (62, 52, 74)),
    Solid((0, 88, -52), (12, 18, 20)),  # nose
    Solid((0, -14, -120), (54, 58, 100)),  # neck
    *both_sides((78, -22, -28), 9, 14, 24),  # ears
)
AIR = (
    Solid((0, 24, -43), (13, 13, 8)),  # sphenoid sinus, below the sella
    Solid((0, 54, -46), (12, 26, 20)),  # nasal cavity
    Solid((0, 72, -14), (15, 6, 9)),  # frontal sinus
    Solid((0, 16, -82), (11, 9, 34)),  # pharynx
    Solid((0, 54, -94), (24, 30, 4)),  # mouth
    *both_sides((30, 46, -60), 14, 17, 16),  # maxillary sinuses
    *both_sides((52, -26, -44), 10, 12, 11),  # mastoid cells
)
BONE = (
    Solid((0, -8, -66), (11, 10, 30)),  # clivus and odontoid
    Solid((0, -26, -110), (14, 14, 34)),  # vertebrae
)
ORBITS = both_sides((32, 52, -36), 19, 25, 17)
EYES = both_sides((33, 64, -36), 12, 12, 12)
NERVES = both_sides((28, 42, -35), 3, 16, 3)
GLAND = (Solid((0, 4, -34), (6, 5, 4)),)


def fill(points: Array, solids: Iterable[Solid]) -> NDArray[np.bool_]:
    """Which voxels lie in any of the solids.

    Shape:
        - points: ``(nx, ny, nz, 3)``, the voxels' centres on a regular grid, mm.
        - returns: ``(nx, ny, nz)``.
    """
    axes = points[:, 0, 0, 0], points[0, :, 0, 1], points[0, 0, :, 2]
    filled = np.zeros(points.shape[:3], np.bool_)
    for solid in solids:
        centre, radii = (np.array(part, np.float64) for part in solid)
        ends = zip(axes, centre - radii, centre + radii, strict=True)
        box = tuple(slice(*np.searchsorted(axis, (low, high))) for axis, low, high in ends)
        filled[box] |= length((points[box] - centre) / radii) < INSIDE
    return filled
