"""Toy files in the three native formats, written without hqcm."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from scipy.io import savemat

Array = NDArray[Any]
# Two rows, three columns, no symmetry: any flip or transposition shows.
ASYMMETRIC = np.array([[10, 20, 30], [40, 50, 70]])
# As a slice is: a ramp within an ellipse off the middle, black around it; 48 x 64, uint16.
_ROWS, _COLS = np.mgrid[:48, :64]
_IS_INSIDE = ((_ROWS - 22) / 20) ** 2 + ((_COLS - 30) / 26) ** 2 < 1
ELLIPSE = np.where(_IS_INSIDE, 100 + 70 * _ROWS + 300 * _COLS, 0).astype(np.uint16)


def dicom(stored: Array, **elements: Any) -> Dataset:
    """A plain MR slice (a stack of them, if `stored` has three axes), some elements replaced."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = MRImageStorage
    header.SOPInstanceUID = "1.2.3.4"
    header.Modality = "MR"
    header.PatientID = "P-17"
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = stored.shape[-2:]
    if stored.ndim == 3:
        header.NumberOfFrames = len(stored)
    header.BitsAllocated = header.BitsStored = 8 * stored.dtype.itemsize
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(stored.dtype.kind == "i")
    header.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    header["PixelData"].VR = "OW"
    for name, value in elements.items():
        setattr(header, name, value)
    return header


def rescaling(slope: float, intercept: float) -> Dataset:
    """A functional group that holds a slope of its own."""
    transformation, group = Dataset(), Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept = slope, intercept
    group.PixelValueTransformationSequence = [transformation]
    return group


def save_dicom(path: Path, header: Dataset) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    header.save_as(path, enforce_file_format=True)
    return path


def cjdata(**fields: Any) -> dict[str, Any]:
    """What a file of source 2 holds, as MATLAB shows it; None leaves a field out."""
    usual = {
        "PID": "100360",
        "label": 1.0,
        "image": ASYMMETRIC.astype(np.int16),
        "tumorMask": (ASYMMETRIC > 45).astype(np.uint8),
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def save_v73(path: Path, fields: dict[str, Any]) -> Path:
    """HDF5 behind 512 bytes of header, arrays column by column, text as character codes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in fields.items():
            codes = np.array([[ord(c) for c in value]], np.uint16) if name == "PID" else value
            file[f"cjdata/{name}"] = np.atleast_2d(codes).T
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    return path


def save_sparse(file: h5py.File, name: str, full: Array) -> h5py.Group:
    """A matrix as MATLAB v7.3 keeps a sparse one, column by column; where all is 0, `jc` alone."""
    group = file.create_group(name)
    group.attrs["MATLAB_sparse"] = np.uint64(full.shape[0])
    group.attrs["MATLAB_class"] = np.bytes_("logical" if full.dtype == bool else str(full.dtype))
    cols, rows = np.nonzero(full.T)
    group["jc"] = np.searchsorted(cols, np.arange(full.shape[1] + 1)).astype(np.uint64)
    if rows.size:
        group["ir"] = rows.astype(np.uint64)
        group["data"] = full[rows, cols].astype(np.uint8 if full.dtype == bool else full.dtype)
    return group


def save_v5(path: Path, fields: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {"cjdata": fields})
    return path


def save_picture(path: Path, pixels: Array, mode: str | None = None, **options: Any) -> Path:
    """A picture of 8-bit pixels, converted to a mode, in the format of the suffix or `format`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path
