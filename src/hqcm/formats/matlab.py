"""Source 2: figshare 1512427 (Cheng), one slice a `.mat` file, in MATLAB v7.3 or v5.

Beside the slices may lie `cvind.mat`, the author's five folds: value i is the fold of `i.mat`.
Expected companion, neither read nor listed: `README*.txt`.
"""

import math
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.cohort.converted import N_FOLDS, Fold, Rejection
from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.formats.native_format import MAX_PIXELS, NativeFormat, RawFile, RawFiles, Task
from hqcm.slices.store import Slice

_LABELS = (MENINGIOMA, GLIOMA, PITUITARY)  # the file's 1, 2, 3, as its README says
_FOLD_INDEX = "cvind.mat"
_COMPANIONS = "readme*.txt"
_FIELDS = ("PID", "label", "image", "tumorMask")


def _plan_matlab(files: RawFiles) -> Iterator[Task | Rejection]:
    """Every `.mat` file is a task, and so is the index of folds, if there is one."""
    numbered: list[str] = []
    indices: list[RawFile] = []
    for file in files:
        name = file.path.name.lower()
        if name == _FOLD_INDEX:
            indices.append(file)
        elif name.endswith(".mat"):
            numbered.append(file.name)
            yield Task(file)
        elif not fnmatch(name, _COMPANIONS):
            yield Rejection(file.name, "must be a .mat file")
    if len(indices) == 1:
        yield Task(indices[0], indexed=tuple(numbered))
    elif indices:
        named = ", ".join(file.name for file in indices)
        yield Rejection(indices[0].name, f"must be the only {_FOLD_INDEX}; got {named}")


def _read_matlab(source: str, task: Task) -> Iterator[Slice | Fold]:
    """The slice of one file, or the folds of all that the index knows."""
    if task.image.path.name.lower() == _FOLD_INDEX:
        yield from _read_folds(source, task)
    else:
        yield _read_slice(source, task.image)


FORMAT = NativeFormat(
    "MATLAB files N.mat with cjdata (figshare 1512427, unpacked)",
    _plan_matlab,
    _read_matlab,
    has_folds=True,
)


def _read_slice(source: str, file: RawFile) -> Slice:
    fields = _read_v73(file.path) if h5py.is_hdf5(file.path) else _read_v5(file.path)
    mask = _plane(fields, "tumorMask") != 0
    image = _plane(fields, "image")
    if mask.shape != image.shape:
        raise ValueError(
            f"cjdata/tumorMask must have the shape of cjdata/image {image.shape}; got {mask.shape}"
        )
    slice_id, group_id = f"{source}/{file.name}", f"{source}-{_patient(fields['PID'])}"
    return Slice(slice_id, source, group_id, _label(fields["label"]), image, mask)


def _read_v73(path: Path) -> dict[str, NDArray[Any]]:
    """HDF5 lists the axes of MATLAB's column-major arrays in reverse: transpose each."""
    with h5py.File(path) as file:
        struct = file.get("cjdata")
        if not isinstance(struct, h5py.Group):
            raise ValueError("must hold the struct cjdata")  # noqa: TRY004  (the file is wrong)
        datasets = {name: struct[name] for name in _present(struct)}
        for name, dataset in datasets.items():
            if not isinstance(dataset, h5py.Dataset) or dataset.size > MAX_PIXELS:
                raise ValueError(f"cjdata/{name} must be an array of {MAX_PIXELS} values or fewer")
        return {name: np.asarray(dataset[()]).T for name, dataset in datasets.items()}


def _read_v5(path: Path) -> dict[str, NDArray[Any]]:
    from scipy.io import loadmat, whosmat  # noqa: PLC0415  (slow to load, for files that are rare)

    # Looked at before it is loaded: a struct that claims a billion elements fills the memory.
    if ("cjdata", (1, 1), "struct") not in whosmat(path, appendmat=False):
        raise ValueError("must hold the struct cjdata")
    struct = loadmat(path, appendmat=False, variable_names=["cjdata"])["cjdata"]
    names = _present(struct.dtype.fields or {})
    return {name: np.asarray(struct[name].item()) for name in names}


