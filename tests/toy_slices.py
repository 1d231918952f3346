"""Pictures with structure of every size, and stores of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from hqcm.contracts.params import check_section, read_yaml
from hqcm.near_duplicates.fingerprints import FingerprintParams
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter

Picture = NDArray[np.uint8]
ROOT = Path(__file__).resolve().parents[1]


def shipped_params(**changes: float) -> FingerprintParams:
    """What params.yaml says, some keys replaced."""
    params = read_yaml(ROOT / "params.yaml")
    params["fingerprint"] |= changes
    return check_section("fingerprint", FingerprintParams, params)


def picture(seed: int, size: int = 64) -> Picture:
    """A disc of its own shades on black, no two seeds alike; 0 and 255 are reached."""
    generator = np.random.default_rng(seed)
    shades = sum(
        width * gaussian_filter(generator.standard_normal((size, size)), width * size / 128)
        for width in (1, 2, 4, 8)
    )
    rows, cols = np.indices((size, size)) - (size - 1) / 2
    inside = np.hypot(rows, cols * 1.2) < 0.45 * size
    return stretched(np.where(inside, 1.5 + shades, shades.min()))


def stretched(image: NDArray[np.float64]) -> Picture:
    """To the full range of uint8, as `prepare` does."""
    low, high = image.min(), image.max()
    return np.rint(255 * (image - low) / (high - low)).astype(np.uint8)


def write_pictures(path: Path, pictures: Mapping[str, Picture]) -> Path:
    """A store of one patient a picture."""
    with SliceWriter(path) as writer:
        for name, image in pictures.items():
            writer.add(Slice(name, name.split("/", maxsplit=1)[0], name, 1, image, None))
    return path
