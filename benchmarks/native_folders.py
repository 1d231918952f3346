"""Folders of native files to measure with: a few dozen distinct ones, the rest links to them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRLittleEndian

from hqcm.formats.dicom import DICOM
from hqcm.formats.images import IMAGES
from hqcm.formats.matlab import MATLAB
from hqcm.formats.native_format import NativeFormat
from hqcm.phantom.write_dicom import MAX_STORED, Series, write_slice
from hqcm.phantom.write_images import to_8_bit, write_image, write_mask
from hqcm.phantom.write_mat import write_cjdata

N_DISTINCT = 24
MAXIMUM = 2000  # of an image; the files of source 2 have 538 to 12,728
NOISE = 0.015  # of the maximum: a .mat file then takes 0.3 MB, as the real ones


class Drawn(NamedTuple):
    """Image ``(size, size)`` int16 from 0 up, and mask ``(size, size)`` bool, not empty."""

    image: NDArray[np.int16]
    mask: NDArray[np.bool_]


class Form(NamedTuple):
    """A native format: how the files of one slice are named, by its number, and written."""

    native: NativeFormat
    names: tuple[str, ...]
    write: Callable[[Sequence[Path], Drawn], None]


def write_folder(folder: Path, form: Form, n_slices: int, size_px: int) -> None:
    """Write the files of so many slices; past the first few, links with names of their own."""
    rng = np.random.default_rng(0)
    for name in form.names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for number in range(n_slices):
        paths = _paths(folder, form, number)
        if number < N_DISTINCT:
            form.write(paths, draw_slice(size_px, rng))
            continue
        for path, first in zip(paths, _paths(folder, form, number % N_DISTINCT), strict=True):
            path.hardlink_to(first)


def draw_slice(size_px: int, rng: np.random.Generator) -> Drawn:
    """A head on air with waves for anatomy, a bright disc for a tumour, and Rician noise."""
    edge = np.linspace(-1, 1, size_px)
    x, y = np.meshgrid(edge, edge)
    waves = np.mean([np.cos(u * x + v * y) for u, v in rng.uniform(-30, 30, (8, 2))], axis=0)
    centre = rng.uniform(-0.3, 0.3, 2)
    mask = np.hypot(x - centre[0], y - centre[1]) < rng.uniform(0.1, 0.3)
    signal = np.where(np.hypot(x / 0.7, y / 0.85) < 1, 0.4 + 0.3 * waves + 0.2 * mask, 0)
    noise = rng.normal(0, NOISE, (2, size_px, size_px))
    received = np.hypot(signal + noise[0], noise[1]).clip(0, 1)
    return Drawn((MAXIMUM * received).astype(np.int16), mask)


def _paths(folder: Path, form: Form, number: int) -> list[Path]:
    return [folder / name.format(number) for name in form.names]


def _write_dicom(paths: Sequence[Path], drawn: Drawn) -> None:
    size = len(drawn.image)
    series = Series(1, size, "axial", ExplicitVRLittleEndian, "MONOCHROME2", 1.0, 0.0)
    write_slice(paths[0], series, 1, drawn.image.astype(np.uint16).clip(0, MAX_STORED))


def _write_mat(paths: Sequence[Path], drawn: Drawn) -> None:
    write_cjdata(paths[0], label=1, pid="100360", image=drawn.image, mask=drawn.mask)


def _write_images(paths: Sequence[Path], drawn: Drawn) -> None:
    write_image(paths[0], to_8_bit(drawn.image), "L")
    write_mask(paths[1], drawn.mask, len(drawn.mask))


FORMS = {
    "dicom": Form(DICOM, ("{}.dcm",), _write_dicom),
    "mat": Form(MATLAB, ("{}.mat",), _write_mat),
    "images": Form(IMAGES, ("image/1/{}.jpg", "mask/1/{}_m.jpg"), _write_images),
}
"""The three, by the names of their stages `convert_...`."""
