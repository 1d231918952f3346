"""DICOM files of one healthy person, one frame or many in each: source 1.

A file is DICOM by its content (bytes 128-132 say DICM) or by its suffix. Expected companions,
neither read nor listed: the DICOMDIR, a `.jpg` that is the twin of a DICOM file, `.pdf`. An
element of zero length counts as absent.
"""

import logging
import math
from collections.abc import Container, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_fragments
from pydicom.pixels import apply_modality_lut, iter_pixels
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    UncompressedTransferSyntaxes,
)

from hqcm.cohort.converted import Rejection
from hqcm.contracts.labels import HEALTHY
from hqcm.formats.native_format import (
    MAX_PIXELS,
    NativeFormat,
    RawFile,
    RawFiles,
    Task,
    coded_size,
    read_start,
    say_no_kind,
    twin_names,
)
from hqcm.slices.store import Slice

# Not a secret: it keeps our ids from matching the same patient's in other people's tables.
_GROUP_SALT = "hqcm-ebtc group id, version 1"
# What pydicom logs of a broken file, its rejection says, without quoting the header.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
_SUFFIXES = (".dcm", ".dicom", ".ima")
_MAGIC = slice(128, 132)  # PS3.10, 7.1: a preamble of 128 bytes, then DICM
_LAST_FIRST_GROUP = 0x0028  # of a data set without a preamble; text begins far above it
# Where pixels may be, and what says which of them are padding.
_PIXELS = {f"{kind}PixelData": f"{kind}PixelPaddingValue" for kind in ("", "Float", "DoubleFloat")}
_NO_INTENSITIES = ("SEG", "RTDOSE")  # labels of voxels, and doses
_GREY = ("MONOCHROME1", "MONOCHROME2")


def _plan_dicom(files: RawFiles) -> Iterator[Task | Rejection]:
    """Every DICOM file is a task; a picture is expected only beside a DICOM file of its stem."""
    others = set()
    for number, file in enumerate(files):
        if _is_dicom(file.path):
            yield Task(file)
        else:
            others.add(number)
    if others:
        yield from _reject_unexpected(files, others)


def _read_dicom(source: str, task: Task) -> Iterator[Slice]:
    """The slices of one file, one a frame, in the units of the modality LUT."""
    if not _begins_as_dicom(task.image.path):
        raise ValueError(say_no_kind(task.image.path, "DICOM"))
    header = dcmread(task.image.path, force=True)
    if header.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        return
    _require_grey_slices(header)
    _complete_transfer_syntax(header)
    n_frames = max(_number(header, "NumberOfFrames", 1), 1)
    n_coded = _require_length(header, n_frames)
    name, group_id = f"{source}/{task.image.name}", _group_id(source, header, task)
    # pydicom gives every frame there is, announced or not.
    images = list(_read_frames(header)) if n_frames == 1 else _read_frames(header)
    are_several, number = not isinstance(images, list) or len(images) > 1, 0
    for number, image in enumerate(images, start=1):
        slice_id = f"{name}#{number}" if are_several else name
        yield Slice(slice_id, source, group_id, HEALTHY, image, mask=None, note=_note(header))
    if number < max(n_frames, n_coded):
        got = f"got {n_frames:g} for {max(number, n_coded)}"
        raise ValueError(f"NumberOfFrames must be that of the frames in PixelData; {got}")


FORMAT = NativeFormat("DICOM files (TrainingDataPro dicom-brain-dataset)", _plan_dicom, _read_dicom)


def _is_dicom(path: Path) -> bool:
    if path.suffix.lower() in _SUFFIXES:
        return True
    try:
        return path.is_file() and read_start(path, _MAGIC.stop)[_MAGIC] == b"DICM"
    except OSError:
        return True  # so that reading it says what is the matter


def _begins_as_dicom(path: Path) -> bool:
    """With a preamble, or with an element of a low group in either byte order."""
    start = read_start(path, _MAGIC.stop)
    groups = [int.from_bytes(start[:2], order) for order in ("little", "big")]
    return start[_MAGIC] == b"DICM" or min(groups) <= _LAST_FIRST_GROUP


def _reject_unexpected(files: RawFiles, others: Container[int]) -> Iterator[Rejection]:
    names = [file.name for number, file in enumerate(files) if number not in others]
    twins = set().union(*map(twin_names, names))
    reason = "must be a DICOM file: DICM in bytes 128-132, or the suffix .dcm"
    for number, file in enumerate(files):
        if number in others and not _is_companion(file, twins):
            yield Rejection(file.name, reason)


def _is_companion(file: RawFile, twins: set[str]) -> bool:
    suffix = file.path.suffix.lower()
    is_twin = suffix in {".jpg", ".jpeg"} and not twins.isdisjoint(twin_names(file.name))
    return is_twin or suffix == ".pdf" or file.path.name.upper() == "DICOMDIR"


