"""From the pixel data of a DICOM file to frames of intensities in display orientation."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels import apply_modality_lut, iter_pixels


def read_frames(header: Dataset) -> Iterator[NDArray[Any]]:
    """Frame after frame, modality LUT applied and MONOCHROME1 inverted.

    A window (VOI LUT) only says how to show a slice and is ignored (PS3.3, C.11.2).

    Returns:
        ``(rows, cols)`` each: float32 where a modality LUT changes the values, else the
        stored integers.

    Raises:
        ValueError: a value is not finite, or a slope is 0; decoders raise what they like.
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
    groups = []
    per_frame = header.get("PerFrameFunctionalGroupsSequence") or []
    if frame < len(per_frame):
        groups.append(per_frame[frame])
    groups += (header.get("SharedFunctionalGroupsSequence") or [])[:1]
    for group in groups:
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
