"""Files of source 2, read with h5py alone and held against what MATLAB writes."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hqcm.phantom.write_mat import _trace_border, write_cjdata, write_cvind

IMAGE = np.arange(60 * 60, dtype=np.int16).reshape(60, 60)
PID = "MR900007C"


def blob() -> NDArray[np.bool_]:
    """Higher than wide, off centre."""
    rows, columns = np.indices((60, 60))
    return ((rows - 20) / 14) ** 2 + ((columns - 38) / 7) ** 2 < 1


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "1.mat"
    write_cjdata(path, label=2, pid=PID, image=IMAGE, mask=blob())
    return path


def test_user_block_is_matlabs(written: Path) -> None:
    head = written.read_bytes()[:520]
    assert head.startswith(b"MATLAB 7.3 MAT-file, Platform: ")
    assert b"Created on: " in head[:116]
    assert b"HDF5 schema 1.00 ." in head[:116]
    assert head[116:124] == bytes(8)
    assert head[124:128] == b"\x00\x02IM"
    assert head[128:512] == bytes(384)
    assert head[512:].startswith(b"\x89HDF\r\n\x1a\n")


def test_fields_are_as_matlab_lays_them_out(written: Path) -> None:
    with h5py.File(written) as file:
        assert list(file) == ["cjdata"]
        cjdata = file["cjdata"]
        assert cjdata["PID"].dtype == np.uint16
        assert cjdata["PID"].shape == (len(PID), 1)
        assert "".join(chr(code) for code in cjdata["PID"][:, 0]) == PID
        assert cjdata["label"].dtype == np.float64
        assert cjdata["label"].shape == (1, 1)
        assert cjdata["label"][0, 0] == 2
        assert cjdata["image"].dtype == np.int16
        assert cjdata["tumorMask"].dtype == np.uint8
        np.testing.assert_array_equal(cjdata["image"][:].T, IMAGE)
        np.testing.assert_array_equal(cjdata["tumorMask"][:].T, blob())
        assert cjdata["image"].compression == cjdata["tumorMask"].compression == "gzip"


def test_attributes_are_those_of_the_real_files(written: Path) -> None:
    with h5py.File(written) as file:
        cjdata = file["cjdata"]
        assert cjdata.attrs["MATLAB_class"] == b"struct"
        names = [b"".join(name).decode() for name in cjdata.attrs["MATLAB_fields"]]
        assert names == ["label", "PID", "image", "tumorBorder", "tumorMask"]
        classes = {name: dict(cjdata[name].attrs) for name in names}
    assert {name: found["MATLAB_class"] for name, found in classes.items()} == {
        "label": b"double", "PID": b"char", "image": b"int16",
        "tumorBorder": b"double", "tumorMask": b"logical",
    }  # fmt: skip
    assert {found["H5PATH"] for found in classes.values()} == {b"/cjdata"}
    assert classes["PID"]["MATLAB_int_decode"] == 2
    assert classes["tumorMask"]["MATLAB_int_decode"] == 1


def layout(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        return {
            name: (dataset.dtype.str, dataset.compression, dataset.compression_opts,
                   sorted(dataset.attrs), dataset.ndim)
            for name, dataset in file["cjdata"].items()
        } | {"user block": file.userblock_size, "group": sorted(file["cjdata"].attrs)}  # fmt: skip


def test_layout_equals_a_real_file(written: Path, clinical: Path) -> None:
    real = min((clinical / "figshare").rglob("[0-9]*.mat"))
    assert layout(written) == layout(real)


def test_border_is_stored_as_x_and_y_in_turn(written: Path) -> None:
    with h5py.File(written) as file:
        stored = file["cjdata/tumorBorder"][:]
    assert stored.shape == (1, 2 * len(_trace_border(blob())))
    # Counted from 1: the blob spans columns 31 to 45 and rows 6 to 34 counted from 0.
    assert stored[0, 0::2].min() == pytest.approx(32.5, abs=1)
    assert stored[0, 0::2].max() == pytest.approx(45.5, abs=1)
    assert stored[0, 1::2].min() == pytest.approx(7.5, abs=1)
    assert stored[0, 1::2].max() == pytest.approx(34.5, abs=1)


def test_border_outlines_the_mask() -> None:
    """The polygon, filled by another library, is the mask again."""
    mask = np.kron(blob(), np.ones((5, 5))).astype(bool)
    canvas = Image.new("1", (300, 300))
    ImageDraw.Draw(canvas).polygon([(x - 1, y - 1) for x, y in _trace_border(mask)], fill=1)
    filled = np.asarray(canvas)
    assert (filled & mask).sum() / (filled | mask).sum() > 0.95


def test_border_of_a_mask_at_the_edge_stays_inside() -> None:
    mask = np.zeros((20, 30), bool)
    mask[:4, 25:] = True
    x, y = _trace_border(mask).T
    assert x.min() >= 25
    assert x.max() <= 30 + 0.5
    assert y.min() >= 0.5
    assert y.max() <= 4 + 0.5


def test_folds_are_no_slice(tmp_path: Path) -> None:
    write_cvind(tmp_path / "cvind.mat", np.array([1.0, 2.0, 5.0]))
    assert (tmp_path / "cvind.mat").read_bytes().startswith(b"MATLAB 7.3")
    with h5py.File(tmp_path / "cvind.mat") as file:
        assert list(file) == ["cvind"]
        np.testing.assert_array_equal(file["cvind"], [[1, 2, 5]])
        assert file["cvind"].attrs["MATLAB_class"] == b"double"


def test_same_bytes_twice(written: Path, tmp_path: Path) -> None:
    write_cjdata(tmp_path / "again.mat", label=2, pid=PID, image=IMAGE, mask=blob())
    assert (tmp_path / "again.mat").read_bytes() == written.read_bytes()