def _require_grey_slices(header: Dataset) -> None:
    """What pydicom would decode into something that is not a slice is refused by name."""
    if not any(header.get(name) for name in _PIXELS):
        raise ValueError("PixelData must be present; got none")
    got = "\\".join(map(str, np.ravel(header.get("ImageType") or ())))
    if "MOSAIC" in got.split("\\"):
        raise ValueError(f"ImageType must not say MOSAIC, many slices in one image; got {got}")
    if header.get("Modality") in _NO_INTENSITIES:
        raise ValueError(
            f"Modality must be of intensities, not labels or doses; got {header.Modality}"
        )
    _require(header, "PhotometricInterpretation", _GREY, f"one of {', '.join(_GREY)}")
    _require(header, "SamplesPerPixel", (1,), "1")
    for name in ("Rows", "Columns"):
        _require(header, name, range(1, 1 << 16), f"1 to {(1 << 16) - 1}")
    rows, cols = header.Rows, header.Columns
    if rows * cols > MAX_PIXELS:
        raise ValueError(f"Rows x Columns must be 1 to {MAX_PIXELS}; got {rows} x {cols}")
    _require(header, "BitsAllocated", (1, 8, 16, 32, 64), "one of 1, 8, 16, 32, 64")
    if "PixelData" in header:
        n_bits = header.BitsAllocated
        _require(header, "BitsStored", range(1, n_bits + 1), f"1 to {n_bits}, the bits allocated")
        _require(header, "PixelRepresentation", (0, 1), "0 or 1")
        # PS3.5, 8.1.1: who decodes takes the lowest bits for the stored ones.
        _require(header, "HighBit", (None, header.BitsStored - 1), "BitsStored - 1")


def _require(header: Dataset, name: str, legal: Container[object], words: str) -> None:
    got = header.get(name)
    if got not in legal:
        raise ValueError(f"{name} must be {words}; got {'none' if got in (None, '') else got}")


def _require_length(header: Dataset, n_frames: float) -> int:
    """As many bytes as are announced; of compressed frames, which are counted, their own size."""
    if header.file_meta.TransferSyntaxUID not in UncompressedTransferSyntaxes:
        return _require_size(header)
    (name,) = (name for name in _PIXELS if header.get(name))
    got, n_bits = len(header[name].value), header.Rows * header.Columns * header.BitsAllocated
    must = math.ceil(n_frames * n_bits / 8)
    if got < must:
        raise ValueError(
            f"{name} must have {must} bytes, Rows x Columns x BitsAllocated x NumberOfFrames / 8; "
            f"got {got}"
        )
    return 0


def _require_size(header: Dataset) -> int:
    """How many JPEG or JPEG 2000 frames begin in the pixel data; each is of Rows x Columns."""
    fragments = generate_fragments(header.get("PixelData") or b"")
    must, sizes = (header.Rows, header.Columns), [*filter(None, map(coded_size, fragments))]
    if {*sizes} - {must}:
        raise ValueError(f"PixelData must be of Rows x Columns, {must}; got frames of {sizes[:3]}")
    return len(sizes)


def _number(header: Dataset, name: str, default: float) -> float:
    """The value of an element; the default if it is absent."""
    try:
        value = header.get(name)  # pydicom converts the text of it here
        number = default if value in (None, "") else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        element = header.get_item(name)
        got = "none" if element is None else element.value
        shown = got.decode("ascii", "backslashreplace") if isinstance(got, bytes) else got
        raise ValueError(f"{name} must be one finite number; got {shown}")
    return number


def _complete_transfer_syntax(header: Dataset) -> None:
    """A file without a preamble does not name its encoding: keep the byte order it was read in."""
    if "TransferSyntaxUID" in header.file_meta:
        return
    _, is_little = header.original_encoding
    syntax = ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian
    header.file_meta.TransferSyntaxUID = syntax


def _group_id(source: str, header: Dataset, task: Task) -> str:
    """The patient; failing that the study, which is of one patient; failing that the file."""
    for name in ("PatientID", "StudyInstanceUID"):
        value = str(header.get(name) or "").strip()
        if value:
            digest = sha256(f"{_GROUP_SALT}/{name}/{value}".encode(errors="backslashreplace"))
            return f"{source}-{digest.hexdigest()[:16]}"
    return f"{source}/{task.image.name}"


def _note(header: Dataset) -> str:
    remarks = {
        "burned-in annotation": str(header.get("BurnedInAnnotation", "")).upper() == "YES",
        "not MR": header.get("Modality") not in (None, "", "MR"),
    }
    return "; ".join(remark for remark, applies in remarks.items() if applies)


