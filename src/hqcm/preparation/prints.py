"""A slice's fingerprint: its fine structure as a few cosine coefficients.

A slice is filtered to a band of detail (a difference of two Gaussians): neither the shape of the
head, which all slices share, nor what JPEG and resizing change. In the cosine transform that is a
gain for each coefficient, a mirror image is a change of signs and a transposition a transposition.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from hqcm.contracts.duplicates import ORIENTATIONS
from hqcm.contracts.params import Section


class FingerprintParams(Section):
    """Section `fingerprint`: what is compared, how candidates are found, when they are twins."""

    fine_blur: float = Field(gt=0)
    coarse_blur: float = Field(gt=0, lt=1)
    n_frequencies: int = Field(ge=4)
    n_bands: int = Field(ge=1)
    bits_per_band: int = Field(ge=1, le=62)  # a band is one integer
    seed: int = Field(ge=0)
    min_correlation: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _is_a_band(self) -> Self:
        if self.fine_blur >= self.coarse_blur:
            raise ValueError(
                f"fine_blur must be smaller than coarse_blur = {self.coarse_blur:g}; "
                f"got {self.fine_blur:g}"
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


def orient_spectra(spectra: NDArray[np.float32], orientation: str) -> NDArray[np.float32]:
    """What the cosine coefficients ``(..., n, n)`` of oriented slices would be."""
    done = ORIENTATIONS.index(orientation)
    turned = spectra.swapaxes(-1, -2) if done & 4 else spectra
    sign = (-1.0) ** np.arange(spectra.shape[-1], dtype=np.float32)
    rows, cols = sign if done & 2 else sign**2, sign if done & 1 else sign**2
    return turned * rows[:, None] * cols


def _gain(size: int, params: FingerprintParams) -> NDArray[np.float32]:
    """How the cosine of each frequency passes one Gaussian and is taken off by the other."""
    angle = np.pi * np.arange(size)  # half waves along the edge

    def blurred(width: float) -> NDArray[Any]:
        line = np.exp(-((angle * width) ** 2) / 2)
        return np.outer(line, line)

    return (blurred(params.fine_blur) - blurred(params.coarse_blur)).astype(np.float32)
