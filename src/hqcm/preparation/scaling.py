"""One slice at the network's size: image in [0, 1] as uint8, mask by area."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WHITE = 255  # uint8 stands for [0, 1]
_LEAST_CONTRAST = 1e-5  # of the native range; below it the resized image is rounding noise


def scale_image(image: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """Resize to a square, then min-max to [0, 1], then round to 256 levels.

    The order is that of the paper's sentence (4.1): so every image reaches 0 and 1. Resizing
    is Pillow's bilinear filter on float32, which widens with the reduction (no aliasing, no
    blocks at odd ratios, no blocks where a small image grows). Rounding is half to even.

    Shape:
        - image: ``(rows, cols)``, any real dtype, finite; stretched if it is not square.
        - returns: ``(size, size)``; all 0 for an image without contrast.

    Raises:
        ValueError: the image holds NaN or infinity.
    """
    if not np.isfinite(image).all():
        raise ValueError("image must be finite; got NaN or infinity")
    # Linear, so it changes nothing but precision: a large offset would cost float32 its digits.
    unit = _min_max(image.astype(np.float64), 0.0).astype(np.float32)
    picture = Image.fromarray(unit).resize((size, size), Image.Resampling.BILINEAR)
    scaled = _min_max(np.asarray(picture, np.float64), _LEAST_CONTRAST)
    return np.rint(scaled * _WHITE).astype(np.uint8)


def scale_mask(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Reduce a mask by area: a pixel is tumour where half of it or more is.

    A tumour smaller than half a pixel would vanish: then the pixels that hold most of it count.

    Shape:
        - mask: ``(rows, cols)``.
        - returns: ``(size, size)``, empty only if `mask` is.
    """
    rows, cols = mask.shape
    in_rows, in_cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    drawn = mask[np.ix_(in_rows, in_cols)].astype(np.int64)
    # Integers: exact in any order, and a tie at one half is a tie on every machine.
    area = _overlaps(in_rows, rows, size) @ drawn @ _overlaps(in_cols, cols, size).T
    half = 2 * area >= rows * cols
    if half.any() or not mask.any():
        return half
    return area == area.max()


def _overlaps(native: NDArray[np.int64], n_native: int, n_scaled: int) -> NDArray[np.int64]:
    """``(n_scaled, len(native))``: length that scaled pixels share with some native ones.

    Both grids lie on one line of length n_native x n_scaled, so that every end is an integer.
    """
    ends = np.arange(n_scaled + 1)[:, None] * n_native
    starts = native[None, :] * n_scaled
    shared = np.minimum(ends[1:], starts + n_scaled) - np.maximum(ends[:-1], starts)
    return np.maximum(shared, 0)


def _min_max(image: NDArray[np.float64], least_contrast: float) -> NDArray[np.float64]:
    low, high = image.min() / 2, image.max() / 2  # halves: the full range may exceed float64
    if high - low <= least_contrast / 2:
        return np.zeros_like(image)
    return (image / 2 - low) / (high - low)
