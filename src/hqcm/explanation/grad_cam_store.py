"""The store of Grad-CAM maps, which the figures read without loading a network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

_MAPS = "grad_cam"


def write_grad_cams(
    path: Path, slice_ids: Sequence[str], maps: Mapping[str, NDArray[np.floating]]
) -> None:
    """Write variant -> ``(n, cells, cells)``; same maps, same bytes."""
    with h5py.File(path, "w") as file:
        file.create_dataset("slice_id", data=[*slice_ids], dtype=h5py.string_dtype())
        for variant, values in maps.items():
            file.create_dataset(f"{_MAPS}/{variant}", data=values)


def read_grad_cams(path: Path, slice_ids: Sequence[str], variant: str) -> NDArray[np.float32]:
    """The maps of one network.

    Args:
        path: what `write_grad_cams` wrote.
        slice_ids: the slices that they must be of, in this order.
        variant: the network.

    Raises:
        ValueError: they are of other slices.
    """
    with h5py.File(path) as file:
        if file["slice_id"].asstr()[:].tolist() != [*slice_ids]:
            raise ValueError(f"{path}: must hold the slices of the predictions; got others")
        return file[f"{_MAPS}/{variant}"][:]
