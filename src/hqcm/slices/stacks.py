"""Prepared slices as arrays, ready for a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hqcm.slices.store import full_index, hold_pixels, open_store, read_row


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
    with open_store(path) as file:
        index = full_index(file).set_index("slice_id")
        missing = set(slice_ids) - set(index.index)
        if missing:
            raise KeyError(
                f"{path}: must hold all of {len(slice_ids)} slices; lacks {len(missing)}"
            )
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
        _held = hold_pixels(file)
        for i, row in enumerate(index.reset_index().itertuples()):
            item = read_row(file, row)
            stack.images[i] = item.image
            if item.mask is not None:
                stack.masks[i] = item.mask
        return stack
