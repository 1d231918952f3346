"""Folders `{image,mask}/{0,1,2,3}` of JPEG or PNG files, the masks files of their own: source 3.

`image/1/X.jpg` has the mask `mask/1/X_m.jpg`. Expected companions, neither read nor listed:
masks that belong to an image, and `provenance.csv`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hqcm.cohort.converted import Rejection
from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.formats.native_format import (
    MAX_PIXELS,
    NativeFormat,
    RawFile,
    RawFiles,
    Task,
    describe,
    require_content,
)
from hqcm.slices.store import Slice

# The folders' own order, which is not the paper's: 1 is glioma and 2 is meningioma.
_FOLDER_LABELS = {"0": HEALTHY, "1": GLIOMA, "2": MENINGIOMA, "3": PITUITARY}
_SUFFIXES = (".jpg", ".jpeg", ".png")
_MASK_ENDING = "_m"
_COMPANIONS = ("provenance.csv",)
_LAYOUT = (
    f"must lie in image/N or mask/N, N one of {', '.join(_FOLDER_LABELS)}, "
    f"and end in one of {', '.join(_SUFFIXES)}; a mask is named X{_MASK_ENDING}"
)
# What is found under a .jpg name in collections of pictures. Not Pillow's whole list, which
# would let a file named .jpg start another program.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
_NATIVE_MODES = ("L", "I", "F")  # besides the 16-bit I;16, I;16B, I;16L, I;16N


class _Place(NamedTuple):
    """Whether a file is a mask, and set, class folder and stem of the image that it belongs to."""

    is_mask: bool
    image: str


def _plan_images(files: RawFiles) -> Iterator[Task | Rejection]:
    """Every file of an image folder is a task, with the mask of its name where there is one."""
    masks: dict[str, int] = {}
    for number, file in enumerate(files):
        place = _place(file)
        if place is None and file.path.name.lower() not in _COMPANIONS:
            yield Rejection(file.name, _LAYOUT)
        elif place and place.is_mask and masks.setdefault(place.image, number) != number:
            taken = files[masks[place.image]].name
            yield Rejection(file.name, f"must be the only mask; {taken} was taken")
    yield from _pair(files, masks)


def _read_images(source: str, task: Task) -> Iterator[Slice | Rejection]:
    """The slice of one image; a mask that cannot be read is rejected alone, and missing then."""
    image = _read_grey(task.image.path)
    mask, note = None, ""
    if task.mask is not None:
        try:
            mask, note = _read_mask(task.mask, image.shape)
        except Exception as error:  # noqa: BLE001  (decoders raise anything, as for images)
            yield Rejection(task.mask.name, describe(error, task.mask))
            note = "mask rejected"
    slice_id = group_id = f"{source}/{task.image.name}"  # no patients known
    label = _FOLDER_LABELS[PurePosixPath(task.image.name).parent.name]
    yield Slice(slice_id, source, group_id, label, image, mask, note)


FORMAT = NativeFormat(
    "JPEG or PNG files in image/{0,1,2,3} and mask/{0,1,2,3} (Akter et al.)",
    _plan_images,
    _read_images,
)


def _pair(files: RawFiles, masks: Mapping[str, int]) -> Iterator[Task | Rejection]:
    """The images with their masks, then the masks without an image."""
    has_image = bytearray(len(files))
    for file in files:
        place = _place(file)
        if place and not place.is_mask:
            number = masks.get(place.image)
            if number is not None:
                has_image[number] = True
            yield Task(file, None if number is None else files[number])
    for number in masks.values():
        if not has_image[number]:
            yield Rejection(files[number].name, "must have an image of its name; got none")


def _place(file: RawFile) -> _Place | None:
    path = PurePosixPath(file.name)
    root, kind, folder = path.parent.parent.parent, path.parent.parent.name, path.parent.name
    ending = {"image": "", "mask": _MASK_ENDING}.get(kind.lower())
    if ending is None or folder not in _FOLDER_LABELS or path.suffix.lower() not in _SUFFIXES:
        return None
    if not path.stem.endswith(ending):
        return None
    return _Place(ending != "", f"{root}/{folder}/{path.stem.removesuffix(ending)}")


def _read_mask(file: RawFile, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], str]:
    require_content(file)
    drawn, note = _threshold_mask(_read_grey(file.path))
    if drawn.shape == shape:
        return drawn, note
    resized = f"mask resized from {drawn.shape[0]} x {drawn.shape[1]}"
    return _fit_mask(drawn, shape), "; ".join(filter(None, [note, resized]))


def _read_grey(path: Path) -> NDArray[Any]:
    """One picture, upright, as grey.

    A grey picture keeps its values, also those of more than 8 bits. Any other mode becomes
    8-bit luminance (ITU-R 601-2); what is transparent lies on black, as air does. Of an
    animation the first frame counts. The EXIF orientation is applied: the array is what a
    viewer shows.
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


def _threshold_mask(grey: NDArray[Any]) -> tuple[NDArray[np.bool_], str]:
    """The mask: what is brighter than half of white; and a note where that leaves nothing."""
    if grey.dtype.kind != "u":  # of more than 16 bits: white is not known
        raise ValueError(f"mask must be of 1, 8 or 16 bits; got {grey.dtype}")
    half = np.iinfo(grey.dtype).max // 2
    mask = grey > half
    is_faint = grey.any() and not mask.any()
    return mask, f"mask is empty, its brightest value {grey.max()} is dark" if is_faint else ""


def _fit_mask(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask at the size of its image: by area when it shrinks, else its nearest pixels.

    A mask that is not empty stays so: where no pixel is half covered, every touched one counts.
    """
    picture = Image.fromarray(mask.astype(np.float32))
    area = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.BOX))
    half = area > 0.5  # noqa: PLR2004  (half of the pixel is covered)
    if half.any() or not mask.any():
        return half
    # Pillow leaves out a pixel that no sample of its box meets; it counts where it falls.
    rows, cols = np.nonzero(mask)
    touched = area > 0
    touched[rows * shape[0] // mask.shape[0], cols * shape[1] // mask.shape[1]] |= not touched.any()
    return touched


def _grey(picture: Image.Image) -> NDArray[Any]:
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in _NATIVE_MODES and not picture.has_transparency_data:
        return np.asarray(picture)
    if picture.has_transparency_data:
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB").convert("L"))
