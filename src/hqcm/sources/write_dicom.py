"""Write MR slices of one openly made-up person as DICOM, in several transfer syntaxes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage, generate_uid

BITS_STORED = 12  # of 16
MAX_STORED = 2**BITS_STORED - 1


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
    item.set_pixel_data(stored, series.photometric, BITS_STORED, generate_instance_uid=False)
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
    item.SOPInstanceUID = made_up_uid(series.folder, str(instance))
    item.StudyInstanceUID = made_up_uid("study")
    item.SeriesInstanceUID = made_up_uid(series.folder)
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


def made_up_uid(*names: str) -> UID:
    """The same UID for the same names."""
    return generate_uid(entropy_srcs=["hqcm phantom", *names])
