"""The phantom's source 3: image and mask folders, partly copied from source 2."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.sources.anatomy import Head
from hqcm.sources.phantom_figshare import VIEWS, FigshareSlice
from hqcm.sources.phantom_patients import patient_rng, simulate_patient
from hqcm.sources.rendering import render
from hqcm.sources.write_images import to_8_bit, write_image, write_mask

SOURCE = 3
TOP = "Brain Tumor Segmentation Dataset"
# Folder 1 is glioma and folder 2 meningioma, the reverse of the paper's ids.
CLASS_OF_FOLDER = {0: HEALTHY, 1: GLIOMA, 2: MENINGIOMA, 3: PITUITARY}
SIZES_PX = (512, 225, 630, 236)
MODES = ("RGB", "L", "L", "RGB", "RGB", "L", "RGB", "L", "RGBA", "L", "RGB", "P")
SLICES_PER_PATIENT = 3
OTHER_MASK_EVERY = 11  # every so many masks have another size than their image
OTHER_MASK_PX = 256


class _Pair(NamedTuple):
    pixels: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def write_akter(
    folder: Path,
    head: Head,
    figshare: list[FigshareSlice],
    *,
    n_healthy: int,
    n_per_tumour: int,
    copied_fraction: float,
    seed: int,
) -> None:
    """Write ``{image,mask}/{0,1,2,3}/``, with unpaired and unreadable files."""
    top = folder / TOP
    for number, label in CLASS_OF_FOLDER.items():
        if label == HEALTHY:
            pairs = _new_pairs(head, label, n_healthy, seed)
        else:
            n_copied = round(copied_fraction * n_per_tumour)
            pairs = _copies(figshare, label, n_copied)
            pairs += _new_pairs(head, label, n_per_tumour - len(pairs), seed)
        order = patient_rng(seed, SOURCE, label, 0).permutation(len(pairs))
        _write_folder(top, number, [pairs[i] for i in order])
    _unpair(top)
    (top / "image" / "0" / f"{n_healthy + 1}.jpg").write_bytes(b"this is not an image\n" * 40)


def _copies(figshare: list[FigshareSlice], label: int, n_copies: int) -> list[_Pair]:
    """Slices of source 2 as 8-bit images, every second one mirrored left to right."""
    own = [item for item in figshare if item.label == label]
    chosen = np.unique(np.linspace(0, len(own) - 1, n_copies).astype(int))
    return [
        _Pair(to_8_bit(own[i].image)[:, ::step], own[i].mask[:, ::step])
        for i, step in zip(chosen, np.resize([1, -1], len(chosen)), strict=True)
    ]


def _new_pairs(head: Head, label: int, n_pairs: int, seed: int) -> list[_Pair]:
    pairs = []
    for number in range(n_pairs):
        person, turn = divmod(number, SLICES_PER_PATIENT)
        if turn == 0:
            rng = patient_rng(seed, SOURCE, label, person + 1)
            patient = simulate_patient(head, label, rng)
        size = SIZES_PX[person % len(SIZES_PX)]
        image, mask = render(patient, VIEWS[(person + turn) % len(VIEWS)], size, rng)
        pairs.append(_Pair(to_8_bit(image), mask))
    return pairs


def _write_folder(top: Path, folder: int, pairs: list[_Pair]) -> None:
    images, masks = (top / kind / str(folder) for kind in ("image", "mask"))
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    for number, (pixels, mask) in enumerate(pairs, start=1):
        write_image(images / f"{number}.jpg", pixels, MODES[number % len(MODES)])
        other = number % OTHER_MASK_EVERY == 0
        write_mask(masks / f"{number}_m.jpg", mask, OTHER_MASK_PX if other else len(mask))


def _unpair(top: Path) -> None:
    """Folders 1 and 2 hold one mask each without an image, folder 3 one image without a mask."""
    for folder in (1, 2):
        count = len(list((top / "mask" / str(folder)).iterdir()))
        blank = Image.new("L", (OTHER_MASK_PX, OTHER_MASK_PX))
        blank.save(top / "mask" / str(folder) / f"{count + 1}_m.jpg", format="JPEG")
    (top / "mask" / "3" / "1_m.jpg").unlink()
