"""One axial slice of a NIfTI volume, as a radiologist looks at it.

Which way a volume lies is in its affine matrix: rows run from the front of the head to the back,
columns from the patient's right to the left, as in the sources' own slices.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.formats.native_format import MAX_PIXELS

_AXES = 3
_LEAST = 2  # pixels: a volume of one row is a slice of another plane
_RIGHT, _FRONT, _TOP = range(_AXES)  # where NIfTI's world axes point


class Plane(NamedTuple):
    """A slice ``(rows, cols)``, and which it is: 1 is the lowest."""

    image: NDArray[Any]
    number: int


def read_plane(path: Path, number: int | None) -> Plane:
    """The slice of a number, the middle one if none is given; it alone is unpacked.

    Raises:
        ValueError: nibabel is not installed, or the file is no volume of real numbers with a
            place in the world, or has no such slice.
    """
    try:
        import nibabel as nib  # noqa: PLC0415  (slow to load, and optional)
    except ImportError:
        raise ValueError(
            "nibabel must be installed to read NIfTI; pip install nibabel, as requirements pin it"
        ) from None
    volume = nib.load(path)
    shape = (*volume.shape, *([1] * (_AXES - len(volume.shape))))
    while len(shape) > _AXES and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != _AXES or min(shape) < 1:
        raise ValueError(f"volume must have three axes, one image in time; got {volume.shape}")
    dtype = volume.get_data_dtype()
    if dtype.kind not in "uif":
        raise ValueError(f"volume must be of real numbers; got {dtype}")
    along, ways = _lie(nib.io_orientation(volume.affine))
    of_top = along.index(_TOP)
    chosen = _choose(number, shape[of_top])
    rest = [axis for axis in range(_AXES) if axis != of_top]
    extent = [shape[axis] for axis in rest]
    if min(extent) < _LEAST or np.prod(extent) > MAX_PIXELS:
        raise ValueError(
            f"axial slice must be {_LEAST} px wide or more, of {MAX_PIXELS} pixels or fewer; "
            f"got {extent}"
        )
    at = chosen - 1 if ways[of_top] > 0 else shape[of_top] - chosen
    place: list[Any] = [slice(None)] * len(volume.shape)
    if of_top < len(place):
        place[of_top] = at
    plane = np.asarray(volume.dataobj[tuple(place)])
    return Plane(_turn(plane.reshape(extent), rest, along, ways), chosen)


def _lie(orientation: NDArray[np.float64]) -> tuple[list[int], list[float]]:
    """For each axis of the array: along which of the world's it runs, and whether up it (1, -1)."""
    if np.isnan(orientation).any():
        raise ValueError("affine must say how the volume lies; got a matrix without inverse")
    return orientation[:, 0].astype(int).tolist(), orientation[:, 1].tolist()


def _choose(number: int | None, n_slices: int) -> int:
    if number is None:
        return n_slices // 2 + 1
    if number not in range(1, n_slices + 1):
        raise ValueError(f"slice number must be 1 to {n_slices}; got {number}")
    return number


def _turn(
    plane: NDArray[Any], rest: list[int], along: list[int], ways: list[float]
) -> NDArray[Any]:
    """Front on top, the patient's right on the left."""
    front, right = (rest.index(along.index(axis)) for axis in (_FRONT, _RIGHT))
    upright = plane.transpose(front, right)
    steps = [-1 if ways[rest[axis]] > 0 else 1 for axis in (front, right)]
    return np.ascontiguousarray(upright[:: steps[0], :: steps[1]])
