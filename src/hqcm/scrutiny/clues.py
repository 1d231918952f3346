"""Clues: what can be known of a slice without looking at the brain."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.slices.store import SOURCES, read_index, read_slices

_WHITE = 255  # uint8 stands for [0, 1]
CLUES = {
    "source": ["source_number"],
    "native size": ["native_rows", "native_cols"],
    "border width": ["border_top", "border_bottom", "border_left", "border_right"],
    "mean intensity": ["mean_intensity"],
}
"""Each clue and the numbers that tell it; a prepared slice still shows the last two."""


def measure_clues(prepared: Path, native: Sequence[Path], dark_below: float) -> pd.DataFrame:
    """The columns of `CLUES` for every prepared slice, by its id.

    Border and intensity are those of the prepared slice, as a network sees it; what it has
    lost, the native size in pixels, comes from the stores of the converters.

    Args:
        prepared: the store of prepared slices.
        native: the stores that it was prepared from.
        dark_below: the border ends where a pixel reaches this fraction of white.

    Raises:
        KeyError: no native store has one of the slices.
    """
    index = read_index(prepared).set_index("slice_id")
    sizes = pd.concat([read_index(path) for path in native]).set_index("slice_id")
    missing = index.index.difference(sizes.index)
    if len(missing):
        raise KeyError(f"{', '.join(map(str, native))}: hold no slice {missing[0]!r}")
    sizes = sizes.loc[index.index]
    measured = [
        (*measure_borders(item.image, dark_below), item.image.mean() / _WHITE)
        for item in read_slices(prepared)
    ]
    return pd.DataFrame(
        measured, index.index, columns=[*CLUES["border width"], *CLUES["mean intensity"]]
    ).assign(
        source_number=index["source"].map(SOURCES.index),
        native_rows=sizes["rows"],
        native_cols=sizes["cols"],
    )


def measure_borders(image: NDArray[Any], dark_below: float) -> tuple[float, ...]:
    """How wide the dark border is: top, bottom, left, right, fractions of the edge.

    1 on every side where no pixel is bright.

    Shape:
        - image: ``(rows, cols)`` uint8.
    """
    is_bright: NDArray[np.bool_] = np.greater_equal(image, dark_below * _WHITE)
    rows, cols = np.any(is_bright, axis=1), np.any(is_bright, axis=0)
    return tuple(_dark_share(line) for line in (rows, rows[::-1], cols, cols[::-1]))


def _dark_share(is_bright: NDArray[np.bool_]) -> float:
    return float(is_bright.argmax() / len(is_bright)) if is_bright.any() else 1.0
