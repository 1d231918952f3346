"""DICOM files of one healthy person, one frame or many in each: source 1.

A file is DICOM by its content (bytes 128-132 say DICM) or by its suffix. Expected companions,
neither read nor listed: the DICOMDIR, a `.jpg` that is the twin of a DICOM file, `.pdf`.
"""

import logging
from collections.abc import Container, Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.pixels import apply_modality_lut, iter_pixels
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from hqcm.cohort.converted import Rejection
from hqcm.contracts.labels import HEALTHY
from hqcm.formats.native_format import MAX_PIXELS, NativeFormat, RawFile, RawFiles, Task
from hqcm.slices.store import Slice

# Not a secret: it keeps our ids from matching the same patient's in other people's tables.
_GROUP_SALT = "hqcm-ebtc group id, version 1"
# What pydicom logs of a broken file, its rejection says, without quoting the header.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
_SUFFIXES = (".dcm", ".dicom", ".ima")
_MAGIC = slice(128, 132)  # PS3.10, 7.1: a preamble of 128 bytes, then DICM
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
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
    header = dcmread(task.image.path, force=True)
    if header.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        return
    _require_grey_slices(header)
    _complete_transfer_syntax(header)
    name, group_id = f"{source}/{task.image.name}", _group_id(source, header, task)
    several = int(header.get("NumberOfFrames") or 1) > 1
    for number, image in enumerate(_read_frames(header), start=1):
        slice_id = f"{name}#{number}" if several else name
        yield Slice(slice_id, source, group_id, HEALTHY, image, mask=None, note=_note(header))


FORMAT = NativeFormat("DICOM files (TrainingDataPro dicom-brain-dataset)", _plan_dicom, _read_dicom)


def _is_dicom(path: Path) -> bool:
    if path.suffix.lower() in _SUFFIXES:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(_MAGIC.stop)[_MAGIC] == b"DICM"
    except OSError:
        return True  # so that reading it says what is the matter


def _reject_unexpected(files: RawFiles, others: Container[int]) -> Iterator[Rejection]:
    names = [file.name for number, file in enumerate(files) if number not in others]
    twins = {stem.lower() for name in names for stem in (name, _stem(name))}
    reason = "must be a DICOM file: DICM in bytes 128-132, or the suffix .dcm"
    for number, file in enumerate(files):
        if number in others and not _is_companion(file, twins):
            yield Rejection(file.name, reason)


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _is_companion(file: RawFile, twins: set[str]) -> bool:
    suffix = file.path.suffix.lower()
    is_twin = suffix in {".jpg", ".jpeg"} and _stem(file.name).lower() in twins
    return is_twin or suffix == ".pdf" or file.path.name.upper() == "DICOMDIR"


def _require_grey_slices(header: Dataset) -> None:
    """What pydicom would decode into something that is not a slice is refused by name."""
    if not any(name in header for name in _PIXELS):
        raise ValueError("PixelData must be present; got none")
    if "MOSAIC" in (header.get("ImageType") or ()):
        raise ValueError("ImageType must not say MOSAIC: many slices tiled into one image")
    if header.get("Modality") in _NO_INTENSITIES:
        raise ValueError(
            f"Modality must be of intensities, not labels or doses; got {header.Modality}"
        )
    photometric = header.get("PhotometricInterpretation")
    if photometric not in _GREY:
        raise ValueError(
            f"PhotometricInterpretation must be one of {', '.join(_GREY)}; got {photometric}"
        )
    if header.SamplesPerPixel != 1:
        raise ValueError(f"SamplesPerPixel must be 1; got {header.SamplesPerPixel}")
    rows, cols = header.Rows, header.Columns
    if not 0 < rows * cols <= MAX_PIXELS:
        raise ValueError(f"Rows x Columns must be 1 to {MAX_PIXELS}; got {rows} x {cols}")


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
    modality = header.get("Modality")
    remarks = {
        "burned-in annotation": str(header.get("BurnedInAnnotation", "")).upper() == "YES",
        "not MR": modality is not None and modality != "MR",
    }
    return "; ".join(remark for remark, applies in remarks.items() if applies)


def _read_frames(header: Dataset) -> Iterator[NDArray[Any]]:
    """Frame after frame, modality LUT applied and MONOCHROME1 inverted.

    Values are float32 where a modality LUT changes them, else the stored integers. A window
    (VOI LUT) only says how to show a slice and is ignored (PS3.3, C.11.2).
    """
    for frame, stored in enumerate(iter_pixels(header)):
        image = _intensities(stored, header, frame)
        if not np.isfinite(image).all():
            raise ValueError("values must be finite; got NaN or infinity")
        yield image


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
    for group in [*per_frame[frame : frame + 1], *shared[:1]]:
        transformation = group.get("PixelValueTransformationSequence")  # PS3.3, C.7.6.16.2.9
        if transformation:
            return transformation[0]
    return header


def _apply_modality(stored: NDArray[Any], modality: Dataset) -> NDArray[Any]:
    if modality.get("ModalityLUTSequence"):
        # Wide integers, or a first mapped value below zero overflows unsigned pixels.
        return apply_modality_lut(stored.astype(np.int64), modality).astype(np.float32)
    slope = float(modality.get("RescaleSlope", 1))
    intercept = float(modality.get("RescaleIntercept", 0))
    if slope == 0:
        raise ValueError("RescaleSlope must not be 0: it erases the image")
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
