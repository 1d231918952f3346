"""Source 2, against files written as MATLAB lays them out."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import loadmat
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