def _read_frames(header: Dataset) -> Iterator[NDArray[Any]]:
    """Frame after frame, modality LUT applied, MONOCHROME1 inverted, padding dark.

    Values are float32 where a modality LUT changes them, else the stored integers. A window
    (VOI LUT) only says how to show a slice and is ignored (PS3.3, C.11.2). Padding is background:
    it has the least value of the rest. A frame of nothing but padding keeps its values.
    """
    for frame, stored in enumerate(_decode(header)):
        is_rest = ~_find_padding(stored, header)
        image = _intensities(_fill(stored, is_rest), header, frame)
        if not np.isfinite(image).all():
            raise ValueError("pixel values must be finite; got NaN or infinity")
        yield _fill(image, is_rest)


def _decode(header: Dataset) -> Iterator[NDArray[Any]]:
    try:
        yield from iter_pixels(header)
    except Exception as error:  # noqa: BLE001  (decoders raise anything)
        got = f"{type(error).__name__}: {error}"
        raise ValueError(f"PixelData must be decodable; got {got}") from None


def _find_padding(stored: NDArray[Any], header: Dataset) -> NDArray[np.bool_]:
    """Where a frame has a padding value (PS3.3, C.7.5.1.1.2), or one of a range of them."""
    (name,) = (padding for pixels, padding in _PIXELS.items() if header.get(pixels))
    if header.get(name) is None:
        return np.zeros(stored.shape, np.bool_)
    value = _number(header, name, 0)
    ends = [value, _number(header, name.replace("Value", "RangeLimit"), value)]
    if stored.dtype.kind in "ui":
        ends = [_as_stored(int(end), header) for end in ends]
    return (min(ends) <= stored) & (stored <= max(ends))


def _as_stored(value: int, header: Dataset) -> int:
    """What a value is read as: the lowest BitsStored bits, in the pixels' own sign."""
    n_values = 1 << int(header.BitsStored)
    value %= n_values
    is_negative = header.PixelRepresentation == 1 and value >= n_values // 2
    return value - n_values if is_negative else value


def _fill(image: NDArray[Any], is_rest: NDArray[np.bool_]) -> NDArray[Any]:
    if is_rest.all() or not is_rest.any():
        return image
    return np.where(is_rest, image, image[is_rest].min())


def _intensities(stored: NDArray[Any], header: Dataset, frame: int) -> NDArray[Any]:
    """Stored values -> modality LUT -> inversion, in this order (PS3.4, N.2.1)."""
    modality = _modality_of(header, frame)
    image = _apply_modality(stored, modality)
    if header.PhotometricInterpretation == "MONOCHROME1":
        ends = _apply_modality(_stored_range(stored, header), modality).astype(np.float64)
        # Exact: integers of 32 bits and their sums fit the 53 bits of a float64.
        image = (ends.sum() - image).astype(image.dtype)
    return image


def _modality_of(header: Dataset, frame: int) -> Dataset:
    """Where the modality LUT of a frame is: its functional group, the shared one, the file."""
    per_frame = header.get("PerFrameFunctionalGroupsSequence") or []
    shared = header.get("SharedFunctionalGroupsSequence") or []
    if per_frame and frame >= len(per_frame):
        got = f"{len(per_frame)} for frame {frame + 1}"
        raise ValueError(f"PerFrameFunctionalGroupsSequence must have a group a frame; got {got}")
    for group in [*per_frame[frame : frame + 1], *shared[:1]]:
        transformation = group.get("PixelValueTransformationSequence")  # PS3.3, C.7.6.16.2.9
        if transformation:
            return transformation[0]
    return header


def _apply_modality(stored: NDArray[Any], modality: Dataset) -> NDArray[Any]:
    if modality.get("ModalityLUTSequence"):
        for name in ("LUTDescriptor", "LUTData"):
            if modality.ModalityLUTSequence[0].get(name) is None:
                raise ValueError(f"ModalityLUTSequence must hold {name}; got none")
        # Wide integers, or a first mapped value below zero overflows unsigned pixels.
        return apply_modality_lut(stored.astype(np.int64), modality).astype(np.float32)
    slope = _number(modality, "RescaleSlope", 1)
    intercept = _number(modality, "RescaleIntercept", 0)
    if slope == 0:
        raise ValueError("RescaleSlope must not be 0, which erases the image; got 0")
    if (slope, intercept) == (1, 0):
        return stored
    return (stored * np.float64(slope) + intercept).astype(np.float32)


def _stored_range(stored: NDArray[Any], header: Dataset) -> NDArray[Any]:
    """``(2,)``: the least and the largest value that can be stored, or is."""
    low, high = stored.min(), stored.max()
    if stored.dtype.kind in "ui":
        n_values = 1 << int(header.BitsStored)
        first = -(n_values // 2) if header.PixelRepresentation == 1 else 0
        low, high = min(first, low), max(first + n_values - 1, high)
    return np.array([low, high])
