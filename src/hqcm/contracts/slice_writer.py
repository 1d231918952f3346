"""Writing a slice store, one slice at a time; `slices` says how it is laid out."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.slices import COLUMNS, TEXT_COLUMNS, Slice

_CHUNK = 1 << 18  # elements: a 512 x 512 slice, the usual size of the largest source


class SliceWriter:
    """Writes a slice store one slice at a time; use it in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._file = h5py.File(path, "w")
        self._index: dict[str, list[Any]] = {column: [] for column in COLUMNS}
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
                self._file.create_dataset(f"index/{column}", data=values, dtype=_dtype_of(column))
        self._file.close()


def _append(dataset: h5py.Dataset, values: NDArray[Any]) -> int:
    start = int(dataset.shape[0])
    dataset.resize(start + values.size, axis=0)
    dataset[start:] = values.ravel()
    return start


def _dtype_of(column: str) -> np.dtype[Any]:
    if column in TEXT_COLUMNS:
        text: np.dtype[Any] = h5py.string_dtype()
        return text
    return np.dtype(np.bool_ if column == "has_mask" else np.int64)
