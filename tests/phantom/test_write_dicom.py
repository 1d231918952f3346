"""DICOM files and their directory, read with pydicom alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.fileset import FileSet
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from hqcm.phantom.write_dicom import MAX_STORED, Series, describe_slice, write_dicomdir, write_slice

STORED = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)  # 0 to 4095
SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEG2000Lossless,
)


def series(number: int = 1, syntax: str = SYNTAXES[1], photometric: str = "MONOCHROME2") -> Series:
    return Series(number, 64, "axial", syntax, photometric, 2.5, -12.0)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_stored_values_survive_every_syntax(tmp_path: Path, syntax: str, photometric: str) -> None:
    path = tmp_path / "1.dcm"
    write_slice(path, series(syntax=syntax, photometric=photometric), 4, STORED)
    item = dcmread(path)
    assert item.file_meta.TransferSyntaxUID == syntax
    assert photometric == item.PhotometricInterpretation
    np.testing.assert_array_equal(item.pixel_array, STORED)
    assert (item.BitsAllocated, item.BitsStored, item.HighBit) == (16, 12, 11)
    assert (item.RescaleSlope, item.RescaleIntercept) == (2.5, -12)
    assert item.PixelRepresentation == 0
    assert item.InstanceNumber == 4


def test_person_is_openly_made_up() -> None:
    item = describe_slice(series(), 1)
    assert "Phantom" in str(item.PatientName)
    assert "PHANTOM" in item.PatientID
    assert item.BurnedInAnnotation == "NO"
    assert "PixelData" not in item


def test_window_is_narrower_than_the_range() -> None:
    """A reader that applies the window, a display hint, shows it by clipping."""
    item = describe_slice(series(), 1)
    assert 1 < item.WindowWidth < 2.5 * MAX_STORED


def test_uids_are_unique_where_they_must_be_and_repeat() -> None:
    items = [describe_slice(series(n), i) for n in (1, 2) for i in (1, 2)]
    assert len({item.SOPInstanceUID for item in items}) == 4
    assert len({item.SeriesInstanceUID for item in items}) == 2
    assert len({item.StudyInstanceUID for item in items}) == 1
    assert describe_slice(series(), 1).SOPInstanceUID == items[0].SOPInstanceUID


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_same_bytes_twice(tmp_path: Path, syntax: str) -> None:
    for name in ("a", "b"):
        write_slice(tmp_path / name, series(syntax=syntax), 1, STORED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """Two series of two slices and their DICOMDIR."""
    files = []
    for number in (1, 2):
        for instance in (1, 2):
            file = Path(f"SE{number:06d}") / f"IM{instance:06d}.dcm"
            (tmp_path / file).parent.mkdir(exist_ok=True)
            write_slice(tmp_path / file, series(number), instance, STORED)
            files.append(file)
    write_dicomdir(tmp_path, files)
    return tmp_path


def children(records: dict[int, Dataset], offset: int) -> list[Dataset]:
    """Follow the chain of siblings that starts at a byte offset."""
    found = []
    while offset:
        found.append(records[offset])
        offset = found[-1].OffsetOfTheNextDirectoryRecord
    return found


def test_offsets_lead_through_patient_study_series_to_images(medium: Path) -> None:
    directory = dcmread(medium / "DICOMDIR")
    records = {record.seq_item_tell: record for record in directory.DirectoryRecordSequence}
    start = directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    assert start == directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity
    level, kinds = children(records, start), []
    while level:
        kinds.append([record.DirectoryRecordType for record in level])
        level = [
            below
            for record in level
            for below in children(records, record.OffsetOfReferencedLowerLevelDirectoryEntity)
        ]
    assert kinds == [["PATIENT"], ["STUDY"], ["SERIES"] * 2, ["IMAGE"] * 4]


def test_pydicom_reads_the_directory_as_a_file_set(medium: Path, tmp_path: Path) -> None:
    """On the medium the files had no ending, as a file ID may hold no dot."""
    for path in sorted(medium.rglob("*.dcm")):
        shutil.move(path, path.with_suffix(""))
    listed = FileSet(tmp_path / "DICOMDIR")
    assert len(listed) == 4
    for instance in listed:
        item = instance.load()
        assert instance.SOPInstanceUID == item.SOPInstanceUID
        assert Path(instance.path).name == f"IM{item.InstanceNumber:06d}"
    listed._stage["t"].cleanup()  # else pydicom leaves it to the garbage collector, with a warning


def test_directory_is_the_same_bytes_twice(medium: Path) -> None:
    first = (medium / "DICOMDIR").read_bytes()
    write_dicomdir(medium, [path.relative_to(medium) for path in medium.rglob("*.dcm")])
    assert (medium / "DICOMDIR").read_bytes() == first
