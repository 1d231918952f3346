"""The phantom's source 3: image and mask folders, partly copied from source 2."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.phantom.figshare import VIEWS, FigshareSlice, pid
from hqcm.phantom.head import Head
from hqcm.phantom.patients import draw_patient, patient_rng
from hqcm.phantom.rendering import render
from hqcm.phantom.write_images import to_8_bit, write_image, write_mask

_SOURCE = 3
_TOP = "Brain Tumor Segmentation Dataset"
# Folder 1 is glioma and folder 2 meningioma, the reverse of the paper's ids.
_CLASS_OF_FOLDER = {0: HEALTHY, 1: GLIOMA, 2: MENINGIOMA, 3: PITUITARY}
_SIZES_PX = (512, 225, 630, 236)
_MODES = ("L", "RGB", "L", "RGB", "RGB", "L", "RGBA", "L", "RGB", "L", "RGB", "P")
_N_SLICES_PER_PATIENT = 3
_OTHER_MASK_EVERY = 11  # every so many masks have another size than their image
_OTHER_MASK_PX = 256


class _Pair(NamedTuple):
    """An image and its mask, ``(n, n)``, and the slice of source 2 it copies: 0 for a new one."""

    pixels: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    figshare_id: int = 0
    is_mirrored: bool = False
    patient_id: str = ""


def write_akter(
    folder: Path,
    head: Head,
    figshare: Sequence[FigshareSlice],
    *,
    n_healthy: int,
    n_per_tumour: int,
    copied_fraction: float,
    seed: int,
) -> None:
    """Write ``{image,mask}/{0,1,2,3}/`` and ``provenance.csv``, the truth about the copies.

    On purpose, folders 1 and 2 hold one mask each without an image, folder 3 one image without
    a mask, and folder 0 a file that is no image.
    """
    copies = []
    for number, label in _CLASS_OF_FOLDER.items():
        total = n_healthy if label == HEALTHY else n_per_tumour
        pairs = _copy_slices(figshare, label, round(copied_fraction * total))
        pairs += _new_pairs(head, label, total - len(pairs), seed)
        pairs = [pairs[i] for i in patient_rng(seed, _SOURCE, label, 0).permutation(total)]
        _write_folder(folder / _TOP, number, pairs)
        copies += [
            (number, f"{i}.jpg", pair.figshare_id, int(pair.is_mirrored), pair.patient_id)
            for i, pair in enumerate(pairs, start=1)
            if pair.figshare_id
        ]
    columns = ["folder", "file", "figshare_id", "mirrored", "patient_id"]
    pd.DataFrame(copies, columns=columns).to_csv(folder / "provenance.csv", index=False)
    _plant_broken(folder / _TOP, n_healthy, n_per_tumour)


def _copy_slices(figshare: Sequence[FigshareSlice], label: int, n_copies: int) -> list[_Pair]:
    """Slices of source 2 as 8-bit images, every second one mirrored left to right."""
    own = [number for number, item in enumerate(figshare) if item.label == label]
    n_chosen = min(n_copies, len(own))
    chosen = [own[k * len(own) // n_chosen] for k in range(n_chosen)]
    pairs = []
    for turn, number in enumerate(chosen):
        item, step = figshare[number], 1 - 2 * (turn % 2)
        pixels, mask = to_8_bit(item.image)[:, ::step], item.mask[:, ::step]
        pairs.append(_Pair(pixels, mask, number + 1, step < 0, pid(item.patient)))
    return pairs


def _new_pairs(head: Head, label: int, n_pairs: int, seed: int) -> list[_Pair]:
    def scan(person: int) -> list[_Pair]:
        """All slices of one patient."""
        rng = patient_rng(seed, _SOURCE, label, person + 1)
        patient = draw_patient(head, label, rng)
        pairs = []
        for turn in range(_N_SLICES_PER_PATIENT):
            view = VIEWS[(person + turn) % len(VIEWS)]
            image, mask = render(patient, view, _SIZES_PX[person % len(_SIZES_PX)], rng)
            pairs.append(_Pair(to_8_bit(image), mask))
        return pairs

    with ThreadPoolExecutor() as pool:
        of_patients = pool.map(scan, range(-(-n_pairs // _N_SLICES_PER_PATIENT)))
        return [pair for pairs in of_patients for pair in pairs][:n_pairs]


def _write_folder(top: Path, folder: int, pairs: Sequence[_Pair]) -> None:
    images, masks = (top / kind / str(folder) for kind in ("image", "mask"))
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    for number, pair in enumerate(pairs, start=1):
        write_image(images / f"{number}.jpg", pair.pixels, _MODES[number % len(_MODES)])
        size = len(pair.mask) if number % _OTHER_MASK_EVERY else _OTHER_MASK_PX
        write_mask(masks / f"{number}_m.jpg", pair.mask, size)


def _plant_broken(top: Path, n_healthy: int, n_per_tumour: int) -> None:
    nothing = np.zeros((_OTHER_MASK_PX, _OTHER_MASK_PX), np.bool_)
    for folder in ("1", "2"):
        write_mask(top / "mask" / folder / f"{n_per_tumour + 1}_m.jpg", nothing, _OTHER_MASK_PX)
    (top / "mask" / "3" / "1_m.jpg").unlink()
    (top / "image" / "0" / f"{n_healthy + 1}.jpg").write_bytes(b"this is not an image\n" * 40)
