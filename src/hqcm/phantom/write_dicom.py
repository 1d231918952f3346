"""Write MR slices of one openly made-up person as DICOM, and the DICOMDIR that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileDataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    MRImageStorage,
    generate_uid,
)

_BITS_STORED = 12  # of 16
MAX_STORED = 2**_BITS_STORED - 1
# The levels of the directory from the top, and what a record of each must say
# (DICOM PS3.3 F.5).
_LEVELS = {
    "PATIENT": ("PatientName", "PatientID"),
    "STUDY": ("StudyDate", "StudyTime", "AccessionNumber", "StudyInstanceUID", "StudyID"),
    "SERIES": ("Modality", "SeriesInstanceUID", "SeriesNumber"),
    "IMAGE": ("InstanceNumber",),
}
_UNIQUE = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


@dataclass(frozen=True)
class Series:
    """What the slices of one series share."""

    number: int
    size_px: int
    view: str
    transfer_syntax: UID
    photometric: str
    slope: float
    intercept: float

    @property
    def folder(self) -> str:
        """Name of the series' folder."""
        return f"SE{self.number:06d}"


def write_slice(path: Path, series: Series, instance: int, stored: NDArray[np.uint16]) -> None:
    """Write one slice of stored values, 0 to 4095."""
    item = describe_slice(series, instance)
    item.set_pixel_data(stored, series.photometric, _BITS_STORED, generate_instance_uid=False)
    syntax = series.transfer_syntax
    if syntax.is_encapsulated:
        item.compress(syntax, generate_instance_uid=False)
    else:
        item.file_meta.TransferSyntaxUID = syntax
    item.save_as(path, enforce_file_format=True)


def describe_slice(series: Series, instance: int) -> Dataset:
    """Everything of a slice but its pixels."""
    item = Dataset()
    item.file_meta = FileMetaDataset()
    item.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    item.SOPClassUID = MRImageStorage
    item.SOPInstanceUID = _made_up_uid(series.folder, str(instance))
    item.StudyInstanceUID = _made_up_uid("study")
    item.SeriesInstanceUID = _made_up_uid(series.folder)
    item.StudyID, item.SeriesNumber, item.InstanceNumber = "1", series.number, instance
    item.StudyDate, item.StudyTime, item.AccessionNumber = "19700101", "000000", ""
    item.PatientName, item.PatientID = "Phantom^Simulated", "PHANTOM-0001"
    item.PatientBirthDate, item.PatientSex = "19000101", "O"
    item.Modality, item.Manufacturer = "MR", "Phantom"
    item.SeriesDescription = f"T1 {series.view} simulated"
    item.BurnedInAnnotation = "NO"
    item.RescaleSlope, item.RescaleIntercept = series.slope, series.intercept
    item.RescaleType = "US"
    # A hint for a display, narrower than the range: whoever applies it clips the image.
    item.WindowCenter = round(series.slope * MAX_STORED / 4)
    item.WindowWidth = round(series.slope * MAX_STORED / 2)
    return item


def _made_up_uid(*names: str) -> UID:
    """The same UID for the same names."""
    return generate_uid(entropy_srcs=["hqcm phantom", *names])


def write_dicomdir(root: Path, files: Sequence[Path]) -> None:
    """Write ``root/DICOMDIR`` for slices given relative to `root`.

    Source:
        DICOM PS3.3 F.3: records in one sequence, linked by the byte offsets of their items.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    meta.MediaStorageSOPInstanceUID = _made_up_uid("dicomdir")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory = FileDataset(str(root), {}, file_meta=meta, preamble=bytes(128))
    directory.FileSetID = "PHANTOM"
    directory.FileSetConsistencyFlag = 0
    directory.DirectoryRecordSequence = _records(root, files)
    _link(directory, [0] * len(directory.DirectoryRecordSequence))
    directory.save_as(root / "DICOMDIR", enforce_file_format=True)
    # The offsets are known once it is written; filling them in moves nothing.
    written = dcmread(root / "DICOMDIR")
    _link(directory, [record.seq_item_tell for record in written.DirectoryRecordSequence])
    directory.save_as(root / "DICOMDIR", enforce_file_format=True)


def _records(root: Path, files: Sequence[Path]) -> list[Dataset]:
    """One record for each patient, study, series and image, each before what it contains."""
    records: list[Dataset] = []
    seen: set[str] = set()
    for file in sorted(files):
        item = dcmread(root / file, stop_before_pixels=True)
        for (kind, keywords), unique in zip(_LEVELS.items(), _UNIQUE, strict=True):
            if str(item[unique].value) not in seen:
                seen.add(str(item[unique].value))
                records.append(_record(kind, item, keywords))
        image = records[-1]
        # A file ID may hold no dot: so it was on the medium, before files were given an ending.
        image.ReferencedFileID = list(file.with_suffix("").parts)
        image.ReferencedSOPClassUIDInFile = item.SOPClassUID
        image.ReferencedSOPInstanceUIDInFile = item.SOPInstanceUID
        image.ReferencedTransferSyntaxUIDInFile = item.file_meta.TransferSyntaxUID
    return records


def _record(kind: str, item: Dataset, keywords: Sequence[str]) -> Dataset:
    record = Dataset()
    record.RecordInUseFlag = 0xFFFF
    record.DirectoryRecordType = kind
    for keyword in keywords:
        record.add(item[keyword])
    return record


def _link(directory: Dataset, offsets: Sequence[int]) -> None:
    """Point each record at its next sibling and its first child, by byte offset; 0 is none."""
    records = directory.DirectoryRecordSequence
    depths = [list(_LEVELS).index(record.DirectoryRecordType) for record in records]
    for i, record in enumerate(records):
        child = i + 1 < len(records) and depths[i + 1] > depths[i]
        record.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[i + 1] if child else 0
        # The first record after it that is not deeper: a sibling, or its parent's.
        later = next((j for j in range(i + 1, len(records)) if depths[j] <= depths[i]), i)
        sibling = later > i and depths[later] == depths[i]
        record.OffsetOfTheNextDirectoryRecord = offsets[later] if sibling else 0
    patients = [offset for offset, depth in zip(offsets, depths, strict=True) if depth == 0]
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = patients[0]
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = patients[-1]
