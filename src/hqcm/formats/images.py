"""Folders `{image,mask}/{0,1,2,3}` of JPEG or PNG files, the masks files of their own: source 3.

`image/1/X.jpg` has the mask `mask/1/X_m.jpg`. Expected companions, neither read nor listed:
masks that belong to an image, and `provenance.csv`.

A mask has two values, whatever they are, of grey, of a colour or of transparency: the brighter is
the tumour. With more of them, as where a codec or a resampling has blurred it, the tumour is what
is brighter than half of white. What is neither is no mask; a slice then has none (D-23).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

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
    say_no_kind,
    unify,
)
from hqcm.slices.store import Slice

# The folders' own order, which is not the paper's: 1 is glioma and 2 is meningioma.
_FOLDER_LABELS = {"0": HEALTHY, "1": GLIOMA, "2": MENINGIOMA, "3": PITUITARY}
_SUFFIXES = (".jpg", ".jpeg", ".png")
_MASK_ENDING = "_m"
_MASK_NAMES = (_MASK_ENDING, "_mask")  # of sets that keep masks beside their images
_COMPANIONS = ("provenance.csv",)
_LAYOUT = (
    f"must lie in image/N or mask/N, N one of {', '.join(_FOLDER_LABELS)}, "
    f"and end in one of {', '.join(_SUFFIXES)}; a mask is named X{_MASK_ENDING}"
)
# What is found under a .jpg name in collections of pictures. Not Pillow's whole list, which
# would let a file named .jpg start another program.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
_NATIVE_MODES = ("L", "I", "F")  # besides the 16-bit I;16, I;16B, I;16L, I;16N
_EXACT_FORMATS = ("PNG", "BMP", "GIF", "TIFF")  # no codec has changed their values
# How a picture of an EXIF orientation is turned upright; not at all for 1.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
            mask, note = _read_mask(task.mask, task.image, image.shape)
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
            elif file.path.stem.lower().endswith(_MASK_NAMES):
                yield Rejection(file.name, "must lie in mask/N, being named as a mask; got image/N")
                continue
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
    return _Place(ending != "", unify(f"{root}/{folder}/{path.stem.removesuffix(ending)}"))


def _read_mask(
    file: RawFile, image: RawFile, shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], str]:
    """The mask of an image, at its shape; and a note if it had another."""
    require_content(file)
    levels, is_exact = _read_levels(file.path)
    drawn = _turn_mask(_find_tumour(levels, is_exact=is_exact), file, image, shape)
    if drawn.shape == shape:
        return drawn, ""
    return _fit_mask(drawn, shape), f"mask resized from {drawn.shape[0]} x {drawn.shape[1]}"


@contextmanager
def _open(path: Path) -> Iterator[ImageFile.ImageFile]:
    try:
        opened = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError as bomb:
        raise ValueError(f"picture must have {MAX_PIXELS} pixels or fewer; got {bomb}") from None
    except UnidentifiedImageError:
        raise ValueError(say_no_kind(path, "JPEG or PNG")) from None
    with opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError(
                f"picture must have {MAX_PIXELS} pixels or fewer; "
                f"got {opened.width} x {opened.height}"
            )
        # Pillow leaves black what no strip of a TIFF covers.
        boxes = [tile.extents for tile in opened.tile if tile.extents]
        areas = [(right - left) * (bottom - top) for left, top, right, bottom in boxes]
        if opened.format == "TIFF" and sum(areas) < opened.width * opened.height:
            got = f"{sum(areas)} of {opened.width * opened.height} pixels"
            raise ValueError(f"picture must be whole; got {got}")
        yield opened


def _read_grey(path: Path) -> NDArray[Any]:
    """One picture, upright, as grey.

    A grey picture keeps its values, also those of more than 8 bits. Any other mode becomes
    8-bit luminance (ITU-R 601-2); what is transparent lies on black, as air does. Of an
    animation the first frame counts. The EXIF orientation is applied: the array is what a
    viewer shows.
    """
    with _open(path) as picture:
        picture.load()  # first of all: what is broken is said once, to whoever needs the pixels
        orientation = _orientation(picture)
        grey = _native_grey(picture)
        if grey is None:
            grey = np.asarray(_on_black(picture).convert("L"))
    if not np.isfinite(grey).all():
        raise ValueError("picture must be finite; got NaN or infinity")
    return _turn(grey, orientation)


def _read_levels(path: Path) -> tuple[NDArray[Any], bool]:
    """What a mask is drawn in, as its raster lies; and whether its values are those drawn.

    It is drawn in the brightest channel; failing that, in transparency; failing that, in the
    numbers of a palette whose colours are all one.
    """
    with _open(path) as picture:
        is_exact = picture.format in _EXACT_FORMATS and picture.info.get("compression") != "jpeg"
        has_16_bits = any("16" in str(tile.args) for tile in picture.tile)
        levels = _native_grey(picture)
        if levels is not None:
            return levels, is_exact
        drawn = [np.asarray(_on_black(picture)).max(axis=2)]
        if picture.has_transparency_data:
            drawn.append(np.asarray(picture.convert("RGBA"))[..., 3])
        if picture.mode == "P":
            drawn.append(np.asarray(picture))
    uneven = [levels for levels in drawn if levels.min() != levels.max()]
    if not uneven and has_16_bits:  # of which Pillow leaves out the lower 8
        raise ValueError("mask must have 8 bits a colour; got 16, the upper 8 without a tumour")
    return [*uneven, drawn[0]][0], is_exact


def _find_tumour(levels: NDArray[Any], *, is_exact: bool) -> NDArray[np.bool_]:
    """The mask in what it is drawn in; none of it where everything is 0."""
    if not levels.any():
        return np.zeros(levels.shape, np.bool_)
    low, high = levels.min(), levels.max()
    if is_exact and low < high and ((levels == low) | (levels == high)).all():
        return levels > low
    if levels.dtype.kind != "u":  # of more than 16 bits: white is not known
        raise ValueError(f"mask must be of 1, 8 or 16 bits, or have two values; got {levels.dtype}")
    half = np.iinfo(levels.dtype).max // 2
    mask = levels > half
    if mask.all() or not mask.any():
        raise ValueError(
            f"mask must have two values without loss, or a tumour brighter than {half} on what is "
            f"darker; got {len(np.unique(levels))} values, {low} to {high}"
        )
    return mask


def _turn_mask(
    mask: NDArray[np.bool_], file: RawFile, image: RawFile, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """The mask upright, where it or its image has an EXIF orientation.

    A mask may be drawn on the image as it is stored, or as it is shown; where their orientations
    differ, only the proportions can say which.
    """
    with _open(file.path) as own, _open(image.path) as shown:
        orientations = dict.fromkeys([_orientation(own), _orientation(shown)])
    turned = [_turn(mask, orientation) for orientation in orientations]
    fitting = [each for each in turned if each.shape[0] * shape[1] == each.shape[1] * shape[0]]
    if len(turned) > 1 and len(fitting) != 1:
        raise ValueError(
            "mask must lie as its image does, or differ in proportions where it does not; got the "
            f"EXIF orientations {', '.join(map(str, orientations))}, {mask.shape[0]} x "
            f"{mask.shape[1]} for {shape[0]} x {shape[1]}"
        )
    return fitting[0] if len(turned) > 1 else turned[0]


def _orientation(picture: Image.Image) -> int:
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001  (Pillow raises anything; the picture is one without it too)
        return 1
    return orientation if orientation in _TURNS else 1


def _turn(raster: NDArray[Any], orientation: int) -> NDArray[Any]:
    if orientation not in _TURNS:
        return raster
    return np.asarray(Image.fromarray(raster).transpose(_TURNS[orientation]))


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


def _native_grey(picture: Image.Image) -> NDArray[Any] | None:
    """The values of a picture that has nothing but grey ones."""
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in _NATIVE_MODES and not picture.has_transparency_data:
        return np.asarray(picture)
    return None


def _on_black(picture: Image.Image) -> Image.Image:
    """Its colours, in mode RGB."""
    if picture.has_transparency_data:
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, picture.convert("RGBA"))
    return picture.convert("RGB")
