"""Source 2: figshare 1512427 (Cheng), one slice a `.mat` file, in MATLAB v7.3 or v5.

Expected companions, none of them a slice: `cvind.mat` (module `folds`) and `README*.txt`.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, MENINGIOMA, PITUITARY
from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slices import Slice
from hqcm.sources.native_format import MAX_PIXELS, NativeFormat, Task
from hqcm.sources.raw_files import RawFiles

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
