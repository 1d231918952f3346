"""A guard: no slice of a clinical cohort in what is published, whatever has drawn it.

Two of the three licences forbid to pass on a slice, or a conversion of it. Which figures hold
slices is known, and those are not copied; this looks at the pixels, so that one of which nobody
thought is found as well. It needs no copy of the data: a slice is where greys of many levels lie
side by side. In a chart nearly every grey is a flat one, a background, a band or a letter's edge.

On the published charts no square has more than 0.37 of such pixels; slices of the real sample,
40 to 330 pixels wide, have 0.58 or more (docs/decisions/0030).
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

_SQUARE_PX, _STEP_PX = 24, 6
_EVERY = (1, 2, 3, 4, 6, 8)  # pixels: one that was drawn larger has flat squares otherwise
_DARKEST, _LIGHTEST, _MOST_COLOUR = 8, 247, 8  # of 255
_N_LEVELS, _N_FLAT = 128, 3  # the commonest levels of a square may be flat areas
_LEAST_SHARE = 0.5
# What holds pixels and is no picture; and a picture that is not looked into, as nobody draws one.
_STORES = (".h5", ".hdf5", ".npz", ".npy", ".mat", ".dcm", ".nii", ".gz", ".zip", ".safetensors")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp")
# As PNG, JPEG, GIF and WebP begin, in base64; with `data:` before it or not.
_WITHIN = re.compile(rb"(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/]{80,}={0,2}")


def require_no_slices(paths: Iterable[Path], within: Path) -> None:
    """Refuse to pass on what shows a slice, or may hold one.

    Args:
        paths: files that are to be passed on.
        within: the folder that messages name them by.

    Raises:
        ValueError: some of them must not be.
    """
    found = [f"{path.relative_to(within)} {said}" for path in paths if (said := find_slice(path))]
    if found:
        raise ValueError(
            "what is passed on must show no slice: the licences of clinical sources forbid it; got "
            + "; ".join(found)
        )


def find_slice(path: Path) -> str | None:
    """How a file holds a slice, or may; None if it does not."""
    suffix = path.suffix.lower()
    if suffix in _STORES:
        return f"which may hold pixels, being {suffix}"
    try:
        share = max((measure_greys(picture) for picture in _read_pictures(path)), default=0.0)
    except (UnidentifiedImageError, OSError) as error:
        return f"which cannot be looked into: {type(error).__name__}"
    return f"with a square of {share:.0%} uneven grey" if share >= _LEAST_SHARE else None


def measure_greys(picture: NDArray[np.uint8]) -> float:
    """The largest share of uneven grey in any square of a picture.

    Uneven is what is neither black, white nor coloured, and not of the square's three commonest
    levels.

    Shape:
        - picture: ``(rows, cols, 3)``.
        - returns: 0 to 1.
    """
    largest = 0.0
    for every in _EVERY:
        part = picture[every // 2 :: every, every // 2 :: every].astype(np.int16)
        if min(part.shape[:2]) < _SQUARE_PX:
            break
        grey, colour = part.sum(axis=2) // 3, part.max(axis=2) - part.min(axis=2)
        is_grey = (colour <= _MOST_COLOUR) & (grey >= _DARKEST) & (grey <= _LIGHTEST)
        levels = np.where(is_grey, grey * _N_LEVELS // 256, 0)
        squares = sliding_window_view(levels, (_SQUARE_PX, _SQUARE_PX))[::_STEP_PX, ::_STEP_PX]
        flat = squares.reshape(-1, _SQUARE_PX**2)
        for square in flat[(flat > 0).mean(axis=1) > largest]:
            counts = np.sort(np.bincount(square, minlength=_N_LEVELS)[1:])
            largest = max(largest, float(counts[:-_N_FLAT].sum() / square.size))
    return largest


def _read_pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    """A picture, or those that are packed into a page, a text or an SVG."""
    if path.suffix.lower() in _PICTURES:
        yield _read(path.read_bytes())
        return
    for packed in _WITHIN.findall(path.read_bytes()):
        try:
            content = base64.b64decode(packed)
        except binascii.Error:
            continue
        yield _read(content)


def _read(content: bytes) -> NDArray[np.uint8]:
    """On white, as a page shows it."""
    with Image.open(BytesIO(content)) as picture:
        shown = picture.convert("RGBA")
    white = Image.new("RGBA", shown.size, "white")
    return np.asarray(Image.alpha_composite(white, shown).convert("RGB"))
