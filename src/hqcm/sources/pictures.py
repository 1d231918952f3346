"""JPEG and PNG files as grey arrays, and drawn masks as bool."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hqcm.sources.native_format import MAX_PIXELS

# What is found under a .jpg name in collections of pictures. Not Pillow's whole list, which
# would let a file named .jpg start another program.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
_NATIVE_MODES = ("L", "I", "F")  # besides the 16-bit I;16, I;16B, I;16L, I;16N


def read_grey(path: Path) -> NDArray[Any]:
    """One picture, upright, as grey.

    A grey picture keeps its values, also those of more than 8 bits. Any other mode becomes
    8-bit luminance (ITU-R 601-2); what is transparent lies on black, as air does. Of an
    animation the first frame counts. The EXIF orientation is applied: the array is what a
    viewer shows.

    Returns:
        ``(rows, cols)``: uint8, or uint16, int32, float32 for grey of more bits.

    Raises:
        ValueError: the picture is too large, or not finite.
        OSError: it is no picture, or a broken one.
    """
    with Image.open(path, formats=_FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(
                f"picture must have {MAX_PIXELS} pixels or fewer; "
                f"got {picture.width} x {picture.height}"
            )
        grey = _grey(ImageOps.exif_transpose(picture))
    if not np.isfinite(grey).all():
        raise ValueError("picture must be finite; got NaN or infinity")
    return grey


def threshold_mask(grey: NDArray[Any]) -> tuple[NDArray[np.bool_], str]:
    """The mask: what is brighter than half of white; and a note where that leaves nothing.

    Raises:
        ValueError: the picture is of more than 16 bits, so that white is not known.
    """
    if grey.dtype.kind != "u":
        raise ValueError(f"mask must be of 1, 8 or 16 bits; got {grey.dtype}")
    half = np.iinfo(grey.dtype).max // 2
    mask = grey > half
    is_faint = grey.any() and not mask.any()
    return mask, f"mask is empty, its brightest value {grey.max()} is dark" if is_faint else ""


def fit_mask(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask at the size of its image: by area when it shrinks, else its nearest pixels.

    A mask that is not empty stays so: where no pixel is half covered, every touched one counts.
    """
    picture = Image.fromarray(mask.astype(np.float32))
    area = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.BOX))
    half = area > 0.5  # noqa: PLR2004  (half of the pixel is covered)
    return half if half.any() else area > 0


def _grey(picture: Image.Image) -> NDArray[Any]:
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in _NATIVE_MODES and not picture.has_transparency_data:
        return np.asarray(picture)
    if picture.has_transparency_data:
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB").convert("L"))
