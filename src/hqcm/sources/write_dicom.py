"""Write DICOM slices in several transfer syntaxes, and the DICOMDIR that lists them."""

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

MAX_STORED = 4095  # 12 of 16 bits
STUDY = "ST000001"


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
    """Write one MR slice of stored values 0 .. 4095."""
    item = slice_dataset(series, instance)
    item.Rows, item.Columns = stored.shape
    item.set_pixel_data(stored, series.photometric, 12, generate_instance_uid=False)
    if series.transfer_syntax.is_compressed and not series.transfer_syntax.is_deflated:
        item.compress(series.transfer_syntax, generate_instance_uid=False)
    else:
        item.file_meta.TransferSyntaxUID = series.transfer_syntax
    item.save_as(path, enforce_file_format=True)


def slice_dataset(series: Series, instance: int) -> Dataset:
    """Everything of a slice but its pixels; the person is openly made up."""
    item = Dataset()
    item.file_meta = FileMetaDataset()
    item.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    item.SOPClassUID = MRImageStorage
    item.SOPInstanceUID = _uid(series.folder, str(instance))
    item.StudyDate, item.StudyTime = "19700101", "000000"
    item.AccessionNumber, item.StudyID = "", "1"
    item.Modality, item.Manufacturer = "MR", "Phantom"
    item.SeriesDescription = f"T1 {series.view} simulated"
    item.PatientName, item.PatientID = "Phantom^Simulated", "PHANTOM-0001"
    item.PatientBirthDate, item.PatientSex = "19000101", "O"
    item.StudyInstanceUID = _uid("study")
    item.SeriesInstanceUID = _uid(series.folder)
    item.SeriesNumber, item.InstanceNumber = series.number, instance
    item.RescaleSlope, item.RescaleIntercept = series.slope, series.intercept
    item.RescaleType = "US"
    return item


def write_dicomdir(root: Path, files: list[Path]) -> None:
    """Write ``DICOMDIR`` for slices of one patient and study, given relative to `root`.

    Source:
        DICOM PS3.3 F.3: records linked by the byte offsets of their items.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    meta.MediaStorageSOPInstanceUID = _uid("dicomdir")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory = FileDataset(str(root / "DICOMDIR"), {}, file_meta=meta, preamble=bytes(128))
    directory.FileSetID = "PHANTOM"
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.FileSetConsistencyFlag = 0
    directory.DirectoryRecordSequence = _records(root, files)
    directory.save_as(root / "DICOMDIR", enforce_file_format=True)
    _link(directory, dcmread(root / "DICOMDIR"))
    directory.save_as(root / "DICOMDIR", enforce_file_format=True)


def _records(root: Path, files: list[Path]) -> list[Dataset]:
    records: list[Dataset] = []
    for file in sorted(files):
        item = dcmread(root / file, stop_before_pixels=True)
        if not records:
            records.append(_record("PATIENT", item, "PatientName", "PatientID"))
            records.append(
                _record("STUDY", item, "StudyDate", "StudyTime", "AccessionNumber",
                        "StudyInstanceUID", "StudyID")
            )  # fmt: skip
        if records[-1].get("SeriesInstanceUID", "") != item.SeriesInstanceUID and not any(
            record.get("SeriesInstanceUID") == item.SeriesInstanceUID for record in records
        ):
            records.append(_record("SERIES", item, "Modality", "SeriesInstanceUID", "SeriesNumber"))
        image = _record("IMAGE", item, "InstanceNumber")
        # A file ID may hold no dot: as on the medium before the files were given an ending.
        image.ReferencedFileID = list(file.with_suffix("").parts)
        image.ReferencedSOPClassUIDInFile = item.SOPClassUID
        image.ReferencedSOPInstanceUIDInFile = item.SOPInstanceUID
        image.ReferencedTransferSyntaxUIDInFile = item.file_meta.TransferSyntaxUID
        records.append(image)
    return records


def _record(kind: str, item: Dataset, *keywords: str) -> Dataset:
    record = Dataset()
    record.OffsetOfTheNextDirectoryRecord = 0
    record.RecordInUseFlag = 0xFFFF
    record.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    record.DirectoryRecordType = kind
    for keyword in keywords:
        setattr(record, keyword, item[keyword].value)
    return record


def _link(directory: Dataset, written: Dataset) -> None:
    """Fill in the offsets, which the first writing has fixed."""
    records = directory.DirectoryRecordSequence
    offsets = [record.seq_item_tell for record in written.DirectoryRecordSequence]
    levels = ["PATIENT", "STUDY", "SERIES", "IMAGE"]
    depth = [levels.index(record.DirectoryRecordType) for record in records]
    for i, record in enumerate(records):
        if i + 1 < len(records) and depth[i + 1] > depth[i]:
            record.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[i + 1]
        for j in range(i + 1, len(records)):
            if depth[j] <= depth[i]:
                if depth[j] == depth[i]:
                    record.OffsetOfTheNextDirectoryRecord = offsets[j]
                break
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = offsets[0]
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = offsets[0]


def _uid(*names: str) -> UID:
    return generate_uid(entropy_srcs=["hqcm phantom", *names])
