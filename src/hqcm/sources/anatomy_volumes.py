"""Volumes in the MNI frame and the planes that cut them: one slice costs milliseconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float32]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A square grid of pixels in space.

    Shape:
        - corner_mm: ``(3,)``, centre of pixel (0, 0): x to the right ear, y to the nose, z up.
        - row_step_mm, column_step_mm: ``(3,)``, from one pixel to the next row or column.
    """

    corner_mm: Vector
    row_step_mm: Vector
    column_step_mm: Vector
    size_px: int

    def points(self) -> Array:
        """Centres of all pixels, ``(size_px, size_px, 3)``, mm."""
        steps = np.arange(self.size_px)[:, None]
        rows, columns = steps * self.row_step_mm, steps * self.column_step_mm
        return (self.corner_mm + rows[:, None] + columns[None]).astype(np.float32)


@dataclass(frozen=True)
class Volume:
    """Values on a regular grid of the MNI frame, axes x, y, z.

    Shape:
        - voxels: ``(nx, ny, nz)`` float32.
        - origin_mm: ``(3,)``, centre of voxel (0, 0, 0).
    """

    voxels: Array
    origin_mm: Vector
    spacing_mm: float
    outside: float = 0.0

    def cut(self, plane: Plane) -> Array:
        """Values on a plane, trilinear, ``(size_px, size_px)``."""
        steps = np.stack([np.zeros(3), plane.row_step_mm, plane.column_step_mm], axis=1)
        shape = (1, plane.size_px, plane.size_px)
        cut: Array = ndimage.affine_transform(
            self.voxels,
            steps / self.spacing_mm,
            (plane.corner_mm - self.origin_mm) / self.spacing_mm,
            output_shape=shape,
            output=np.float32,
            order=1,
            cval=self.outside,
        )
        return cut[0]

    def points(self) -> Array:
        """Centres of all voxels, ``(nx, ny, nz, 3)``, mm."""
        axes = [
            origin + self.spacing_mm * np.arange(length, dtype=np.float32)
            for origin, length in zip(self.origin_mm, self.voxels.shape, strict=True)
        ]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(np.float32)


def ellipsoid(points: Array, centre_mm: tuple[float, ...], radii_mm: tuple[float, ...]) -> Array:
    """Signed depth inside an ellipsoid, about mm: positive inside."""
    centre, radii = np.float32(centre_mm), np.float32(radii_mm)
    norm = np.linalg.norm((points - centre) / radii, axis=-1)
    return ((1 - norm) * radii.min()).astype(np.float32)
