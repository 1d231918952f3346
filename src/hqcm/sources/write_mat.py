"""Write MATLAB v7.3 files as MATLAB lays them out, in the layout of source 2."""

import struct
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 512
CREATED = "Thu Jan 01 00:00:00 1970"  # fixed: same seed, same bytes
FIELDS = ("label", "PID", "image", "tumorBorder", "tumorMask")
GZIP_LEVEL = 3  # MATLAB's own
RAYS = 48  # border points; the real files have about 15 to 50


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
        mask: like `image`.
    """
    with h5py.File(path, "w", userblock_size=HEADER_BYTES) as file:
        group = file.create_group("cjdata")
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        names = np.empty(len(FIELDS), object)
        names[:] = [np.array([*field], "S1") for field in FIELDS]
        group.attrs.create("MATLAB_fields", names, dtype=h5py.vlen_dtype(np.dtype("S1")))
        _add(group, "PID", np.array([[ord(c)] for c in pid], np.uint16), "char", decode=2)
        _add(group, "label", np.array([[label]], np.float64), "double")
        _add(group, "image", image.T, "int16", chunk_columns=64)
        _add(group, "tumorBorder", border(mask).reshape(1, -1), "double")
        _add(group, "tumorMask", mask.T.astype(np.uint8), "logical", decode=1, chunk_columns=128)
    _write_header(path)


def write_cvind(path: Path, folds: NDArray[np.float64]) -> None:
    """Write the patient-disjoint fold (1 to 5) of every slice, in the order of the ids."""
    with h5py.File(path, "w", userblock_size=HEADER_BYTES) as file:
        _add(file, "cvind", folds.reshape(1, -1), "double")
    _write_header(path)


def border(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Points around a mask, where rays from its centre leave it.

    Returns:
        ``(n, 2)``, x and y, counted from 1 as MATLAB counts.
    """
    rows, columns = np.nonzero(mask)
    centre = np.array([columns.mean(), rows.mean()])
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, None]
    radii = np.arange(0, np.hypot(*mask.shape), 0.5)[None, :, None]
    x, y = np.moveaxis(np.round(centre + rays * radii).astype(int), -1, 0)
    inside = (x >= 0) & (y >= 0) & (y < mask.shape[0]) & (x < mask.shape[1])
    inside[inside] = mask[y[inside], x[inside]]
    reach = np.where(inside, radii[..., 0], 0).max(axis=1)
    return centre + rays[:, 0] * reach[:, None] + 1


def _add(
    parent: h5py.Group,
    name: str,
    values: NDArray[Any],
    matlab_class: str,
    decode: int | None = None,
    chunk_columns: int | None = None,
) -> None:
    layout: dict[str, Any] = {}
    if chunk_columns is not None:
        chunks = (values.shape[0], min(chunk_columns, values.shape[1]))
        layout = {"chunks": chunks, "compression": "gzip", "compression_opts": GZIP_LEVEL}
    dataset = parent.create_dataset(name, data=values, **layout)
    if parent.name != "/":
        dataset.attrs["H5PATH"] = np.bytes_(parent.name)
    dataset.attrs["MATLAB_class"] = np.bytes_(matlab_class)
    if decode is not None:
        dataset.attrs["MATLAB_int_decode"] = np.int32(decode)


def _write_header(path: Path) -> None:
    """MATLAB's text, version 0x0200 and byte order in the first 128 bytes of the user block."""
    text = f"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: {CREATED} HDF5 schema 1.00 ."
    with path.open("r+b") as file:
        file.write(text.ljust(116).encode("ascii") + bytes(8) + struct.pack("<H", 0x0200) + b"IM")
