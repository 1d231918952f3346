"""Writing a slice store, one slice at a time; `hqcm.slices.store` says how it is laid out."""

import zlib
from array import array
from pathlib import Path
from sys import intern
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.slices.store import COLUMNS, TEXT_COLUMNS, Slice

_CHUNK = 1 << 18  # elements: a 512 x 512 slice, the usual size of the largest source
_LEVEL = 1  # of deflate: masks are nearly constant, more effort gains nothing


class _Tape:
    """One dataset, appended to; `close` writes what the last chunk holds.

    Chunks are filled here and handed to HDF5 as they shall lie in the file: through its own
    chunk cache and filter, a slice with a mask takes two to three times as long.
    """

    def __init__(self, parent: h5py.Group, name: str, dtype: str, *, is_deflated: bool) -> None:
        self._dataset = parent.create_dataset(
            name, (0,), dtype, maxshape=(None,), chunks=(_CHUNK,),
            compression=_LEVEL if is_deflated else None,
        )  # fmt: skip
        self._is_deflated = is_deflated
        self._chunk = np.zeros(_CHUNK, dtype)
        self._length = 0

    def append(self, values: NDArray[Any]) -> int:
        """Write all values, row by row.

        Returns:
            Where they start in the dataset.
        """
        start = self._length
        rest = values.ravel().astype(self._chunk.dtype, copy=False)
        while rest.size > 0:
            filled = self._length % _CHUNK
            piece, rest = rest[: _CHUNK - filled], rest[_CHUNK - filled :]
            self._length += piece.size
            if piece.size == _CHUNK:  # as most slices of the largest source: nothing to gather
                self._write(piece)
                continue
            self._chunk[filled : filled + piece.size] = piece
            if filled + piece.size == _CHUNK:
                self._write(self._chunk)
        return start

    def close(self) -> None:
        """Write the last chunk, zero where nothing was appended."""
        filled = self._length % _CHUNK
        if filled > 0:
            self._chunk[filled:] = 0
            self._write(self._chunk)

    def _write(self, chunk: NDArray[Any]) -> None:
        self._dataset.id.set_extent((self._length,))
        start = (self._length - 1) // _CHUNK * _CHUNK
        content = zlib.compress(chunk.data, _LEVEL) if self._is_deflated else chunk
        self._dataset.id.write_direct_chunk((start,), content)


class SliceWriter:
    """Writes a slice store one slice at a time; use it in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._file = h5py.File(path, "w")
        self._slice_ids: dict[str, None] = {}  # a set that keeps their order
        self._texts: dict[str, list[str]] = {name: [] for name in TEXT_COLUMNS[1:]}
        self._numbers = {name: array("q") for name in COLUMNS if name not in TEXT_COLUMNS}
        self._file.create_group("pixels")
        self._pixels: dict[str, _Tape] = {}
        self._masks = _Tape(self._file, "masks", "bool", is_deflated=True)

    def add(self, item: Slice) -> None:
        """Append one slice.

        Raises:
            ValueError: the store already holds a slice of this id.
        """
        if item.slice_id in self._slice_ids:
            n_before = len(self._slice_ids)
            raise ValueError(f"slice_id must be unique in the store; got one of {n_before} again")
        self._slice_ids[item.slice_id] = None
        dtype = item.image.dtype.name
        if dtype not in self._pixels:
            self._pixels[dtype] = _Tape(self._file["pixels"], dtype, dtype, is_deflated=False)
        numbers = {
            "label": item.label,
            "has_mask": item.mask is not None,
            "rows": item.image.shape[0],
            "cols": item.image.shape[1],
            "start": self._pixels[dtype].append(item.image),
            "mask_start": -1 if item.mask is None else self._masks.append(item.mask),
        }
        for name, number in numbers.items():
            self._numbers[name].append(number)
        texts = {
            "source": item.source,
            "group_id": item.group_id,
            "note": item.note,
            "dtype": dtype,
        }
        for name, text in texts.items():
            # Kept once: most are those of another slice too, or the slice's own id.
            self._texts[name].append(item.slice_id if text == item.slice_id else intern(text))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for tape in (self._masks, *self._pixels.values()):
                tape.close()
            for column in COLUMNS:
                self._write_column(column)
        self._file.close()

    def _write_column(self, column: str) -> None:
        values: list[str] | array[int]
        if column in TEXT_COLUMNS:
            dtype: np.dtype[Any] = h5py.string_dtype()
            values = list(self._slice_ids) if column == "slice_id" else self._texts[column]
        else:
            dtype = np.dtype(np.bool_ if column == "has_mask" else np.int64)
            values = self._numbers[column]
        self._file.create_dataset(f"index/{column}", data=values, dtype=dtype)
