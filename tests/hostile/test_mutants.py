"""Bytes changed at random: every outcome is a slice or a rejection, never an exception."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hqcm.cohort.converted import Rejection
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.images import FORMAT as IMAGES
from hqcm.formats.matlab import FORMAT as MATLAB
from hqcm.formats.native_format import NativeFormat, RawFile, Task
from hqcm.formats.reading import _read_task
from hqcm.slices.store import Slice
from native_files import ASYMMETRIC, cjdata, dicom, save_dicom, save_picture, save_v5, save_v73

N_MUTANTS = 100
PICTURES = ["png", "jpeg", "gif", "tiff", "webp", "bmp"]
GREY = np.kron(ASYMMETRIC, np.ones((4, 4))).astype(np.uint8)


def write_seed(name: str, path: Path) -> NativeFormat:
    """A sound file to spoil, and its format."""
    match name:
        case "dicom":
            save_dicom(path, dicom(np.stack([GREY.astype(np.uint16)] * 2)))
            return DICOM
        case "v7.3":
            save_v73(path, cjdata())
        case "v5":
            save_v5(path.with_suffix(".mat"), cjdata()).rename(path)
        case _:
            save_picture(path, GREY, format=name)
            return IMAGES
    return MATLAB


def mutants(content: bytes, n_changed: int) -> Iterator[bytes]:
    """Every second one is cut short."""
    rng = np.random.default_rng(7)
    for number in range(N_MUTANTS):
        spoiled = np.frombuffer(content, np.uint8).copy()
        where = rng.integers(0, len(spoiled), n_changed)
        spoiled[where] = rng.integers(0, 256, len(where))
        yield spoiled[: rng.integers(len(spoiled)) if number % 2 else None].tobytes()


# scipy's reader of v5 itself crashes on a few of a thousand files with changed bytes, so that
# its files are only cut here; test_matlab changes them in a process of their own.
N_CHANGED = {"v5": 0, **dict.fromkeys(["dicom", "v7.3", *PICTURES], 2)}


@pytest.mark.parametrize("name", N_CHANGED)
def test_a_spoiled_file_is_a_slice_or_a_rejection(tmp_path: Path, name: str) -> None:
    path = tmp_path / "image" / "1" / "seed"
    path.parent.mkdir(parents=True)
    native = write_seed(name, path)
    kinds = set()
    for content in mutants(path.read_bytes(), N_CHANGED[name]):
        path.write_bytes(content)
        for item in _read_task(native, "akter", Task(RawFile("image/1/seed", path))):
            kinds.add(type(item))
            assert not isinstance(item, Rejection) or str(tmp_path) not in item.reason
    assert kinds == {Slice, Rejection}