def _present(struct: Mapping[str, Any]) -> tuple[str, ...]:
    missing = [name for name in _FIELDS if name not in struct]
    if missing:
        raise ValueError(f"cjdata must hold {', '.join(_FIELDS)}; {', '.join(missing)} missing")
    return _FIELDS


def _plane(fields: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    plane = fields[name]
    if plane.dtype.kind not in "buif":
        raise ValueError(f"cjdata/{name} must be real numbers; got {plane.dtype}")
    if plane.ndim != 2 or plane.size == 0:  # noqa: PLR2004  (rows, cols)
        raise ValueError(f"cjdata/{name} must be (rows, cols), not empty; got {plane.shape}")
    if not np.isfinite(plane).all():
        raise ValueError(f"cjdata/{name} must be finite; got NaN or infinity")
    return np.ascontiguousarray(plane)


def _label(field: NDArray[Any]) -> int:
    legal = dict(enumerate(_LABELS, start=1))
    got = field.item() if field.size == 1 and field.dtype.kind in "uif" else field.tolist()
    if not isinstance(got, int | float) or got not in legal:
        shown = f"{got:g}" if isinstance(got, int | float) else got
        raise ValueError(f"cjdata/label must be one of 1, 2, 3; got {shown}")
    return legal[int(got)]


def _patient(field: NDArray[Any]) -> str:
    """v7.3 keeps text as character codes, v5 as text."""
    codes = field.ravel()
    text = "".join(map(chr, codes) if codes.dtype.kind in "ui" else map(str, codes)).strip()
    if not text or not text.isprintable() or codes.dtype.kind not in "uiU":
        raise ValueError(f"cjdata/PID must be text; got {field.dtype} {field.shape}")
    return text


def _read_folds(source: str, task: Task) -> Iterator[Fold]:
    """The folds of those files whose names are numbers that the index has."""
    fold_of = dict(enumerate(_read_index(task.image.path), start=1))
    for name in task.indexed:
        stem = PurePosixPath(name).stem
        number = int(stem) if stem.isascii() and stem.isdigit() else 0
        if number in fold_of:
            yield Fold(f"{source}/{name}", fold_of[number])


def _read_index(path: Path) -> list[int]:
    values = _read_index_v73(path) if h5py.is_hdf5(path) else _read_index_v5(path)
    is_vector = 0 < values.size == max(values.shape, default=1)
    if values.dtype.kind not in "uif" or not is_vector:
        raise ValueError(
            f"cvind must be a vector of numbers, one a file; got {values.dtype} {values.shape}"
        )
    vector = values.ravel()
    wrong = np.flatnonzero(~np.isin(vector, np.arange(1, N_FOLDS + 1)))
    if wrong.size:
        raise ValueError(
            f"cvind must hold folds 1 to {N_FOLDS}; got {vector[wrong[0]]:g} for file "
            f"{wrong[0] + 1}.mat, {wrong.size} of {vector.size} values are none"
        )
    return [int(fold) for fold in vector]


def _read_index_v73(path: Path) -> NDArray[Any]:
    with h5py.File(path) as file:
        vector = file.get("cvind")
        if not isinstance(vector, h5py.Dataset):
            raise ValueError("must hold the vector cvind")  # noqa: TRY004  (the file is wrong)
        _require_readable(vector.shape)
        return np.asarray(vector[()])


def _read_index_v5(path: Path) -> NDArray[Any]:
    from scipy.io import loadmat, whosmat  # noqa: PLC0415  (slow to load, for files that are rare)

    shapes = {name: shape for name, shape, _ in whosmat(path, appendmat=False)}
    if "cvind" not in shapes:
        raise ValueError("must hold the vector cvind")
    _require_readable(shapes["cvind"])
    return np.asarray(loadmat(path, appendmat=False, variable_names=["cvind"])["cvind"])


def _require_readable(shape: tuple[int, ...] | None) -> None:
    """Before it is read: an array that claims a billion values fills the memory."""
    if shape is None or math.prod(shape) > MAX_PIXELS:
        raise ValueError(f"cvind must be an array of {MAX_PIXELS} values or fewer; got {shape}")
