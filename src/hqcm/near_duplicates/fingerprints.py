"""Fingerprints of slices, and the pairs of slices that by theirs may be twins.

A slice is filtered to a band of detail (a difference of two Gaussians): neither the shape of the
head, which all slices share, nor what JPEG and resizing change. In the cosine transform that is a
gain for each coefficient, a mirror image is a change of signs and a transposition a transposition:
the lowest coefficients are the fingerprint.

To compare all with all would take too long. Each band of bits says on which sides of a few random
planes a fingerprint lies. Slices that agree in all bits of a band, in any of the eight
orientations, meet; an upper bound on their correlation sends most of them away again. Sorting the
bands is all that grows faster than the slices.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from hqcm.cohort.duplicates import ORIENTATIONS, invert
from hqcm.contracts.params import Section

_Prints = NDArray[np.float32]
Positions = NDArray[np.int64]
_AT_ONCE = 1 << 13  # pairs, tens of megabytes of fingerprints


class FingerprintParams(Section):
    """Section `fingerprint`: what is compared, how candidates are found, when they are twins."""

    fine_blur: float = Field(ge=1e-6)
    coarse_blur: float = Field(gt=0, lt=1)
    n_frequencies: int = Field(ge=4, le=2048)
    n_bands: int = Field(ge=1, le=1000)
    bits_per_band: int = Field(ge=1, le=62)  # a band is one integer
    seed: int = Field(ge=0)
    min_correlation: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _is_a_band(self) -> Self:
        if self.fine_blur >= self.coarse_blur:
            raise ValueError(
                f"fine_blur must be smaller than fingerprint.coarse_blur = "
                f"{self.coarse_blur:g}; got {self.fine_blur:g}"
            )
        return self


def filter_band(image: NDArray[Any], params: FingerprintParams) -> NDArray[np.float32]:
    """The band of detail of one slice, of mean 0 and length 1; all 0 without contrast.

    Shape:
        - image: ``(size, size)``.
        - returns: the same.
    """
    size = len(image)
    fine, coarse = (
        gaussian_filter(image.astype(np.float32), blur * size)
        for blur in (params.fine_blur, params.coarse_blur)
    )
    band = (fine - coarse) * (image.max() > image.min())
    band -= band.mean()
    return (band / (np.linalg.norm(band) or 1)).astype(np.float32)


def take_prints(images: NDArray[Any], params: FingerprintParams) -> NDArray[np.float32]:
    """The lowest cosine coefficients of the same band, without filtering pixel by pixel.

    Shape:
        - images: ``(n, size, size)``.
        - returns: ``(n, n_frequencies, n_frequencies)``, fewer where `size` is smaller. Of length
          1 together with the coefficients that are left out; all 0 without contrast.
    """
    gain = _gain(images.shape[1], params)
    spectra = dctn(images.astype(np.float32), axes=(1, 2), norm="ortho") * gain
    spectra *= (images.max(axis=(1, 2)) > images.min(axis=(1, 2)))[:, None, None]
    length = np.linalg.norm(spectra, axis=(1, 2), keepdims=True)
    kept = slice(params.n_frequencies)
    return np.asarray(spectra[:, kept, kept] / np.where(length > 0, length, 1), np.float32)


def _orient_spectra(spectra: NDArray[np.float32], orientation: str) -> NDArray[np.float32]:
    """What the cosine coefficients ``(..., n, n)`` of oriented slices would be."""
    done = ORIENTATIONS.index(orientation)
    turned = spectra.swapaxes(-1, -2) if done & 4 else spectra
    sign = (-1.0) ** np.arange(spectra.shape[-1], dtype=np.float32)
    rows, cols = sign if done & 2 else sign**2, sign if done & 1 else sign**2
    return turned * rows[:, None] * cols


def _gain(size: int, params: FingerprintParams) -> NDArray[np.float32]:
    """How the cosine of each frequency passes one Gaussian and is taken off by the other."""
    angle = np.pi * np.arange(size)  # half waves along the edge
    fine, coarse = np.exp(-(np.outer((params.fine_blur, params.coarse_blur), angle) ** 2) / 2)
    return (np.outer(fine, fine) - np.outer(coarse, coarse)).astype(np.float32)


def find_candidates(prints: _Prints, params: FingerprintParams) -> Positions:
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


def _sides(prints: _Prints, planes: _Prints) -> Positions:
    """``(n, 8)``: one band's bits of every slice in every orientation, as an integer.

    A turned slice lies to a plane as the slice lies to the plane turned back.
    """
    powers = 1 << np.arange(len(planes), dtype=np.int64)
    flat = prints.reshape(len(prints), planes[0].size)
    keys = [
        (flat @ _orient_spectra(planes, invert(orientation)).reshape(len(planes), -1).T > 0)
        @ powers
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


def _bound(prints: _Prints, pairs: Positions) -> NDArray[np.float64]:
    """What the correlation is at most: the coefficients left out may agree wholly."""
    kept = np.square(prints, dtype=np.float64).sum(axis=(1, 2))
    rest = np.sqrt(np.maximum(1 - kept, 0))
    bound = rest[pairs[:, 0]] * rest[pairs[:, 1]]
    for number, orientation in enumerate(ORIENTATIONS):
        chosen = np.flatnonzero(pairs[:, 2] == number)
        for some in np.split(chosen, range(_AT_ONCE, len(chosen), _AT_ONCE)):
            one = _orient_spectra(prints[pairs[some, 0]], orientation)
            bound[some] += np.einsum("nuv,nuv->n", one, prints[pairs[some, 1]])
    return bound
