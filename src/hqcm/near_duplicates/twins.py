"""Twins: pairs of slices that show the same picture, mirrored or turned or not."""

from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cohort.duplicates import ORIENTATIONS, TWIN_COLUMNS, orient
from hqcm.near_duplicates.fingerprints import (
    FingerprintParams,
    Positions,
    filter_band,
    find_candidates,
    take_prints,
)
from hqcm.slices.store import full_index, hold_pixels, open_store, read_row, read_slices

_AT_ONCE = 256  # slices, a few megabytes
_KEPT = 2048  # filtered slices, a hundred megabytes; candidates come sorted
_DECIMALS = 6  # float32 holds no more


def find_twins(prepared: Path, params: FingerprintParams) -> pd.DataFrame:
    """Every pair of twins, in the order of the store; see `hqcm.cohort.duplicates`.

    Candidates come from fingerprints, the verdict from the pixels. A pair that matches in
    several orientations is listed in the best.

    Raises:
        ValueError: the store is not prepared: slices differ in size or are not square.
    """
    candidates = find_candidates(_read_prints(prepared, params), params)
    correlations = _correlate(prepared, candidates, params)
    is_twin = correlations >= params.min_correlation
    pairs, correlation = candidates[is_twin], correlations[is_twin].round(_DECIMALS)
    best = np.lexsort((pairs[:, 2], -correlation, pairs[:, 1], pairs[:, 0]))
    pairs, correlation = pairs[best], correlation[best]
    _, first = np.unique(pairs[:, :2], axis=0, return_index=True)
    return _name(prepared, pairs[first], correlation[first])


def _read_prints(prepared: Path, params: FingerprintParams) -> NDArray[np.float32]:
    """The fingerprints of all slices, in the order of the store; raises like `find_twins`."""
    slices = read_slices(prepared)
    shape: tuple[int, ...] | None = None
    prints = []
    while some := list(islice(slices, _AT_ONCE)):
        shape = shape or (len(some[0].image),) * 2
        for item in some:
            if item.image.shape != shape:
                raise ValueError(
                    f"{prepared}: every slice must be {shape[0]} x {shape[1]} as the first is "
                    f"high, all slices square; got {item.image.shape}"
                )
        prints.append(take_prints(np.stack([item.image for item in some]), params))
    return np.concatenate(prints)


def _correlate(prepared: Path, pairs: Positions, params: FingerprintParams) -> NDArray[np.float64]:
    """Normalised correlation, pixel by pixel, of the bands of the first, oriented, and second."""
    correlations = np.empty(len(pairs))
    with open_store(prepared) as file:
        rows = list(full_index(file).itertuples())
        _held = hold_pixels(file)

        @lru_cache(maxsize=_KEPT)
        def band(position: int) -> NDArray[np.float32]:
            return filter_band(read_row(file, rows[position]).image, params)

        for i, (one, other, number) in enumerate(pairs.tolist()):
            correlations[i] = (orient(band(one), ORIENTATIONS[number]) * band(other)).sum()
    return correlations


def _name(prepared: Path, pairs: Positions, correlation: NDArray[np.float64]) -> pd.DataFrame:
    with open_store(prepared) as file:
        slice_id = full_index(file)["slice_id"].to_numpy()
    names = slice_id[pairs[:, 0]], slice_id[pairs[:, 1]], np.array(ORIENTATIONS)[pairs[:, 2]]
    return pd.DataFrame(dict(zip(TWIN_COLUMNS, (*names, correlation), strict=True)))
