"""The fold index of source 2: what is read of it, and what becomes of one that is none."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy.io import savemat
from scipy.sparse import eye_array

from hqcm.cohort.converted import Fold, Rejection, read_folds
from hqcm.formats.convert import convert
from hqcm.formats.matlab import FORMAT as MATLAB
from hqcm.formats.matlab import _plan_matlab
from hqcm.formats.native_format import find_files
from hqcm.formats.reading import _read_task
from native_files import cjdata, save_v73
from toy_format import TOY, sort_out, write_raw


def save_v73_index(path: Path, values: ArrayLike, name: str = "cvind") -> None:
    """As MATLAB v7.3: HDF5 behind 512 bytes, the axes in reverse."""
    with h5py.File(path, "w", userblock_size=512) as file:
        file[name] = np.asarray(values).T
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


def save_v5_index(path: Path, values: ArrayLike, name: str = "cvind") -> None:
    savemat(path, {name: values})


WRITERS = {"v7.3": save_v73_index, "v5": save_v5_index}


def make_raw(folder: Path, *names: str) -> Path:
    """A raw folder; the files stay empty, since only their names count."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def write_and_read(raw: Path) -> tuple[dict[str, int], list[Rejection]]:
    """The folds and what is wrong with the index; the slices' files are empty and not read."""
    tasks, rejections = sort_out(_plan_matlab(find_files(raw)))
    found = [
        item for task in tasks if task.indexed for item in _read_task(MATLAB, "figshare", task)
    ]
    rejections += [item for item in found if isinstance(item, Rejection)]
    folds = {item.slice_id: item.fold for item in found if isinstance(item, Fold)}
    return folds, [item for item in rejections if item.file.endswith("cvind.mat")]


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("shape", [(1, -1), (-1, 1)])
@pytest.mark.parametrize("dtype", [np.float64, np.uint8])
def test_value_i_is_the_fold_of_file_i(
    tmp_path: Path, version: str, shape: tuple[int, int], dtype: Any
) -> None:
    raw = make_raw(tmp_path / "raw", "a_1-2/2.mat", "a_1-2/1.mat", "b_3-10/10.MAT", "b_3-10/3.mat")
    WRITERS[version](
        raw / "cvind.mat", np.array([5, 1, 2, 3, 3, 3, 3, 3, 3, 4], dtype).reshape(shape)
    )
    assert write_and_read(raw) == (
        {
            "figshare/a_1-2/1.mat": 5,
            "figshare/a_1-2/2.mat": 1,
            "figshare/b_3-10/10.MAT": 4,
            "figshare/b_3-10/3.mat": 2,
        },
        [],
    )


def test_all_of_the_real_numbers_have_the_fold_of_their_patient(tmp_path: Path) -> None:
    numbers = np.arange(1, 3065)
    names = [f"brainTumorDataPublic_{1 + (n - 1) // 766}/{n}.mat" for n in numbers]
    raw, folds = make_raw(tmp_path / "raw", *names), numbers // 13 % 5 + 1
    save_v73_index(raw / "cvind.mat", folds.astype(float).reshape(1, -1))
    found, rejections = write_and_read(raw)
    assert rejections == []
    assert found == {f"figshare/{name}": fold for name, fold in zip(names, folds, strict=True)}


