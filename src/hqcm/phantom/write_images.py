"""Write 8-bit images and masks the way source 3 has them: under a `.jpg` name, mostly."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_QUALITY = 90


def to_8_bit(image: NDArray[np.floating | np.integer]) -> NDArray[np.uint8]:
    """Stretch an image that is not constant to 0 .. 255."""
    values = image.astype(np.float64)
    low, high = values.min(), values.max()
    return np.round((values - low) / (high - low) * 255).astype(np.uint8)


def write_image(path: Path, pixels: NDArray[np.uint8], mode: str) -> None:
    """Write one image.

    Modes RGBA and P, which JPEG does not know, become PNG content under whatever name `path`
    has, as in the real set.
    """
    picture = Image.fromarray(pixels).convert(mode)
    if mode in ("L", "RGB"):
        picture.save(path, format="JPEG", quality=_QUALITY)
    else:
        picture.save(path, format="PNG")


def write_mask(path: Path, mask: NDArray[np.bool_], size_px: int) -> None:
    """Write a mask as JPEG: white on black with the codec's ringing, so not quite binary."""
    picture = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    picture.resize((size_px, size_px)).save(path, format="JPEG", quality=_QUALITY)
