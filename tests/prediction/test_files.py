"""Which files are meant, and what is read of them."""

import sys
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy.io import savemat

from hqcm.cohort.converted import Rejection
from hqcm.formats.native_format import NativeFormat, RawFile, Task
from hqcm.formats.reading import _read_task
from hqcm.prediction.files import _plan, _read, find_inputs, find_kind
from hqcm.prediction.nifti import read_plane
from hqcm.preparation.scaling import scale_image
from hqcm.slices.store import Slice
from native_files import ELLIPSE, cjdata, dicom, save_dicom, save_picture, save_v5, save_v73

GREY = (ELLIPSE // 80).astype(np.uint8)
# Right, front, top: no two values alike, so that any turn shows.
VOLUME = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)


def save_nifti(path: Path, volume: np.ndarray, axes: str = "RAS") -> Path:
    """A volume given with axes to the right, the front and the top, stored along others."""
    image = nib.Nifti1Image(volume, np.eye(4))
    to = nib.orientations.axcodes2ornt(tuple(axes))
    nib.save(
        image.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(np.eye(4)), to)),
        path,
    )
    return path


def read(path: Path, number: int | None = None) -> list[object]:
    native = NativeFormat("toy", _plan, partial(_read, 16, number))
    return [*_read_task(native, "input", Task(RawFile(str(path), path)))]


def reason(path: Path, number: int | None = None) -> str:
    (item,) = read(path, number)
    assert isinstance(item, Rejection), item
    return item.reason


@pytest.mark.parametrize("axes", ["RAS", "LPS", "ASR", "PIL", "SLP", "IRA"])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_volume_is_looked_at_as_radiologists_do(tmp_path: Path, axes: str, suffix: str) -> None:
    path = save_nifti(tmp_path / f"v{suffix}", VOLUME, axes)
    for number in (None, 1, 7):
        plane = read_plane(path, number)
        assert plane.number == (number or 4)
        expected = VOLUME[::-1, ::-1, plane.number - 1].T  # front on top, right on the left
        np.testing.assert_array_equal(plane.image, expected)


def test_a_single_slice_and_a_single_time_are_volumes_too(tmp_path: Path) -> None:
    flat = VOLUME[:, :, 0]
    for name, volume in {
        "flat": flat,
        "one": VOLUME[:, :, :1],
        "time": VOLUME[..., :1, None],
    }.items():
        path = tmp_path / f"{name}.nii"
        nib.save(nib.Nifti1Image(volume, np.eye(4)), path)
        np.testing.assert_array_equal(read_plane(path, None).image, flat[::-1, ::-1].T)


def test_what_is_no_volume_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_nifti(tmp_path / "v.nii", VOLUME)
    assert reason(path, 8) == "slice number must be 1 to 7; got 8"
    for volume, must in (
        (np.stack([VOLUME, VOLUME], -1), "volume must have three axes, one image in time"),
        (VOLUME.astype(np.complex64), "volume must be of real numbers"),
        (VOLUME[:, :1], "axial slice must be 2 px wide or more"),
    ):
        nib.save(nib.Nifti1Image(volume, np.eye(4)), tmp_path / "w.nii")
        assert reason(tmp_path / "w.nii").startswith(must)
    header = nib.Nifti1Header()
    header.set_data_shape(VOLUME.shape)
    header.set_sform(np.zeros((4, 4)), code=1)
    nib.save(nib.Nifti1Image(VOLUME, None, header), tmp_path / "w.nii")
    assert reason(tmp_path / "w.nii").startswith("affine must say how the volume lies")
    monkeypatch.setitem(sys.modules, "nibabel", None)
    assert reason(path).startswith("nibabel must be installed to read NIfTI; pip install")


