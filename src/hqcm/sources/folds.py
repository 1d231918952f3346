"""The author's five folds of source 2: `cvind.mat`, value i the fold of `i.mat`; v7.3 or v5."""

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.folds import N_FOLDS, write_folds
from hqcm.contracts.rejections import Rejection
from hqcm.sources.matlab import SOURCE, is_v5, plan_matlab
from hqcm.sources.native_format import MAX_PIXELS, Task
from hqcm.sources.ordered_reading import read_in_order
from hqcm.sources.raw_files import RawFile, RawFiles, find_files, require_content
from hqcm.sources.reader import Reading
from hqcm.sources.task_reading import attempt, reject_crash

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
    values = _read_v73(file.path) if h5py.is_hdf5(file.path) else _read_v5(file.path)
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


def _read_v73(path: Path) -> NDArray[Any]:
    with h5py.File(path) as file:
        vector = file.get("cvind")
        if not isinstance(vector, h5py.Dataset):
            raise ValueError("must hold the vector cvind")  # noqa: TRY004  (the file is wrong)
        _require_readable(vector.shape)
        return np.asarray(vector[()])


def _read_v5(path: Path) -> NDArray[Any]:
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
