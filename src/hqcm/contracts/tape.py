"""Arrays end to end in one HDF5 dataset that grows, written in whole chunks."""

import zlib
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 18  # elements: a 512 x 512 slice, the usual size of the largest source
_LEVEL = 1  # of deflate: masks are nearly constant, more effort gains nothing


class Tape:
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