def test_a_slice_is_prepared_whatever_its_format(tmp_path: Path) -> None:
    stack = np.stack([ELLIPSE, ELLIPSE[:, ::-1]])
    found = {
        path.name: read(path)
        for path in (
            save_dicom(tmp_path / "one.dcm", dicom(ELLIPSE)),
            save_dicom(tmp_path / "two", dicom(stack)),
            save_v73(tmp_path / "new.mat", cjdata(image=ELLIPSE, tumorMask=ELLIPSE > 9000)),
            save_v5(tmp_path / "old.mat", cjdata(image=ELLIPSE, tumorMask=ELLIPSE > 9000)),
            save_picture(tmp_path / "grey.png", GREY),
        )
    }
    assert {name: len(items) for name, items in found.items()} == {
        name: 1 + (name == "two") for name in found
    }
    for name, items in found.items():
        for number, item in enumerate(items):
            assert isinstance(item, Slice), item
            native = GREY if name == "grey.png" else stack[number]
            np.testing.assert_array_equal(item.image, scale_image(native, 16))
            assert item.group_id == str(tmp_path / name)
            frame = f"#{number + 1}" if name == "two" else ""
            assert item.slice_id == item.group_id + frame


def test_the_header_is_asked_whether_it_is_mr_of_a_head(tmp_path: Path) -> None:
    for elements, note in (
        ({}, ""),
        ({"BodyPartExamined": "BRAIN WO"}, ""),
        ({"BodyPartExamined": "KNEE"}, "not a head"),
        ({"BodyPartExamined": "CHEST", "Modality": "CT"}, "not MR; not a head"),
    ):
        (item,) = read(save_dicom(tmp_path / "one.dcm", dicom(ELLIPSE, **elements)))
        assert isinstance(item, Slice)
        assert item.note == note


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.DCM", b"", "dicom"),
        ("a.nii.gz", b"", "nifti"),
        ("a", bytes(128) + b"DICM", "dicom"),
        ("a.tmp", b"\x89PNG\r\n\x1a\n", "picture"),
        ("a.bin", b"\xff\xd8\xff\xe0", "picture"),
        ("a", b"MATLAB 7.3 MAT-file, Platform", "matlab"),
        ("a.txt", b"words", None),
    ],
)
def test_a_kind_is_known_by_name_or_content(
    tmp_path: Path, name: str, content: bytes, kind: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert find_kind(path) == kind


def test_of_a_folder_what_holds_slices_is_read(tmp_path: Path) -> None:
    save_dicom(tmp_path / "in/b/scan.dcm", dicom(ELLIPSE))
    for name in ("b/scan.jpg", "b/scan_mask.png", "Mask/1.png", "a.png", "c_m.png"):
        save_picture(tmp_path / "in" / name, GREY)
    for name in ("readme.txt", "cvind.mat", ".hidden.png"):
        (tmp_path / "in" / name).write_bytes(b"words")
    (tmp_path / "empty").mkdir()
    mask = tmp_path / "in/c_m.png"  # named, so it is meant
    inputs = find_inputs([mask, tmp_path / "in", tmp_path / "no.png", tmp_path / "empty", mask])
    assert inputs.files.inside == [
        str(mask),
        *(str(tmp_path / f"in/{n}") for n in ("a.png", "b/scan.dcm")),
    ]
    assert inputs.n_left_out == 6
    wanted = "must hold a DICOM, MATLAB, PNG, JPEG or NIfTI file or more"
    assert inputs.rejections == [
        Rejection(str(tmp_path / "no.png"), "must exist"),
        Rejection(str(tmp_path / "empty"), wanted),
    ]


def test_what_holds_no_slice_is_said(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    assert reason(tmp_path / "words.txt").startswith("must be a DICOM, MATLAB, PNG, JPEG or NIfTI")
    (tmp_path / "empty.png").touch()
    assert reason(tmp_path / "empty.png") == "file must not be empty; got 0 bytes"
    savemat(tmp_path / "cvind.mat", {"cvind": np.array([1.0, 2.0])})
    assert reason(tmp_path / "cvind.mat") == "must hold a slice; got an index of others"
