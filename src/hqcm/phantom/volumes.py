"""Volumes in the MNI frame, the planes that cut them, and smooth random functions of space."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# Twice the digits that the files keep, so that they do not depend on how a processor rounds.
Array = NDArray[np.float64]
Vector = NDArray[np.float64]
Rng = np.random.Generator


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
        return (self.corner_mm + rows)[:, None] + columns


@dataclass(frozen=True)
class Volume:
    """Values on a regular grid of the MNI frame, axes x, y, z.

    Shape:
        - voxels: ``(nx, ny, nz)``.
        - origin_mm: ``(3,)``, centre of voxel (0, 0, 0).
    """

    voxels: Array
    origin_mm: Vector
    spacing_mm: float
    outside: float = 0.0

    def at(self, points: Array) -> Array:
        """Values at points of a plane, trilinear: ``(rows, cols, 3)`` mm to ``(rows, cols)``."""
        index = np.moveaxis((points - self.origin_mm) / self.spacing_mm, -1, 0)
        return ndimage.map_coordinates(self.voxels, index, order=1, cval=self.outside)

    def points(self) -> Array:
        """Centres of all voxels, ``(nx, ny, nz, 3)``, mm."""
        index = np.meshgrid(*map(np.arange, self.voxels.shape), indexing="ij")
        return self.origin_mm + self.spacing_mm * np.stack(index, axis=-1)


@dataclass(frozen=True)
class Waves:
    """A smooth random function of three coordinates: a sum of plane waves.

    Shape:
        - vectors: ``(n, 3)``, radians a unit of length; phases, heights: ``(n,)``.
    """

    vectors: Array
    phases: Array
    heights: Array

    @classmethod
    def draw(
        cls, rng: Rng, n_waves: int, *, height: float, wavelength: tuple[float, float]
    ) -> Self:
        """Draw waves whose sum stays within `height`; `wavelength` is the range of lengths."""
        direction = rng.standard_normal((n_waves, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        wavelengths = rng.uniform(*wavelength, (n_waves, 1))
        heights = rng.uniform(0.3, 1, n_waves)
        phases = rng.uniform(0, 2 * np.pi, n_waves)
        vectors = 2 * np.pi * direction / wavelengths
        return cls(vectors, phases, height * heights / heights.sum())

    def at(self, points: Array) -> Array:
        """Values at points, ``(..., 3)`` to ``(...)``."""
        return np.cos(points @ self.vectors.T + self.phases) @ self.heights


def length(vectors: Array) -> Array:
    """Euclidean norms, ``(..., 3)`` to ``(...)``; several times as fast as NumPy's own."""
    return np.sqrt(np.einsum("...i,...i", vectors, vectors))
