"""The slice store: every source's slices, native or prepared, in one HDF5 layout.

All pixels of one data type lie end to end in ``pixels/<dtype>``, all masks in ``masks``;
``index/<column>`` says where each slice starts. Sizes may differ from slice to slice, and a
store is written in one pass with a slice in memory at a time. Same slices, same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES

SOURCES = ("trainingdatapro", "figshare", "akter")
_TEXT = ("slice_id", "source", "group_id", "note", "dtype")
_COLUMNS = (
    *("slice_id", "source", "group_id", "label", "has_mask", "rows", "cols", "note"),
    *("dtype", "start", "mask_start"),
)
_CHUNK = 1 << 18  # elements: a 512 x 512 slice, the usual size of the largest source


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
        where = f"slice {self.slice_id}"
        if self.source not in SOURCES:
            raise ValueError(f"{where}: source must be one of {SOURCES}; got {self.source!r}")
        if self.label not in range(N_CLASSES):
            raise ValueError(
                f"{where}: label must be one of 0 to {N_CLASSES - 1}; got {self.label}"
            )
        if self.image.ndim != 2 or self.image.size == 0:  # noqa: PLR2004  (rows, cols)
            raise ValueError(
                f"{where}: image must be (rows, cols), not empty; got {self.image.shape}"
            )
        if self.mask is not None and (
            self.mask.shape != self.image.shape or self.mask.dtype != np.bool_
        ):
            raise ValueError(
                f"{where}: mask must be bool of shape {self.image.shape}; "
                f"got {self.mask.dtype} {self.mask.shape}"
            )


class SliceWriter:
    """Writes a slice store one slice at a time; use it in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._file = h5py.File(path, "w")
        self._index: dict[str, list[Any]] = {column: [] for column in _COLUMNS}
        self._seen: set[str] = set()
        self._file.create_group("pixels")
        self._file.create_dataset(
            "masks", (0,), np.bool_, maxshape=(None,), chunks=(_CHUNK,), compression="gzip",
            compression_opts=1,
        )  # fmt: skip

    def add(self, item: Slice) -> None:
        """Append one slice.

        Raises:
            ValueError: the store already holds a slice of this id.
        """
        if item.slice_id in self._seen:
            raise ValueError(f"slice {item.slice_id}: slice_id must be unique in the store")
        self._seen.add(item.slice_id)
        dtype = item.image.dtype.name
        if dtype not in self._file["pixels"]:
            self._file["pixels"].create_dataset(
                dtype, (0,), dtype, maxshape=(None,), chunks=(_CHUNK,)
            )
        row = {
            **{name: getattr(item, name) for name in ("slice_id", "source", "group_id", "note")},
            "label": item.label,
            "has_mask": item.mask is not None,
            "rows": item.image.shape[0],
            "cols": item.image.shape[1],
            "dtype": dtype,
            "start": _append(self._file["pixels"][dtype], item.image),
            "mask_start": -1 if item.mask is None else _append(self._file["masks"], item.mask),
        }
        for column, value in row.items():
            self._index[column].append(value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            for column, values in self._index.items():
                dtype = h5py.string_dtype() if column in _TEXT else np.dtype(_dtype_of(column))
                self._file.create_dataset(f"index/{column}", data=values, dtype=dtype)
        self._file.close()


def read_index(path: Path) -> pd.DataFrame:
    """One row a slice, in the order of the store.

    Returns:
        Columns ``slice_id`` (unique), ``source``, ``group_id`` (patient, or the file where
        none is known), ``label`` (0-3), ``has_mask``, ``rows``, ``cols``, ``note`` (what a
        reader of the image should know, often empty).
    """
    with _open(path) as file:
        return _full_index(file).drop(columns=["dtype", "start", "mask_start"])


def read_slice(path: Path, slice_id: str) -> Slice:
    """One slice by its id.

    Raises:
        KeyError: the store has no such slice.
    """
    with _open(path) as file:
        index = _full_index(file)
        found = index[index["slice_id"] == slice_id]
        if found.empty:
            raise KeyError(f"{path}: holds no slice {slice_id!r}")
        return _read_row(file, next(found.itertuples()))


def read_slices(path: Path) -> Iterator[Slice]:
    """Every slice in the order of the store, one in memory at a time."""
    with _open(path) as file:
        for row in _full_index(file).itertuples():
            yield _read_row(file, row)


@dataclass(frozen=True)
class Stack:
    """Prepared slices of one size, ready for a network.

    Shape:
        - images: ``(n, rows, cols)`` uint8, 0-255 standing for [0, 1].
        - masks: ``(n, rows, cols)`` bool; all False where `has_mask` is False.
        - has_mask: ``(n,)`` bool.
        - labels: ``(n,)`` int64, 0-3.
    """

    slice_id: list[str]
    images: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    has_mask: NDArray[np.bool_]
    labels: NDArray[np.int64]


def read_stack(path: Path, slice_ids: Sequence[str]) -> Stack:
    """The named slices of a prepared store as arrays, in the order of the names.

    Raises:
        KeyError: the store lacks one of the slices.
        ValueError: the slices differ in size or are not uint8, so the store is not prepared.
    """
    with _open(path) as file:
        index = _full_index(file).set_index("slice_id")
        missing = set(slice_ids) - set(index.index)
        if missing:
            raise KeyError(f"{path}: holds no slice {min(missing)!r}")
        index = index.loc[list(slice_ids)]
        sizes = index[["rows", "cols", "dtype"]].drop_duplicates()
        if len(sizes) != 1 or sizes["dtype"].iloc[0] != "uint8":
            raise ValueError(f"{path}: slices must be uint8 of one size; got\n{sizes}")
        shape = (len(index), int(sizes["rows"].iloc[0]), int(sizes["cols"].iloc[0]))
        stack = Stack(
            list(slice_ids),
            np.empty(shape, np.uint8),
            np.zeros(shape, np.bool_),
            index["has_mask"].to_numpy(np.bool_, copy=True),
            index["label"].to_numpy(np.int64, copy=True),
        )
        for i, row in enumerate(index.reset_index().itertuples()):
            item = _read_row(file, row)
            stack.images[i] = item.image
            if item.mask is not None:
                stack.masks[i] = item.mask
        return stack


def _open(path: Path) -> h5py.File:
    """Raises `ValueError` where there is no slice store, for every reader here."""
    file = h5py.File(path) if h5py.is_hdf5(path) else {}
    if "index" not in file:
        raise ValueError(f"{path} must be a slice store, as a converter or `prepare` writes it")
    return file


def _append(dataset: h5py.Dataset, values: NDArray[Any]) -> int:
    start = int(dataset.shape[0])
    dataset.resize(start + values.size, axis=0)
    dataset[start:] = values.ravel()
    return start


def _dtype_of(column: str) -> type:
    return np.bool_ if column == "has_mask" else np.int64


def _full_index(file: h5py.File) -> pd.DataFrame:
    return pd.DataFrame(
        {
            column: file[f"index/{column}"].asstr()[:]
            if column in _TEXT
            else file[f"index/{column}"][:]
            for column in _COLUMNS
        }
    )


def _read_row(file: h5py.File, row: Any) -> Slice:  # noqa: ANN401  (a pandas named tuple)
    shape = (int(row.rows), int(row.cols))
    size = shape[0] * shape[1]
    pixels = file[f"pixels/{row.dtype}"][row.start : row.start + size]
    mask = file["masks"][row.mask_start : row.mask_start + size] if row.has_mask else None
    return Slice(
        slice_id=row.slice_id,
        source=row.source,
        group_id=row.group_id,
        label=int(row.label),
        image=pixels.reshape(shape),
        mask=None if mask is None else mask.reshape(shape),
        note=row.note,
    )
