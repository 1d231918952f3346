"""Source 2: figshare 1512427 (Cheng), one slice a `.mat` file, in MATLAB v7.3 or v5.

Beside the slices may lie `cvind.mat`, the author's five folds: value i is the fold of `i.mat`.
Expected companion, neither read nor listed: `README*.txt`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.cohort.converted import N_FOLDS, Fold, Rejection
from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.formats.native_format import (
    MAX_PIXELS,
    NativeFormat,
    RawFile,
    RawFiles,
    Task,
    read_start,
    say_no_kind,
)
from hqcm.slices.store import Slice

_LABELS = (MENINGIOMA, GLIOMA, PITUITARY)  # the file's 1, 2, 3, as its README says
_FOLD_INDEX = "cvind.mat"
_COMPANIONS = "readme*.txt"
_FIELDS = {
    "PID": "text or one whole number",  # text of _LONGEST_PID characters or fewer
    "label": "one of 1, 2, 3",
    "image": "real numbers",
    "tumorMask": "real numbers",
}
_LONGEST_PID = 64  # characters, as DICOM has them: what is longer is no id of anybody
_ORDER = slice(126, 128)  # of a v5 file: IM or MI, as its bytes are ordered
_CLASSES = ("char", "logical", "single", "double")  # of MATLAB, besides int8 to uint64


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
    fields = _read_v73(file.path) if _is_v73(file.path) else _read_v5(file.path)
    mask = _plane(fields, "tumorMask") != 0
    image = _plane(fields, "image")
    if mask.shape != image.shape:
        raise ValueError(
            f"cjdata/tumorMask must have the shape of cjdata/image {image.shape}; got {mask.shape}"
        )
    slice_id, group_id = f"{source}/{file.name}", f"{source}-{_patient(fields['PID'])}"
    return Slice(slice_id, source, group_id, _label(fields["label"]), image, mask)


def _is_v73(path: Path) -> bool:
    """Whether it is HDF5; what is neither that nor a v5 file is refused."""
    is_hdf5 = bool(h5py.is_hdf5(path))
    if not is_hdf5 and read_start(path, _ORDER.stop)[_ORDER] not in (b"IM", b"MI"):
        raise ValueError(say_no_kind(path, "MATLAB"))
    return is_hdf5


def _read_v73(path: Path) -> dict[str, NDArray[Any]]:
    with h5py.File(path) as file:
        struct = _find(file, "cjdata")
        if not isinstance(struct, h5py.Group):
            raise ValueError("must hold the struct cjdata")  # noqa: TRY004  (the file is wrong)
        return {name: _read_field(name, _find(struct, name)) for name in _present(struct)}


def _find(parent: h5py.Group, name: str) -> h5py.Dataset | h5py.Group | None:
    """What bears a name in a file; another file's content is another file's."""
    node = parent.get(name)
    if node is not None and node.file.filename != parent.file.filename:
        raise ValueError(f"{name} must be in this file; got a link to another")
    return node


def _read_field(name: str, node: h5py.Dataset | h5py.Group | None) -> NDArray[Any]:
    """One field as MATLAB shows it: HDF5 lists the axes of column-major arrays in reverse.

    Character codes become text; without a class, as other programs write them, the 16-bit ones of
    the PID do.
    """
    if node is None:
        raise ValueError(f"cjdata/{name} must be {_FIELDS[name]}; got a link to nothing")
    if "MATLAB_sparse" in node.attrs:
        return _read_sparse(name, node)
    said = [*np.ravel(node.attrs.get("MATLAB_class", b"")), b""][0]
    kind = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    is_array = isinstance(node, h5py.Dataset) and node.dtype.kind != "O"
    if not is_array or not (kind in ("", *_CLASSES) or re.fullmatch("u?int[0-9]+", kind)):
        raise ValueError(f"cjdata/{name} must be {_FIELDS[name]}; got a {kind or 'struct'}")
    if np.any(node.attrs.get("MATLAB_empty", 0)):
        return np.zeros((0, 0), "U1" if kind == "char" else np.float64)
    values = _read_array(f"cjdata/{name}", node).T
    is_text = kind == "char" or (kind == "" and name == "PID" and values.dtype == np.uint16)
    return np.vectorize(chr, otypes=["U1"])(values) if is_text else values


def _read_array(name: str, node: h5py.Dataset | h5py.Group | None) -> NDArray[Any]:
    """Numbers that are in the file, and not only said to be there or in another."""
    if not isinstance(node, h5py.Dataset) or node.dtype.kind not in "buifc":
        got = getattr(node, "dtype", "a struct")
        raise ValueError(f"{name} must be an array of numbers; got {got}")
    _require_readable(name, node.shape)
    has_content = not (node.external or node.is_virtual) and node.id.get_storage_size()
    if node.size and not has_content:
        raise ValueError(f"{name} must be in this file; got an array without content")
    return np.asarray(node[()])


def _read_sparse(name: str, node: h5py.Group) -> NDArray[Any]:
    """A sparse matrix of v7.3, in full."""
    where, none = f"cjdata/{name}", np.zeros(0)  # no entries, no arrays of them
    starts, rows, values = (
        _read_array(f"{where}/{part}", _find(node, part)).ravel() if part in node else none
        for part in ("jc", "ir", "data")
    )
    n_rows = np.ravel(node.attrs["MATLAB_sparse"])
    if n_rows.size != 1 or n_rows.dtype.kind not in "ui":
        raise ValueError(f"{where} must have a number of rows as MATLAB_sparse; got {n_rows}")
    shape = int(n_rows[0]), len(starts) - 1
    return _fill_sparse(where, shape, starts.real, rows.real, values)


def _fill_sparse(
    where: str,
    shape: tuple[int, ...],
    starts: NDArray[Any],
    rows: NDArray[Any],
    values: NDArray[Any],
) -> NDArray[Any]:
    """Entries starts[j] to starts[j + 1] are of column j, entry k is in row rows[k]."""
    _require_readable(where, shape)
    starts, rows = starts.astype(np.int64), rows.astype(np.int64)
    counts = starts[1:] - starts[:-1]
    fits = len(counts) == shape[1] and counts.sum() == len(rows) == len(values)
    if not fits or not ((counts >= 0).all() and ((rows >= 0) & (rows < shape[0])).all()):
        # SciPy would write beyond the matrix.
        raise ValueError(f"{where} must have every entry in {shape}; got a sparse matrix")
    full = np.zeros(shape, values.dtype)
    full[rows, np.repeat(np.arange(shape[1]), counts)] = values
    return full


def _read_v5(path: Path) -> dict[str, NDArray[Any]]:
    from scipy.io import loadmat, whosmat  # noqa: PLC0415  (slow to load, for files that are rare)

    # Looked at before it is loaded: a struct that claims a billion elements fills the memory.
    if ("cjdata", (1, 1), "struct") not in whosmat(path, appendmat=False):
        raise ValueError("must hold the struct cjdata")
    struct = loadmat(path, appendmat=False, variable_names=["cjdata"])["cjdata"]
    fields = {name: struct[name].item() for name in _present(struct.dtype.fields or {})}
    for name, field in fields.items():
        if hasattr(field, "indptr"):  # sparse, by columns
            parts = field.indptr, field.indices, field.data
            fields[name] = _fill_sparse(f"cjdata/{name}", field.shape, *parts)
        elif np.asarray(field).dtype.kind in "OV":
            # An object of a class, as text in "" is, says of which; else it is a cell or a struct.
            names = np.asarray(field).dtype.names or ()
            is_object = "s2" in names and np.size(field) > 0
            kind = np.ravel(field)[0]["s2"] if is_object else "struct" if names else "cell"
            got = kind.decode("ascii", "replace") if isinstance(kind, bytes) else kind
            raise ValueError(f"cjdata/{name} must be {_FIELDS[name]}; got a {got}")
    return {name: np.asarray(field) for name, field in fields.items()}


def _present(struct: Mapping[str, Any]) -> tuple[str, ...]:
    missing = [name for name in _FIELDS if name not in struct]
    if missing:
        raise ValueError(f"cjdata must hold {', '.join(_FIELDS)}; {', '.join(missing)} missing")
    return tuple(_FIELDS)


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
    """Text, or a number as text would write it."""
    text = ""
    if field.dtype.kind == "U":
        text = "".join(field.ravel().tolist()).strip()
    elif field.dtype.kind in "uif" and field.size == 1:
        number = field.item()
        text = str(int(number)) if number >= 0 and float(number).is_integer() else ""
    if not 0 < len(text) <= _LONGEST_PID or not text.isprintable():
        raise ValueError(f"cjdata/PID must be {_FIELDS['PID']}; got {field.dtype} {field.shape}")
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
    values = _read_index_v73(path) if _is_v73(path) else _read_index_v5(path)
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
        vector = _find(file, "cvind")
        if not isinstance(vector, h5py.Dataset):
            raise ValueError("must hold the vector cvind")  # noqa: TRY004  (the file is wrong)
        return _read_array("cvind", vector)


def _read_index_v5(path: Path) -> NDArray[Any]:
    from scipy.io import loadmat, whosmat  # noqa: PLC0415  (slow to load, for files that are rare)

    shapes = {name: shape for name, shape, _ in whosmat(path, appendmat=False)}
    if "cvind" not in shapes:
        raise ValueError("must hold the vector cvind")
    _require_readable("cvind", shapes["cvind"])
    return np.asarray(loadmat(path, appendmat=False, variable_names=["cvind"])["cvind"])


def _require_readable(name: str, shape: tuple[int, ...] | None) -> None:
    """Before it is read: an array that claims a billion values fills the memory."""
    if shape is None or math.prod(shape) > MAX_PIXELS:
        raise ValueError(f"{name} must be an array of {MAX_PIXELS} values or fewer; got {shape}")
