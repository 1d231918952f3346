"""Writing a slice store, one slice at a time; `slices` says how it is laid out."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from hqcm.contracts.slices import COLUMNS, TEXT_COLUMNS, Slice
from hqcm.contracts.tape import Tape


class SliceWriter:
    """Writes a slice store one slice at a time; use it in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._file = h5py.File(path, "w")
        self._index: dict[str, list[Any]] = {column: [] for column in COLUMNS}
        self._seen: set[str] = set()
        self._file.create_group("pixels")
        self._pixels: dict[str, Tape] = {}
        self._masks = Tape(self._file, "masks", "bool", is_deflated=True)

    def add(self, item: Slice) -> None:
        """Append one slice.

        Raises:
            ValueError: the store already holds a slice of this id.
        """
        if item.slice_id in self._seen:
            raise ValueError(f"slice {item.slice_id}: slice_id must be unique in the store")
        self._seen.add(item.slice_id)
        dtype = item.image.dtype.name
        if dtype not in self._pixels:
            self._pixels[dtype] = Tape(self._file["pixels"], dtype, dtype, is_deflated=False)
        row = {
            **{name: getattr(item, name) for name in ("slice_id", "source", "group_id", "note")},
            "label": item.label,
            "has_mask": item.mask is not None,
            "rows": item.image.shape[0],
            "cols": item.image.shape[1],
            "dtype": dtype,
            "start": self._pixels[dtype].append(item.image),
            "mask_start": -1 if item.mask is None else self._masks.append(item.mask),
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
            for tape in (self._masks, *self._pixels.values()):
                tape.close()
            for column, values in self._index.items():
                self._file.create_dataset(f"index/{column}", data=values, dtype=_dtype_of(column))
        self._file.close()


def _dtype_of(column: str) -> np.dtype[Any]:
    if column in TEXT_COLUMNS:
        text: np.dtype[Any] = h5py.string_dtype()
        return text
    return np.dtype(np.bool_ if column == "has_mask" else np.int64)
