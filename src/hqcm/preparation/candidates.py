"""Pairs of slices that may be twins, found without comparing all with all.

Each band of bits says on which sides of a few random planes a fingerprint lies. Slices that agree
in all bits of a band, in any of the eight orientations, meet; an upper bound on their correlation
sends most of them away again. Sorting the bands is all that grows faster than the slices.
"""

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.duplicates import ORIENTATIONS, invert
from hqcm.preparation.prints import FingerprintParams, orient_spectra

Prints = NDArray[np.float32]
Positions = NDArray[np.int64]
_AT_ONCE = 1 << 13  # pairs, tens of megabytes of fingerprints


def find_candidates(prints: Prints, params: FingerprintParams) -> Positions:
    """Every pair that meets in a band and whose correlation may reach the least one.

    Shape:
        - prints: ``(n, k, k)``.
        - returns: ``(m, 3)``, sorted: a slice, a later one, the orientation (a position in
          `ORIENTATIONS`) that lays the first on the second.
    """
    seen = np.flatnonzero(prints.any(axis=(1, 2)))  # slices without contrast meet nobody
    prints = prints[seen]
    generator = np.random.default_rng(params.seed)
    found = np.empty((0, 3), np.int64)
    for _ in range(params.n_bands):
        planes = generator.standard_normal((params.bits_per_band, *prints.shape[1:]), np.float32)
        met = _meet(_sides(prints, planes))
        near = met[_bound(prints, met) >= params.min_correlation]
        found = np.unique(np.concatenate([found, near]), axis=0)
    found[:, :2] = seen[found[:, :2]]
    return found


def _sides(prints: Prints, planes: Prints) -> Positions:
    """``(n, 8)``: one band's bits of every slice in every orientation, as an integer.

    A turned slice lies to a plane as the slice lies to the plane turned back.
    """
    powers = 1 << np.arange(len(planes), dtype=np.int64)
    flat = prints.reshape(len(prints), planes[0].size)
    keys = [
        (flat @ orient_spectra(planes, invert(orientation)).reshape(len(planes), -1).T > 0) @ powers
        for orientation in ORIENTATIONS
    ]
    return np.stack(keys, axis=1)


def _meet(keys: Positions) -> Positions:
    """Pairs of which the first, oriented, has the key of the second as it is."""
    order = np.argsort(keys[:, 0], kind="stable")
    as_they_are = keys[order, 0]
    pairs = []
    for orientation in range(keys.shape[1]):
        first = np.searchsorted(as_they_are, keys[:, orientation], "left")
        n_met = np.searchsorted(as_they_are, keys[:, orientation], "right") - first
        one = np.repeat(np.arange(len(keys)), n_met)
        place = np.arange(n_met.sum()) - np.repeat(np.cumsum(n_met) - n_met - first, n_met)
        other = order[place]
        met = np.stack([one, other, np.full_like(one, orientation)], axis=1)
        pairs.append(met[one < other])
    return np.concatenate(pairs)


def _bound(prints: Prints, pairs: Positions) -> NDArray[np.float64]:
    """What the correlation is at most: the coefficients left out may agree wholly."""
    kept = np.square(prints, dtype=np.float64).sum(axis=(1, 2))
    rest = np.sqrt(np.maximum(1 - kept, 0))
    bound = rest[pairs[:, 0]] * rest[pairs[:, 1]]
    for number, orientation in enumerate(ORIENTATIONS):
        chosen = np.flatnonzero(pairs[:, 2] == number)
        for some in np.split(chosen, range(_AT_ONCE, len(chosen), _AT_ONCE)):
            one = orient_spectra(prints[pairs[some, 0]], orientation)
            bound[some] += np.einsum("nuv,nuv->n", one, prints[pairs[some, 1]])
    return bound
