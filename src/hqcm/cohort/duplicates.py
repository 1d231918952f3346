"""Near-duplicates: which slices show the same picture, and how one lies on the other.

Two tables. *Twins*, one row a pair: ``slice_id``, ``twin_id`` (both in the order of the prepared
store), ``orientation`` (the slice so oriented is its twin) and ``correlation``. *Duplicates*, one
row a slice in the order of the store: ``slice_id`` and ``duplicate_group``, the first slice that
it is joined to by twins of twins; a slice without a twin is a group of its own.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ORIENTATIONS = (
    *("same", "mirrored", "flipped", "turned-180", "transposed"),
    *("turned-90-clockwise", "turned-90-counterclockwise", "antitransposed"),
)
"""The eight ways to lay a square on itself; mirrored is left to right, flipped upside down.

The position's bits are what is done, in this order: 4 transpose, 2 flip, 1 mirror.
"""

TWIN_COLUMNS = ("slice_id", "twin_id", "orientation", "correlation")


def orient(image: NDArray[Any], orientation: str) -> NDArray[Any]:
    """A square image ``(rows, cols)`` in one of the `ORIENTATIONS`."""
    done = ORIENTATIONS.index(orientation)
    turned = image.T if done & 4 else image
    return turned[:: -1 if done & 2 else 1, :: -1 if done & 1 else 1]


def invert(orientation: str) -> str:
    """What undoes an orientation: quarter turns swap, all others undo themselves."""
    left, right = ORIENTATIONS[5:7]
    return {left: right, right: left}.get(orientation, orientation)


def read_twins(path: Path) -> pd.DataFrame:
    """Read the pairs."""
    names = dict.fromkeys(TWIN_COLUMNS[:3], str)
    return pd.read_csv(path, dtype={**names, "correlation": np.float64})


def read_duplicates(path: Path) -> pd.DataFrame:
    """Read the group of every slice."""
    return pd.read_csv(path, dtype=str)
