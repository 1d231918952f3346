"""Source 2: figshare 1512427 (Cheng), one slice a `.mat` file, in MATLAB v7.3 or v5.

Expected companions, none of them a slice: `cvind.mat` (module `folds`) and `README*.txt`.

The author's five folds of source 2: `cvind.mat`, value i the fold of `i.mat`; v7.3 or v5.
"""

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.cohort.converted import N_FOLDS, Rejection, write_folds
from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.formats.convert import attempt, reject_crash
from hqcm.formats.native_format import (
    MAX_PIXELS,
    NativeFormat,
    RawFile,
    RawFiles,
    Task,
    find_files,
    require_content,
)
from hqcm.formats.ordered_reading import read_in_order
from hqcm.formats.reader import Reading
from hqcm.slices.store import Slice

SOURCE = "figshare"
LABELS = (MENINGIOMA, GLIOMA, PITUITARY)  # the file's 1, 2, 3, as its README says
_COMPANIONS = ("cvind.mat", "readme*.txt")
_FIELDS = ("PID", "label", "image", "tumorMask")


def plan_matlab(files: RawFiles) -> Iterator[Task | Rejection]:
    """Every `.mat` file is a task."""
    for file in files:
        name = file.path.name.lower()
        if any(fnmatch(name, pattern) for pattern in _COMPANIONS):
            continue
        if name.endswith(".mat"):
            yield Task(file)
        else:
            yield Rejection(file.name, "must be a .mat file")


def read_matlab(task: Task) -> Iterator[Slice]:
    """The slice of one file.

    Raises:
        ValueError: a field of `cjdata` is missing or is not what the source says it is.
    """
    path = task.image.path
    fields = _read_v73(path) if h5py.is_hdf5(path) else _read_v5(path)
    mask = _plane(fields, "tumorMask") != 0
    image = _plane(fields, "image")
    if mask.shape != image.shape:
        raise ValueError(
            f"cjdata/tumorMask must have the shape of cjdata/image {image.shape}; got {mask.shape}"
        )
    yield Slice(
        slice_id=f"{SOURCE}/{task.image.name}",
        source=SOURCE,
        group_id=f"{SOURCE}-{_patient(fields['PID'])}",
        label=_label(fields["label"]),
        image=image,
        mask=mask,
    )


def is_v5(task: Task) -> bool:
    """Crafted bytes crash scipy's reader, which reads all that is not HDF5."""
    return not h5py.is_hdf5(task.image.path)


MATLAB = NativeFormat(
    "MATLAB files N.mat with cjdata (figshare 1512427, unpacked)",
    plan_matlab,
    read_matlab,
    may_crash=is_v5,
)


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
    legal = dict(enumerate(LABELS, start=1))
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


FOLD_INDEX = "cvind.mat"


def convert_folds(raw: Path, folds: Path) -> list[Rejection]:
    """Write the fold of every numbered file that the index knows; without an index, of none.

    Args:
        raw: folder of native files with one `cvind.mat` or none, at any depth.
        folds: the table to write, in the order of the files.

    Returns:
        The index, if it is there and cannot be used; the table is then empty.
    """
    files = find_files(raw)
    found = _read_index(files)
    known = [] if isinstance(found, Rejection) else found
    write_folds(folds, _name_folds(files, known))
    return [found] if isinstance(found, Rejection) else []


def _read_index(files: RawFiles) -> Sequence[int] | Rejection:
    """As slices are read: what crashes the decoder ends another process, not this one."""
    indices = [file for file in files if file.path.name.lower() == FOLD_INDEX]
    if not indices:
        return []
    if len(indices) > 1:
        named = ", ".join(file.name for file in indices)
        return Rejection(indices[0].name, f"must be the only {FOLD_INDEX}; got {named}")
    reading = Reading(_try_to_read, _may_crash, _reject_crash)
    (found,) = read_in_order(reading, indices, 1)
    return found


def _name_folds(files: RawFiles, folds: Iterable[int]) -> Iterator[tuple[str, int]]:
    fold_of = dict(enumerate(folds, start=1))
    for task in plan_matlab(files):
        if isinstance(task, Task):
            stem = task.image.path.stem
            number = int(stem) if stem.isascii() and stem.isdigit() else 0
            if number in fold_of:
                yield f"{SOURCE}/{task.image.name}", fold_of[number]


def _try_to_read(file: RawFile) -> Iterator[list[int] | Rejection]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as for slices: a decoder's doubts are no result
        found = attempt(file, lambda: _read_folds(file))
    yield found


def _may_crash(file: RawFile) -> bool:
    return is_v5(Task(file))


def _reject_crash(file: RawFile, _: int, exit_code: int) -> list[int] | Rejection:
    return reject_crash(Task(file), 0, exit_code)


def _read_folds(file: RawFile) -> list[int]:
    require_content(file)
    values = _read_index_v73(file.path) if h5py.is_hdf5(file.path) else _read_index_v5(file.path)
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
