"""Source 2, against files written as MATLAB lays them out."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_array

from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import convert
from hqcm.formats.matlab import FORMAT as MATLAB
from hqcm.formats.matlab import _plan_matlab
from hqcm.formats.native_format import Item, RawFile, Task, find_files
from hqcm.formats.reading import _read_task
from hqcm.slices.store import Slice, read_index, read_slices
from native_files import ASYMMETRIC, ELLIPSE, Array, cjdata, save_sparse, save_v5, save_v73
from toy_format import sort_out

WRITERS = {"v7.3": save_v73, "v5": save_v5}
FIELDS = ("PID", "label", "image", "tumorMask")


def read_one(path: Path) -> Item:
    (item,) = _read_task(MATLAB, "figshare", Task(RawFile(f"set/{path.name}", path)))
    return item


def read_slice(path: Path) -> Slice:
    item = read_one(path)
    assert isinstance(item, Slice), item
    return item


def reason(path: Path) -> str:
    item = read_one(path)
    assert isinstance(item, Rejection), item
    assert item.file == f"set/{path.name}"
    return item.reason


@pytest.mark.parametrize("version", WRITERS)
def test_a_slice_is_what_matlab_shows(tmp_path: Path, version: str) -> None:
    item = read_slice(WRITERS[version](tmp_path / "812.mat", cjdata(label=2.0)))
    np.testing.assert_array_equal(item.image, ASYMMETRIC)
    assert item.mask is not None
    np.testing.assert_array_equal(item.mask, ASYMMETRIC > 45)
    assert item.image.dtype == np.int16
    assert (item.slice_id, item.source, item.group_id, item.label) == (
        *("figshare/set/812.mat", "figshare", "figshare-100360"),
        2,
    )


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32", "float64"])
def test_intensities_keep_their_type(tmp_path: Path, dtype: str) -> None:
    path = save_v73(tmp_path / "1.mat", cjdata(image=ASYMMETRIC.astype(dtype)))
    assert read_slice(path).image.dtype == dtype


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("label", [1, 2, 3])
def test_labels_of_the_file_are_the_papers(tmp_path: Path, version: str, label: int) -> None:
    assert read_slice(WRITERS[version](tmp_path / "1.mat", cjdata(label=label))).label == label


@pytest.mark.parametrize("shape", [(-1, 1), (1, -1)])
def test_a_patient_id_is_text_in_either_direction(tmp_path: Path, shape: tuple[int, int]) -> None:
    path = save_v73(tmp_path / "1.mat", cjdata())
    with h5py.File(path, "r+") as file:
        del file["cjdata/PID"]
        codes = np.array([ord(c) for c in "MR048294B"], np.uint16)
        file["cjdata/PID"] = codes.reshape(shape)
    assert read_slice(path).group_id == "figshare-MR048294B"


def test_the_mask_is_wherever_the_file_is_not_zero(tmp_path: Path) -> None:
    drawn = np.array([[0, 1, 255], [0, 2, 0]], np.uint8)
    mask = read_slice(save_v73(tmp_path / "1.mat", cjdata(tumorMask=drawn))).mask
    np.testing.assert_array_equal(mask, [[False, True, True], [False, True, False]])


NAN = np.array([[1.0, np.nan, 2.0], [3.0, 4.0, 5.0]])
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "label 4": ({"label": 4.0}, "cjdata/label must be one of 1, 2, 3; got 4"),
    "label 0": ({"label": 0.0}, "cjdata/label must be one of 1, 2, 3; got 0"),
    "label 2.5": ({"label": 2.5}, "cjdata/label must be one of 1, 2, 3; got 2.5"),
    "label nan": ({"label": np.nan}, "cjdata/label must be one of 1, 2, 3; got nan"),
    "two labels": ({"label": [1.0, 2.0]}, "cjdata/label must be one of 1, 2, 3; got [["),
    "no label": ({"label": None}, "cjdata must hold PID, label, image, tumorMask; label missing"),
    "no mask": ({"tumorMask": None}, "tumorMask missing"),
    "no patient": ({"PID": None}, "PID missing"),
    "blank patient": ({"PID": "  "}, "cjdata/PID must be text"),
    "unprintable": ({"PID": "1\x072"}, "cjdata/PID must be text"),
    "nan": ({"image": NAN}, "cjdata/image must be finite; got NaN or infinity"),
    "infinity": ({"image": NAN * np.inf}, "cjdata/image must be finite"),
    "nan mask": ({"tumorMask": NAN}, "cjdata/tumorMask must be finite"),
    "empty": ({"image": np.zeros((0, 0))}, "cjdata/image must be (rows, cols), not empty"),
    "volume": ({"image": np.zeros((2, 3, 4))}, "cjdata/image must be (rows, cols), not empty"),
    "complex": ({"image": ASYMMETRIC * 1j}, "cjdata/image must be real numbers; got complex128"),
    "other shape": (
        {"tumorMask": np.ones((3, 2), np.uint8)},
        "cjdata/tumorMask must have the shape of cjdata/image (2, 3); got (3, 2)",
    ),
}


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("name", BROKEN)
def test_what_the_source_never_holds_is_rejected(tmp_path: Path, version: str, name: str) -> None:
    fields, said = BROKEN[name]
    assert said in reason(WRITERS[version](tmp_path / "1.mat", cjdata(**fields)))


def test_a_patient_number_is_no_text(tmp_path: Path) -> None:
    assert "cjdata/PID must be text" in reason(save_v5(tmp_path / "1.mat", cjdata(PID=100360.5)))


def test_another_mat_file_is_rejected(tmp_path: Path) -> None:
    savemat(tmp_path / "v5.mat", {"other": 1})
    savemat(tmp_path / "flat.mat", {"cjdata": np.eye(3)})
    with h5py.File(tmp_path / "v73.mat", "w") as file:
        file["cjdata"] = 1
    for name in ("v5.mat", "flat.mat", "v73.mat"):
        assert reason(tmp_path / name) == "must hold the struct cjdata"


def test_a_field_that_is_itself_a_struct_is_rejected(tmp_path: Path) -> None:
    path = save_v73(tmp_path / "1.mat", cjdata(image=None))
    with h5py.File(path, "r+") as file:
        file["cjdata/image/nested"] = 1
    assert reason(path) == "cjdata/image must be real numbers; got a struct"


TUMOUR = (ELLIPSE > 9000) & (ELLIPSE < 15000)


def save_with(path: Path, name: str, value: Any, kind: str) -> Path:
    """A v7.3 file with one field of a MATLAB class."""
    save_v73(path, cjdata(**{name: None}))
    with h5py.File(path, "r+") as file:
        file[f"cjdata/{name}"] = value
        file[f"cjdata/{name}"].attrs["MATLAB_class"] = np.bytes_(kind)
    return path


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("drawn", [TUMOUR, TUMOUR * 2.0, np.zeros((48, 64), bool)])
def test_a_sparse_mask_is_read_in_full(tmp_path: Path, version: str, drawn: Array) -> None:
    path = tmp_path / "1.mat"
    if version == "v5":
        save_v5(path, cjdata(image=ELLIPSE, tumorMask=csc_array(drawn)))
    else:
        save_v73(path, cjdata(image=ELLIPSE, tumorMask=None))
        with h5py.File(path, "r+") as file:
            save_sparse(file, "cjdata/tumorMask", drawn)
    item = read_slice(path)
    np.testing.assert_array_equal(item.image, ELLIPSE)
    np.testing.assert_array_equal(item.mask, drawn != 0)


SPOILED: dict[str, tuple[str, Any, str]] = {
    "row": ("ir", [1, 2, 48], "must have every entry in (48, 64); got a sparse matrix"),
    "backwards": ("jc", [3, *[0] * 64], "must have every entry in (48, 64); got a sparse matrix"),
    "too few": ("data", [1], "must have every entry in (48, 64); got a sparse matrix"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_sparse_mask_that_contradicts_itself_is_rejected(tmp_path: Path, name: str) -> None:
    part, values, said = SPOILED[name]
    path = save_v73(tmp_path / "1.mat", cjdata(image=ELLIPSE, tumorMask=None))
    with h5py.File(path, "r+") as file:
        drawn = np.zeros((48, 64))
        drawn[[1, 2, 40], 5] = 1
        group = save_sparse(file, "cjdata/tumorMask", drawn)
        del group[part]
        group[part] = np.array(values)
    assert reason(path) == f"cjdata/tumorMask {said}"


def test_a_sparse_bomb_is_rejected_before_it_is_filled(tmp_path: Path) -> None:
    said = "cjdata/tumorMask must be an array of 67108864 values or fewer; got (1073741824, "
    path = save_v73(tmp_path / "1.mat", cjdata(tumorMask=None))
    with h5py.File(path, "r+") as file:
        save_sparse(file, "cjdata/tumorMask", TUMOUR).attrs["MATLAB_sparse"] = 1 << 30
    assert said in reason(path)
    bomb = csc_array((1 << 30, 3), dtype=np.float64)
    assert said in reason(save_v5(tmp_path / "2.mat", cjdata(tumorMask=bomb)))


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("dtype", ["uint32", "uint16", "float64"])
def test_a_patient_number_is_what_text_would_say(tmp_path: Path, version: str, dtype: str) -> None:
    number = np.array([[30360 if dtype == "uint16" else 100360]], dtype)
    path = tmp_path / "1.mat"
    if version == "v5":
        save_v5(path, cjdata(PID=number))
    else:
        save_with(path, "PID", number, dtype.replace("float64", "double"))
    assert read_slice(path).group_id == f"figshare-{number.item()}".removesuffix(".0")


def test_a_number_without_a_class_is_no_character(tmp_path: Path) -> None:
    path = save_v73(tmp_path / "1.mat", cjdata(PID=None))
    with h5py.File(path, "r+") as file:
        file["cjdata/PID"] = np.array([[100360]], np.uint32)
    assert read_slice(path).group_id == "figshare-100360"


# A string, "100360" in MATLAB, is six numbers that refer to another part of the file.
STRING = np.array([[0xDD000000, 2, 1, 1, 1, 1]], np.uint32)
CLASSES: dict[str, tuple[str, Any, str, str]] = {
    "string": ("PID", STRING, "string", "PID must be text or one whole number; got a string"),
    "string label": ("label", STRING, "string", "label must be one of 1, 2, 3; got a string"),
    "table": ("image", STRING, "table", "image must be real numbers; got a table"),
    "no text": ("PID", np.zeros(2, "u8"), "char", "PID must be text or one whole number; got <U1"),
    "numbers": ("PID", np.ones((1, 6)), "double", "text or one whole number; got float64 (6, 1)"),
    "below zero": (
        "PID",
        [[-1]],
        "int32",
        "PID must be text or one whole number; got int64 (1, 1)",
    ),
    "logical": ("PID", [[True]], "logical", "PID must be text or one whole number; got bool"),
    "text": ("label", np.array([[50]], "u2"), "char", "label must be one of 1, 2, 3; got [['2']]"),
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_that_is_not_read_is_named_with_its_field(tmp_path: Path, name: str) -> None:
    field, value, kind, said = CLASSES[name]
    path = save_with(tmp_path / "1.mat", field, value, kind)
    if name == "no text":
        with h5py.File(path, "r+") as file:
            file["cjdata/PID"].attrs["MATLAB_empty"] = 1
    assert said in reason(path)


def test_a_cell_is_named_in_either_version(tmp_path: Path) -> None:
    said = "cjdata/PID must be text or one whole number; got a cell"
    cell = np.array([["100360"]], object)
    assert reason(save_v5(tmp_path / "5.mat", cjdata(PID=cell))) == said
    path = save_v73(tmp_path / "7.mat", cjdata(PID=None))
    with h5py.File(path, "r+") as file:
        file["#refs#/a"] = 1
        file["cjdata/PID"] = np.array([[file["#refs#/a"].ref]], h5py.ref_dtype)
        file["cjdata/PID"].attrs["MATLAB_class"] = np.bytes_("cell")
    assert reason(path) == said


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"s0": "PID", "s1": "MCOS", "s2": b"string"}, "string"), ({"a": 1}, "struct")],
)
def test_an_object_of_a_v5_file_is_named_by_its_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], kind: str
) -> None:
    """As scipy gives one, which it does not write."""
    path, struct = (
        save_v5(tmp_path / "1.mat", cjdata()),
        np.empty((1, 1), [(n, "O") for n in FIELDS]),
    )
    opaque = np.empty((1,), [(name, "O") for name in fields])
    opaque[0] = tuple(fields.values())
    struct[0, 0] = (opaque, *(np.ones((2, 2)) for _ in FIELDS[1:]))
    monkeypatch.setattr("scipy.io.loadmat", lambda *_, **__: {"cjdata": struct})
    assert reason(path) == f"cjdata/PID must be text or one whole number; got a {kind}"


def test_what_came_in_place_of_a_mat_file_is_shown(tmp_path: Path) -> None:
    for content, shown in {
        b"<!DOCTYPE html>\n<html lang=en>": "'<!DOCTYPE html>\\n<html la', a web page or XML",
        b"version https://git-lfs.github.com/": "'version https://git-lfs.', a Git LFS pointer",
        b"PK\x03\x04\x14\0\0\0": "'PK\\x03\\x04\\x14\\x00\\x00\\x00', a zip archive",
        b"MATLAB": "'MATLAB'",
    }.items():
        (tmp_path / "1.mat").write_bytes(content)
        assert reason(tmp_path / "1.mat") == f"is no MATLAB file: begins with {shown}"


def test_a_bomb_is_rejected_before_it_is_read(tmp_path: Path) -> None:
    path = save_v73(tmp_path / "1.mat", cjdata(image=None))
    with h5py.File(path, "r+") as file:
        file["cjdata"].create_dataset("image", (1 << 20, 1 << 20), np.int16, chunks=(64, 64))
    assert "cjdata/image must be an array of 67108864 values or fewer" in reason(path)


@pytest.mark.parametrize("version", WRITERS)
def test_half_a_file_is_rejected(tmp_path: Path, version: str) -> None:
    image = np.arange(4096.0).reshape(64, 64)
    path = WRITERS[version](tmp_path / "1.mat", cjdata(image=image, tumorMask=image))
    assert isinstance(read_one(path), Slice)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert reason(path)


@pytest.mark.parametrize("content", [b"", b"MATLAB", b"\0" * 600, b"%PDF-1.4 " * 99])
def test_what_is_no_mat_file_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1.mat").write_bytes(content)
    assert str(tmp_path) not in reason(tmp_path / "1.mat")


def test_companions_are_silent_and_the_unexpected_is_listed(tmp_path: Path) -> None:
    for name in ("cvind.mat", "README 2024.txt", "set/7.MAT", "set/7.jpg", "data.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    plan = sort_out(_plan_matlab(find_files(tmp_path)))
    assert [task.image.name for task in plan.tasks] == ["set/7.MAT", "cvind.mat"]
    assert plan.rejections == [
        Rejection("data.zip", "must be a .mat file"),
        Rejection("set/7.jpg", "must be a .mat file"),
    ]


def test_the_toy_files_are_what_their_versions_say(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match=r"Please use HDF reader for matlab v7\.3 files"):
        loadmat(save_v73(tmp_path / "1.mat", cjdata()))
    assert not h5py.is_hdf5(save_v5(tmp_path / "2.mat", cjdata()))


def test_the_real_files(clinical: Path, tmp_path: Path) -> None:
    assert convert("figshare", clinical / "figshare", MATLAB, tmp_path / "out.h5") == []
    index = read_index(tmp_path / "out.h5")
    assert index.groupby("label").size().to_dict() == {1: 118, 2: 121, 3: 116}
    assert index.groupby("label")["group_id"].nunique().to_dict() == {1: 24, 2: 15, 3: 19}
    assert index["group_id"].nunique() == 24 + 15 + 19
    sizes = [
        int(item.mask.sum()) for item in read_slices(tmp_path / "out.h5") if item.mask is not None
    ]
    assert len(sizes) == 355
    assert 255 <= min(sizes) <= max(sizes) <= 19_296  # of all 3,064 masks


def test_the_drawn_border_runs_around_the_real_masks(clinical: Path) -> None:
    """`tumorBorder` (x1, y1, x2, y2 ...) is in the file, is not read, and fixes the orientation."""
    for path in sorted((clinical / "figshare").rglob("*.mat"))[::30]:
        with h5py.File(path) as file:
            border = file["cjdata/tumorBorder"][()].ravel()
        mask = read_slice(path).mask
        assert mask is not None
        rows, cols = np.nonzero(mask)
        assert np.abs(border[0::2].mean() - cols.mean()) < 8
        assert np.abs(border[1::2].mean() - rows.mean()) < 8


def test_a_struct_that_claims_a_billion_elements_is_not_loaded(tmp_path: Path) -> None:
    path = save_v5(tmp_path / "1.mat", cjdata())
    one_element = np.array([1, 1], "<i4").tobytes()
    claimed = np.array([1, 2**30], "<i4").tobytes()
    path.write_bytes(path.read_bytes().replace(one_element, claimed, 1))
    assert reason(path) == "must hold the struct cjdata"


def test_spoiled_v5_files_cost_only_themselves(tmp_path: Path) -> None:
    """Changed bytes crash scipy's reader now and then; whether here too, the outcome is listed."""
    content = save_v5(tmp_path / "seed.mat", cjdata()).read_bytes()
    rng = np.random.default_rng(7)
    (tmp_path / "raw").mkdir()
    for number in range(100):
        spoiled = np.frombuffer(content, np.uint8).copy()
        spoiled[rng.integers(0, len(spoiled), 2)] = rng.integers(0, 256, 2)
        (tmp_path / "raw" / f"{number}.mat").write_bytes(spoiled.tobytes())
    rejections = convert("figshare", tmp_path / "raw", MATLAB, tmp_path / "out.h5")
    assert 0 < len(rejections) < 100
    assert len(rejections) + len(read_index(tmp_path / "out.h5")) == 100
