"""The slice store: every source's slices, native or prepared, in one HDF5 layout.

All pixels of one data type lie end to end in ``pixels/<dtype>``, all masks in ``masks``;
``index/<column>`` says where each slice starts. Sizes may differ from slice to slice, and a
store is written in one pass with a slice in memory at a time. Same slices, same bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES

if TYPE_CHECKING:
    import pandas as pd

_BLOCK_ROWS = 256
# Who reads slice after slice needs the chunk they are in and the end of the index behind them.
_CHUNKS_BYTES = 1 << 21
_INDEX_BYTES = 1 << 18
_SOURCE = re.compile("[a-z][a-z0-9_]*")  # part of ids and of paths


class _Row(NamedTuple):
    """What the index says of a slice; the last three, where its pixels lie."""

    slice_id: str
    source: str
    group_id: str
    label: int
    has_mask: bool
    rows: int
    cols: int
    note: str
    dtype: str
    start: int
    mask_start: int


COLUMNS = _Row._fields
TEXT_COLUMNS = ("slice_id", "source", "group_id", "note", "dtype")


@dataclass(frozen=True)
class Slice:
    """One slice.

    Shape:
        - image: ``(rows, cols)``, native intensities (any real dtype) or prepared uint8 with
          0-255 standing for [0, 1]; display orientation (row 0 on top).
        - mask: ``(rows, cols)`` bool, True on the tumour, or None where none was drawn: a
          missing mask is not an empty one.
    """

    slice_id: str
    source: str
    group_id: str
    label: int
    image: NDArray[Any]
    mask: NDArray[np.bool_] | None
    note: str = ""

    def __post_init__(self) -> None:
        if not _SOURCE.fullmatch(self.source):
            raise ValueError(
                f"source must be of small letters, digits and _, a letter first; "
                f"got {self.source!r}"
            )
        if self.label not in range(N_CLASSES):
            raise ValueError(f"label must be one of 0 to {N_CLASSES - 1}; got {self.label}")
        if self.image.ndim != 2 or self.image.size == 0:  # noqa: PLR2004  (rows, cols)
            raise ValueError(f"image must be (rows, cols), not empty; got {self.image.shape}")
        if self.mask is not None and (
            self.mask.shape != self.image.shape or self.mask.dtype != np.bool_
        ):
            raise ValueError(
                f"mask must be bool of shape {self.image.shape}; "
                f"got {self.mask.dtype} {self.mask.shape}"
            )


def read_index(path: Path) -> "pd.DataFrame":
    """One row a slice, in the order of the store.

    Returns:
        Columns ``slice_id`` (unique), ``source`` (a name of section `sources`), ``group_id``
        (patient, or the file where none is known), ``label`` (0-3), ``has_mask``, ``rows``,
        ``cols``, ``note`` (what a reader of the image should know, often empty).
    """
    with open_store(path) as file:
        return full_index(file).drop(columns=["dtype", "start", "mask_start"])


def read_slice(path: Path, slice_id: str) -> Slice:
    """One slice by its id.

    Raises:
        KeyError: the store has no such slice.
    """
    with open_store(path) as file:
        index = full_index(file)
        found = index[index["slice_id"] == slice_id]
        if found.empty:
            raise KeyError(f"{path}: holds no slice {slice_id!r}")
        return read_row(file, next(found.itertuples()))


def read_slices(path: Path) -> Iterator[Slice]:
    """Every slice in the order of the store, one in memory at a time."""
    with _open_in_passing(path) as file:
        _held = hold_pixels(file)
        for rows in _blocks(file):
            for row in zip(*_read_columns(file, rows).values(), strict=True):
                yield read_row(file, _Row(*row))


def read_slice_ids(path: Path) -> Iterator[str]:
    """The id of every slice, in the order of the store."""
    with _open_in_passing(path) as file:
        for rows in _blocks(file):
            yield from file["index/slice_id"].asstr()[rows]


def hold_pixels(file: h5py.File) -> list[h5py.Dataset]:
    """Keep what this returns while reading many rows.

    HDF5 forgets what it has unpacked of an array when nobody holds the array, and every slice
    would unpack its chunk anew.
    """
    return [file["masks"], *file["pixels"].values()]


def open_store(path: Path, chunks_bytes: int | None = None) -> h5py.File:
    """Raises `ValueError` where there is no slice store, for every reader here."""
    file = h5py.File(path, rdcc_nbytes=chunks_bytes) if h5py.is_hdf5(path) else {}
    if "index" not in file:
        raise ValueError(f"{path} must be a slice store, as a converter or `prepare` writes it")
    return file


def _open_in_passing(path: Path) -> h5py.File:
    """A store that is read once from end to end: HDF5 is to keep little of it."""
    file = open_store(path, _CHUNKS_BYTES)
    config = file.id.get_mdc_config()
    config.set_initial_size = True
    config.initial_size = config.min_size = config.max_size = _INDEX_BYTES
    file.id.set_mdc_config(config)
    return file


def full_index(file: h5py.File) -> "pd.DataFrame":
    """The index with where each slice lies: ``dtype``, ``start``, ``mask_start``."""
    import pandas as pd  # noqa: PLC0415  (half the start of the stages that need no table)

    return pd.DataFrame(_read_columns(file, slice(None)))


def read_row(file: h5py.File, row: Any) -> Slice:  # noqa: ANN401  (a pandas named tuple)
    """The slice of one row of `full_index`."""
    shape = (int(row.rows), int(row.cols))
    size = shape[0] * shape[1]
    image = file[f"pixels/{row.dtype}"][row.start : row.start + size].reshape(shape)
    mask = file["masks"][row.mask_start : row.mask_start + size] if row.has_mask else None
    mask = None if mask is None else mask.reshape(shape)
    return Slice(row.slice_id, row.source, row.group_id, int(row.label), image, mask, row.note)


def _blocks(file: h5py.File) -> Iterator[slice]:
    """The rows of the index, a few at a time: memory for them, not for as many as there are."""
    for start in range(0, len(file["index/slice_id"]), _BLOCK_ROWS):
        yield slice(start, start + _BLOCK_ROWS)


def _read_columns(file: h5py.File, rows: slice) -> dict[str, NDArray[Any]]:
    columns = {name: file[f"index/{name}"] for name in COLUMNS}
    return {
        name: column.asstr()[rows] if name in TEXT_COLUMNS else column[rows]
        for name, column in columns.items()
    }
