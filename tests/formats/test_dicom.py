"""Source 1: which files are DICOM, whose they are, and what is refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import convert
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.dicom import _plan_dicom
from hqcm.formats.native_format import Item, RawFile, Task, find_files
from hqcm.formats.reading import _read_task
from hqcm.slices.store import Slice, read_index, read_slices
from native_files import ASYMMETRIC, dicom, rescaling, save_dicom
from toy_format import sort_out

STORED = ASYMMETRIC.astype(np.uint16)


def read_all(path: Path) -> list[Item]:
    return list(_read_task(DICOM, "trainingdatapro", Task(RawFile(f"series/{path.name}", path))))


def read_slice(path: Path) -> Slice:
    (item,) = read_all(path)
    assert isinstance(item, Slice), item
    return item


def reason(path: Path) -> str:
    (item,) = read_all(path)
    assert isinstance(item, Rejection), item
    return item.reason


def write(folder: Path, stored: Any = STORED, name: str = "1.dcm", **elements: Any) -> Path:
    return save_dicom(folder / name, dicom(stored, **elements))


def test_a_slice_is_the_stored_array_of_a_healthy_person(tmp_path: Path) -> None:
    item = read_slice(write(tmp_path))
    np.testing.assert_array_equal(item.image, ASYMMETRIC)
    assert item.image.dtype == np.uint16
    assert (item.slice_id, item.source, item.label, item.mask, item.note) == (
        *("trainingdatapro/series/1.dcm", "trainingdatapro", 0),
        *(None, ""),
    )


def test_frames_are_slices_of_one_patient(tmp_path: Path) -> None:
    stack = np.stack([STORED, STORED + 1, STORED + 2])
    items = [item for item in read_all(write(tmp_path, stack)) if isinstance(item, Slice)]
    assert [item.slice_id for item in items] == [
        f"trainingdatapro/series/1.dcm#{number}" for number in (1, 2, 3)
    ]
    for frame, item in enumerate(items):
        np.testing.assert_array_equal(item.image, ASYMMETRIC + frame)
    assert len({item.group_id for item in items}) == 1


def test_a_stack_of_one_frame_is_a_plain_slice(tmp_path: Path) -> None:
    assert read_slice(write(tmp_path, STORED[None])).slice_id.endswith("1.dcm")


def test_the_patient_is_known_by_a_hash_alone(tmp_path: Path) -> None:
    named = {"PatientName": "Doe^Jane", "PatientID": "JD-1966", "StudyDate": "20130717"}
    for name in ("a/1.dcm", "b/2.dcm"):
        write(tmp_path, name=name, **named)
    write(tmp_path, name="c/3.dcm", PatientID="another")
    convert("trainingdatapro", tmp_path, DICOM, tmp_path / "out.h5")
    first, second, other = read_index(tmp_path / "out.h5")["group_id"]
    assert first == second != other
    content = (tmp_path / "out.h5").read_bytes()
    assert not any(secret in content for secret in (b"Doe", b"JD-1966", b"20130717"))


def test_without_a_patient_the_study_groups_and_without_both_the_file(tmp_path: Path) -> None:
    study: dict[str, Any] = {"PatientID": "", "StudyInstanceUID": "1.2.3"}
    groups = [
        read_slice(write(tmp_path, name=f"{i}.dcm", **elements)).group_id
        for i, elements in enumerate([study, study, {"PatientID": None}, {"PatientID": "1.2.3"}])
    ]
    assert groups[0] == groups[1]
    assert groups[2] == "trainingdatapro/series/2.dcm"
    assert groups[3] != groups[0]  # a patient and a study of one name are not one patient


@pytest.mark.parametrize(
    ("elements", "note"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned-in annotation"),
        ({"BurnedInAnnotation": "NO"}, ""),
        ({"Modality": "CT"}, "not MR"),
        ({"Modality": "CT", "BurnedInAnnotation": "YES"}, "burned-in annotation; not MR"),
    ],
)
def test_what_a_reader_should_know_is_noted(
    tmp_path: Path, elements: dict[str, Any], note: str
) -> None:
    assert read_slice(write(tmp_path, **elements)).note == note


def test_a_file_is_dicom_by_its_content_or_by_its_suffix(tmp_path: Path) -> None:
    write(tmp_path, name="IM000001")
    write(tmp_path, name="2.jpg")  # by its content, whatever it calls itself
    (tmp_path / "3.DCM").write_bytes(b"x")
    (tmp_path / "4.dat").write_bytes(b"x" * 200)
    plan = sort_out(_plan_dicom(find_files(tmp_path)))
    assert [task.image.name for task in plan.tasks] == ["2.jpg", "3.DCM", "IM000001"]
    assert [file for file, _ in plan.rejections] == ["4.dat"]
    assert "must be a DICOM file" in plan.rejections[0].reason


def test_companions_are_silent_and_a_picture_without_its_dicom_is_listed(tmp_path: Path) -> None:
    write(tmp_path, name="s/IM1.dcm")
    write(tmp_path, name="s/1.2.840.7")
    for name in ("s/IM1.jpg", "s/1.2.840.7.JPG", "s/IM2.jpg", "IM1.jpg", "guide.pdf", "DICOMDIR"):
        (tmp_path / name).write_bytes(b"x")
    plan = sort_out(_plan_dicom(find_files(tmp_path)))
    assert len(plan.tasks) == 2
    assert [file for file, _ in plan.rejections] == ["IM1.jpg", "s/IM2.jpg"]


def test_a_file_that_cannot_be_opened_is_left_to_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, name="IM1")

    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert len(sort_out(_plan_dicom(find_files(tmp_path))).tasks) == 1


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-empty.dcm"])
def test_a_directory_of_files_is_none_itself(name: str) -> None:
    assert read_all(Path(str(get_testdata_file(f"dicomdirtests/{name}", download=False)))) == []


def test_a_twin_is_known_however_its_accents_are_written(tmp_path: Path) -> None:
    write(tmp_path, name="T\u00eate.dcm")
    (tmp_path / "Te\u0302te.jpg").write_bytes(b"x")
    assert sort_out(_plan_dicom(find_files(tmp_path))).rejections == []


def test_every_truncation_of_a_file_is_rejected(tmp_path: Path) -> None:
    whole = write(tmp_path).read_bytes()
    for length in range(len(whole)):
        path = tmp_path / "cut.dcm"
        path.write_bytes(whole[:length])
        assert reason(path)


def test_the_order_of_a_converted_folder_is_that_of_the_names(tmp_path: Path) -> None:
    for number, name in enumerate(["b/1.dcm", "a/2.dcm", "a/10.dcm"]):
        write(tmp_path, STORED + number, name=name)
    convert("trainingdatapro", tmp_path, DICOM, tmp_path / "out.h5")
    assert [item.image[0, 0] - 10 for item in read_slices(tmp_path / "out.h5")] == [2, 1, 0]


def test_the_real_files_look_like_their_published_twins(clinical: Path, tmp_path: Path) -> None:
    raw = clinical / "trainingdatapro"
    assert convert("trainingdatapro", raw, DICOM, tmp_path / "out.h5") == []
    slices = list(read_slices(tmp_path / "out.h5"))
    assert len(slices) == 87
    assert len({item.group_id for item in slices}) == 1
    for item in slices:
        file = raw / item.slice_id.removeprefix("trainingdatapro/")
        with Image.open(file.with_suffix(".jpg")) as picture:
            twin = np.asarray(picture.convert("L"))
        assert twin.shape == item.image.shape
        assert np.corrcoef(twin.ravel(), item.image.ravel())[0, 1] > 0.95
        assert str(dcmread(file, stop_before_pixels=True).PatientID) not in item.group_id.split("-")


def test_functional_groups_are_headers_too() -> None:
    group: Dataset = rescaling(2, 3)
    assert group.PixelValueTransformationSequence[0].RescaleSlope == 2
