"""Every case of the catalogue has its outcome, alone and among all others of its reader."""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import h5py
import numpy as np
import pytest
from PIL import Image, ImageOps
from pydicom import dcmread
from pydicom.pixels import apply_modality_lut, pixel_array
from scipy.io import loadmat

from hostile.case import FILE_OF, Array, Case
from hostile.catalogue import CASES
from hqcm.cohort.converted import Rejection
from hqcm.formats import convert as conversion
from hqcm.formats import reading
from hqcm.formats.convert import convert, load_format
from hqcm.formats.native_format import Item, NativeFormat, Task
from hqcm.formats.reading import _read_task
from hqcm.preparation.scaling import scale_image
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import Slice, read_slices

GOOD = {reader: next(case for case in CASES if case.reader == reader) for reader in FILE_OF}


def read_dicom(path: Path) -> list[Array]:
    header = dcmread(path, force=True)
    pixels = apply_modality_lut(pixel_array(header), header)
    return list(pixels.reshape(-1, *pixels.shape[-2:]))


def read_matlab(path: Path) -> list[Array]:
    if not h5py.is_hdf5(path):
        return [loadmat(path)["cjdata"]["image"].item()]
    with h5py.File(path) as file:
        return [file["cjdata/image"][()].T]


def read_picture(path: Path) -> list[Array]:
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
    is_grey = upright.mode in ("L", "I", "F") or upright.mode.startswith("I;16")
    return [np.asarray(upright if is_grey else upright.convert("L"))]


ELSEWHERE = {"dicom": read_dicom, "matlab": read_matlab, "images": read_picture}


def read_here(native: NativeFormat, source: str, tasks: Iterable[Task], _: int) -> Iterator[Item]:
    """In this process: fast, and it must stand what the file does."""
    for task in tasks:
        yield from _read_task(native, source, task)


def test_the_catalogue_is_large_and_a_third_of_it_right() -> None:
    assert len(CASES) >= 80
    assert len({str(case) for case in CASES}) == len(CASES)
    assert 3 * sum(bool(case.right and not case.reasons) for case in CASES) >= len(CASES)


def check(case: Case, raw: Path, slices: dict[str, Slice], rejections: list[Rejection]) -> None:
    """Exactly the slices and rejections that a case says, `raw` being where its files lie."""
    assert list(slices) == sorted(case.right), rejections
    for name, item in slices.items():
        right, (file, _, frame) = case.right[name], name.partition("#")
        if case.is_read_elsewhere and (raw / file).is_file():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                elsewhere = ELSEWHERE[case.reader](raw / file)[int(frame or 1) - 1]
            np.testing.assert_array_equal(item.image, elsewhere)
        if right is not None:
            np.testing.assert_array_equal(item.image, right)
        if name in case.masks:
            np.testing.assert_array_equal(item.mask, case.masks[name])
        elif case.reader != "matlab":
            assert item.mask is None
        assert case.note in item.note
        assert scale_image(item.image, 16).shape == (16, 16)
    assert not case.n_groups or len({item.group_id for item in slices.values()}) == case.n_groups
    assert sorted(file for file, _ in rejections) == sorted(case.reasons)
    for file, reason in rejections:
        assert case.reasons[file] in reason
        assert str(raw) not in reason
        assert reason.isprintable()


def convert_all(reader: str, raw: Path, store: Path) -> tuple[list[Slice], list[Rejection]]:
    rejections = convert("akter", raw, load_format(SourceParams(format=reader)), store)
    return list(read_slices(store)), rejections


@pytest.mark.parametrize("case", [case for case in CASES if not case.needs_process], ids=str)
def test_a_case_has_its_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Beside a good file, but for those that stop the conversion."""
    monkeypatch.setattr(conversion, "read_in_order", read_here)
    (tmp_path / "raw/case").mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's, of what it is made to write
        case.write(tmp_path / "raw/case")
        if not case.stop:
            GOOD[case.reader].write(tmp_path / "raw/good")
    if case.stop:
        with pytest.raises(ValueError, match=re.escape(case.stop)):
            convert_all(case.reader, tmp_path / "raw", tmp_path / "out.h5")
        return
    slices, rejections = convert_all(case.reader, tmp_path / "raw", tmp_path / "out.h5")
    names = [item.slice_id for item in slices]
    assert names[-1] == f"akter/good/{FILE_OF[case.reader]}"
    check(
        case,
        tmp_path / "raw/case",
        {item.slice_id.removeprefix("akter/case/"): item for item in slices[:-1]},
        [Rejection(file.removeprefix("case/"), reason) for file, reason in rejections],
    )


@pytest.mark.slow
@pytest.mark.parametrize("reader", FILE_OF)
def test_no_case_costs_another_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    """All in one folder, read as they are by every conversion: in processes, with limits."""
    monkeypatch.setattr(reading, "_LIMIT_BYTES", 1 << 30)
    cases = {
        f"{number:03}": case
        for number, case in enumerate(CASES)
        if case.reader == reader and not case.stop
    }
    raw = tmp_path / "raw"
    for folder, case in cases.items():
        (raw / folder).mkdir(parents=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.write(raw / folder)
    slices: dict[str, dict[str, Slice]] = defaultdict(dict)
    rejections: dict[str, list[Rejection]] = defaultdict(list)
    all_slices, all_rejections = convert_all(reader, raw, tmp_path / "out.h5")
    for item in all_slices:
        _, folder, *inside = PurePosixPath(item.slice_id).parts
        slices[folder]["/".join(inside)] = item
    for file, reason in all_rejections:
        folder, _, name = file.partition("/")
        rejections[folder].append(Rejection(name, reason))
    for folder, case in cases.items():
        check(case, raw / folder, slices[folder], rejections[folder])
