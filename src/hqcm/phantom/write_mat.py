"""Write MATLAB v7.3 files as MATLAB lays them out, in the layout of source 2."""

import struct
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

_USER_BLOCK_BYTES = 512
_CREATED = "Thu Jan 01 00:00:00 1970"  # fixed: same seed, same bytes
_FIELDS = ("label", "PID", "image", "tumorBorder", "tumorMask")
_GZIP_LEVEL = 3  # MATLAB's own
_N_BORDER_POINTS = 48  # the real files have about 15 to 50


def write_cjdata(
    path: Path, *, label: int, pid: str, image: NDArray[np.int16], mask: NDArray[np.bool_]
) -> None:
    """Write one slice as ``cjdata``.

    Args:
        path: the file to write.
        label: the file's own label: 1 meningioma, 2 glioma, 3 pituitary.
        pid: patient, stored as uint16 character codes.
        image: ``(rows, cols)``, display orientation; HDF5 holds it transposed, because MATLAB
            is column-major.
        mask: like `image`, not empty.
    """
    with h5py.File(path, "w", userblock_size=_USER_BLOCK_BYTES) as file:
        group = file.create_group("cjdata")
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        names = np.empty(len(_FIELDS), object)
        names[:] = [np.array([*field], "S1") for field in _FIELDS]
        group.attrs.create("MATLAB_fields", names, dtype=h5py.vlen_dtype(np.dtype("S1")))
        codes = np.array([[ord(character)] for character in pid], np.uint16)
        _describe(group.create_dataset("PID", data=codes), "char", decode=2)
        _describe(group.create_dataset("label", data=np.array([[label]], np.float64)), "double")
        _describe(_deflated(group, "image", image.T, columns=64), "int16")
        outline = _trace_border(mask).reshape(1, -1)
        _describe(group.create_dataset("tumorBorder", data=outline), "double")
        drawn = _deflated(group, "tumorMask", mask.T.astype(np.uint8), columns=128)
        _describe(drawn, "logical", decode=1)
    _write_header(path)


def write_cvind(path: Path, folds: NDArray[np.float64]) -> None:
    """Write the patient-disjoint fold (1 to 5) of every slice, in the order of the ids."""
    with h5py.File(path, "w", userblock_size=_USER_BLOCK_BYTES) as file:
        _describe(file.create_dataset("cvind", data=folds.reshape(1, -1)), "double")
    _write_header(path)


def _trace_border(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Points ``(n, 2)``, x and y from 1, around a mask: where rays leave its centre for good."""
    rows, columns = np.nonzero(mask)
    centre = np.array([columns.mean(), rows.mean()])
    angles = np.linspace(0, 2 * np.pi, _N_BORDER_POINTS, endpoint=False)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    furthest = np.hypot(np.ptp(columns), np.ptp(rows))
    radii = np.arange(0, furthest, 0.5)
    at = np.round(centre + rays[:, None] * radii[:, None]).astype(int)
    x, y = np.moveaxis(np.clip(at, 0, np.array(mask.shape[::-1]) - 1), -1, 0)
    on_mask = mask[y, x] & (at == np.stack([x, y], axis=-1)).all(axis=-1)
    reach = np.where(on_mask, radii, 0).max(axis=1)
    return centre + rays * reach[:, None] + 1


def _deflated(parent: h5py.Group, name: str, values: NDArray[Any], *, columns: int) -> h5py.Dataset:
    """A dataset in MATLAB's chunks: all rows, a few columns."""
    chunks = (values.shape[0], min(columns, values.shape[1]))
    return parent.create_dataset(
        name, data=values, chunks=chunks, compression="gzip", compression_opts=_GZIP_LEVEL
    )


def _describe(dataset: h5py.Dataset, matlab_class: str, decode: int | None = None) -> None:
    if dataset.parent.name != "/":
        dataset.attrs["H5PATH"] = np.bytes_(dataset.parent.name)
    dataset.attrs["MATLAB_class"] = np.bytes_(matlab_class)
    if decode is not None:
        dataset.attrs["MATLAB_int_decode"] = np.int32(decode)


def _write_header(path: Path) -> None:
    """MATLAB's text, version 0x0200 and byte order: the first 128 bytes of the user block."""
    text = f"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: {_CREATED} HDF5 schema 1.00 ."
    with path.open("r+b") as file:
        file.write(text.ljust(116).encode("ascii") + bytes(8) + struct.pack("<H", 0x0200) + b"IM")