def test_files_that_the_index_does_not_know_have_no_fold(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", *(f"{stem}.mat" for stem in ("0", "1", "3", "one", "²", "-1")))
    make_raw(raw, "2.jpg", "README 2.txt")
    save_v73_index(raw / "CVIND.mat", [[1.0, 2.0]])
    assert write_and_read(raw) == ({"figshare/1.mat": 1}, [])


def test_without_an_index_there_is_the_header_alone(tmp_path: Path) -> None:
    save_v73(tmp_path / "raw/1.mat", cjdata())
    store, folds = tmp_path / "out.h5", tmp_path / "out.csv"
    assert convert("figshare", tmp_path / "raw", MATLAB, store, folds=folds) == []
    assert folds.read_bytes() == b"slice_id,fold\n"


def test_another_format_writes_no_folds(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="1")
    assert convert("akter", raw, TOY, tmp_path / "out.h5", folds=tmp_path / "out.csv") == []
    assert not (tmp_path / "out.csv").exists()


BROKEN: dict[str, tuple[Any, str]] = {
    "fold 6": ([[1, 6, 2, 7]], "cvind must hold folds 1 to 5; got 6 for file 2.mat, 2 of 4 "),
    "fold 0": ([[0.0, 1.0]], "cvind must hold folds 1 to 5; got 0 for file 1.mat"),
    "half a fold": ([[1, 1.5]], "cvind must hold folds 1 to 5; got 1.5 for file 2.mat"),
    "no number": ([[1, np.nan]], "cvind must hold folds 1 to 5; got nan for file 2.mat"),
    "a table": (
        [[1, 2], [3, 4]],
        "cvind must be a vector of numbers, one a file; got int64 (2, 2)",
    ),
    "nothing": (
        np.zeros((0, 0)),
        "cvind must be a vector of numbers, one a file; got float64 (0, 0)",
    ),
    "complex": ([[1j, 2]], "cvind must be a vector of numbers, one a file; got complex128"),
}


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize("name", BROKEN)
def test_an_index_that_is_none_is_listed(tmp_path: Path, version: str, name: str) -> None:
    values, said = BROKEN[name]
    raw = make_raw(tmp_path / "raw", "1.mat", "2.mat")
    WRITERS[version](raw / "cvind.mat", values)
    found, (rejection,) = write_and_read(raw)
    assert found == {}
    assert rejection.file == "cvind.mat"
    assert said in rejection.reason


@pytest.mark.parametrize("version", WRITERS)
def test_another_vector_is_no_index(tmp_path: Path, version: str) -> None:
    raw = make_raw(tmp_path / "raw", "1.mat")
    WRITERS[version](raw / "cvind.mat", [[1, 2]], name="folds")
    rejected = Rejection("cvind.mat", "must hold the vector cvind")
    assert write_and_read(raw) == ({}, [rejected])


def test_a_struct_is_no_index(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", "1.mat")
    with h5py.File(raw / "cvind.mat", "w") as file:
        file["cvind/values"] = [1, 2]
    assert write_and_read(raw)[1] == [Rejection("cvind.mat", "must hold the vector cvind")]
    savemat(raw / "cvind.mat", {"cvind": eye_array(2, format="csc")})
    assert "cvind must be a vector of numbers" in write_and_read(raw)[1][0].reason


def test_a_bomb_is_not_read(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", "1.mat")
    said = "cvind must be an array of 67108864 values or fewer; got"
    with h5py.File(raw / "cvind.mat", "w") as file:
        file.create_dataset("cvind", (1, 1 << 40), np.float64, chunks=(1, 64))
    assert said in write_and_read(raw)[1][0].reason
    with h5py.File(raw / "cvind.mat", "w") as file:
        file["cvind"] = h5py.Empty(np.float64)
    assert f"{said} None" in write_and_read(raw)[1][0].reason
    savemat(raw / "cvind.mat", {"cvind": np.ones((1, 77))})
    claimed = (raw / "cvind.mat").read_bytes()
    shape, huge = (np.array([1, n], "<i4").tobytes() for n in (77, 2**30))
    (raw / "cvind.mat").write_bytes(claimed.replace(shape, huge, 1))
    assert f"{said} (1, 1073741824)" in write_and_read(raw)[1][0].reason


def test_what_is_no_mat_file_is_listed(tmp_path: Path) -> None:
    for content in (b"", b"MATLAB", b"\0" * 600):
        raw = make_raw(tmp_path / "raw", "1.mat")
        (raw / "cvind.mat").write_bytes(content)
        found, (rejection,) = write_and_read(raw)
        assert (found, rejection.file) == ({}, "cvind.mat")
        assert str(tmp_path) not in rejection.reason
        assert ("file must not be empty" in rejection.reason) == (content == b"")


def test_two_indices_are_one_too_many(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", "a/1.mat", "b/2.mat")
    for folder in ("a", "b"):
        save_v73_index(raw / folder / "cvind.mat", [[1, 2]])
    said = "must be the only cvind.mat; got a/cvind.mat, b/cvind.mat"
    assert write_and_read(raw) == ({}, [Rejection("a/cvind.mat", said)])


@pytest.mark.parametrize("version", WRITERS)
def test_spoiled_bytes_are_folds_or_a_rejection(tmp_path: Path, version: str) -> None:
    """Never an exception; v5 is only cut, because each would need a process of its own."""
    raw, rng = make_raw(tmp_path / "raw", "1.mat", "2.mat"), np.random.default_rng(7)
    WRITERS[version](raw / "cvind.mat", np.ones((1, 64)))
    content = (raw / "cvind.mat").read_bytes()
    outcomes = set()
    for number in range(40 if version == "v7.3" else 2):
        spoiled = np.frombuffer(content, np.uint8).copy()
        if version == "v7.3":
            spoiled[rng.integers(512, len(spoiled), 4)] = rng.integers(0, 256, 4)
        cut = rng.integers(len(spoiled)) if number % 2 else None
        (raw / "cvind.mat").write_bytes(spoiled[:cut].tobytes())
        found, rejections = write_and_read(raw)
        assert bool(found) != bool(rejections)
        outcomes.add(bool(found))
    assert outcomes == {True, False}


def test_the_index_changes_no_byte_of_the_store(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for number in range(1, 4):
        save_v73(raw / f"{number}.mat", cjdata(PID=f"1{number}"))
    assert convert("figshare", raw, MATLAB, tmp_path / "without.h5") == []
    save_v73_index(raw / "cvind.mat", [[3, 1, 2]])
    folds = tmp_path / "folds.csv"
    assert convert("figshare", raw, MATLAB, tmp_path / "with.h5", folds=folds) == []
    assert (tmp_path / "with.h5").read_bytes() == (tmp_path / "without.h5").read_bytes()
    assert read_folds(folds).to_numpy().tolist() == [
        ["figshare/1.mat", 3],
        ["figshare/2.mat", 1],
        ["figshare/3.mat", 2],
    ]
