"""Which files are meant, and the slices in them, prepared as the network expects them.

The pipeline's readers read, each file in a process of its own limits (`hqcm.formats.reading`), and
its preparation scales: a file of the cohort gives the slice that the prepared store has.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

from pydicom import dcmread

from hqcm.cohort.converted import Rejection
from hqcm.contracts.labels import HEALTHY
from hqcm.formats import dicom, images, matlab
from hqcm.formats.convert import count_cores
from hqcm.formats.native_format import (
    Item,
    NativeFormat,
    RawFile,
    RawFiles,
    Task,
    find_files,
    read_start,
    twin_names,
)
from hqcm.formats.reading import read_in_order
from hqcm.prediction.nifti import read_plane
from hqcm.preparation.scaling import scale_image
from hqcm.slices.store import Slice

Kind = Literal["dicom", "matlab", "picture", "nifti"]
_SOURCE = "input"  # what the slices say in a source's place
_FILES_A_PROCESS = 50  # fewer are read sooner than one more process has started
# By the end of a name, else by the bytes at a place.
_SUFFIXES: dict[str, Kind] = {
    ".dcm": "dicom",
    ".dicom": "dicom",
    ".ima": "dicom",
    ".mat": "matlab",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".png": "picture",
    ".nii": "nifti",
    ".nii.gz": "nifti",
}
_CONTENTS: tuple[tuple[int, bytes, Kind], ...] = (
    (128, b"DICM", "dicom"),  # PS3.10, 7.1
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"MATLAB 5.0 MAT-file", "matlab"),
    (0, b"MATLAB 7.3 MAT-file", "matlab"),
)
_LONGEST_START = 132  # bytes
_WANTED = "a DICOM, MATLAB, PNG, JPEG or NIfTI file"
# Left out of a folder: what its data sets keep beside their slices.
_MASK_ENDINGS, _MASK_FOLDERS = ("_m", "_mask", "_seg"), {"mask", "masks"}
_FOLDS = "cvind.mat"
# What BodyPartExamined calls a head (PS3.16, Annex L), and what hospitals write there.
_HEADS = ("HEAD", "BRAIN", "SKULL", "CRANI", "NEURO", "PITUIT", "SELLA")
_NO_HEAD = "not a head"
ALIEN = ("not MR", _NO_HEAD)
"""Notes of a slice by which it is none of those that training is of; the first is the reader's."""


class Inputs(NamedTuple):
    """What was asked for.

    Attributes:
        files: those to read; their names are the paths as they were given.
        n_left_out: files of folders that hold no slice, or a mask, or a copy.
        rejections: what is not there or cannot be looked into.
    """

    files: RawFiles
    n_left_out: int
    rejections: list[Rejection]


def find_inputs(given: Sequence[Path]) -> Inputs:
    """Files as they are given, in their order; a folder stands for what can be read in it."""
    found: dict[str, None] = {}
    rejections: list[Rejection] = []
    n_left_out = 0
    for path in given:
        name = RawFiles(Path(), [os.fspath(path)])[0].name
        if not path.is_dir():
            if os.path.lexists(path):
                found[os.fspath(path)] = None
            else:
                rejections.append(Rejection(name, "must exist"))
            continue
        inside = find_files(path)
        rejections += [Rejection(f"{name}/{file}", reason) for file, reason in inside.closed]
        chosen = _choose(inside)
        n_left_out += len(inside) - len(chosen)
        found |= dict.fromkeys(os.path.join(path, file) for file in chosen)  # noqa: PTH118  (as given)
        if not chosen:
            rejections.append(Rejection(name, f"must hold {_WANTED} or more"))
    return Inputs(RawFiles(Path(), [*found]), n_left_out, rejections)


def read_slices(
    files: Iterable[RawFile], n_files: int, size: int, number: int | None = None
) -> Generator[Item, None, None]:
    """The prepared slices of every file, and what cannot be read, file after file.

    Args:
        files: taken as they are needed.
        n_files: how many there are, more or less: it decides how many processes read.
        size: edge of a prepared slice, pixels.
        number: which slice of a NIfTI volume; the middle one if not given.

    Yields:
        Slices at ``(size, size)``: `group_id` is the file's name, `slice_id` that and ``#n`` where
        a file has several, `note` what the header says against them. The label means nothing.
    """
    native = NativeFormat(_WANTED, _plan, partial(_read, size, number))
    n_processes = max(1, min(count_cores(), n_files // _FILES_A_PROCESS))
    return read_in_order(native, _SOURCE, map(Task, files), n_processes)


def find_kind(path: Path) -> Kind | None:
    """By the name's end or the content."""
    name = path.name.lower()
    for suffix, kind in _SUFFIXES.items():
        if name.endswith(suffix):
            return kind
    try:
        start = read_start(path, _LONGEST_START) if path.is_file() else b""
    except OSError:
        return None
    kinds = (kind for at, magic, kind in _CONTENTS if start[at : at + len(magic)] == magic)
    return next(kinds, None)


def _choose(files: RawFiles) -> list[str]:
    """Where the files of a folder are that hold slices."""
    kinds = [find_kind(file.path) for file in files]
    names = [file.name for file, kind in zip(files, kinds, strict=True) if kind == "dicom"]
    twins: set[str] = set().union(*map(twin_names, names))
    return [
        inside
        for inside, file, kind in zip(files.inside, files, kinds, strict=True)
        if kind and not _is_companion(PurePath(file.name), kind, twins)
    ]


def _is_companion(inside: PurePath, kind: Kind, twins: set[str]) -> bool:
    """A mask, the published folds, or a picture that is the twin of a DICOM file."""
    stem = inside.name.lower().removesuffix(".gz").rpartition(".")[0]
    folders = {part.lower() for part in inside.parent.parts}
    is_mask = stem.endswith(_MASK_ENDINGS) or not folders.isdisjoint(_MASK_FOLDERS)
    is_twin = kind == "picture" and not twins.isdisjoint(twin_names(inside.as_posix()))
    return is_mask or is_twin or inside.name.lower() == _FOLDS


def _plan(files: RawFiles) -> Iterator[Task | Rejection]:
    """A file, a task."""
    return map(Task, files)


def _read(size: int, number: int | None, source: str, task: Task) -> Iterator[Slice]:
    """The slices of one file, prepared here, in the process that has read it."""
    name, n_slices = task.image.name, 0
    for suffix, item in _read_native(source, task.image, number):
        image = scale_image(item.image, size)
        yield replace(item, slice_id=name + suffix, group_id=name, image=image, mask=None)
        n_slices += 1
    if not n_slices:
        raise ValueError("must hold a slice; got an index of others")


def _read_native(source: str, file: RawFile, number: int | None) -> Iterator[tuple[str, Slice]]:
    """Slices with what stands behind the file's name, ``#3`` of several."""
    kind = find_kind(file.path)
    if kind is None:
        raise ValueError(f"must be {_WANTED}; got another")
    if kind == "nifti":
        plane = read_plane(file.path, number)
        yield f"#{plane.number}", Slice(source, source, source, HEALTHY, plane.image, None)
        return
    # A picture's class is its folder; of ours none is known, and no class is used.
    name = f"image/0/{file.path.name}" if kind == "picture" else file.path.name
    native: NativeFormat = {"dicom": dicom, "matlab": matlab, "picture": images}[kind].FORMAT
    remark: str | None = None
    for item in native.read(source, Task(RawFile(name, file.path))):
        if isinstance(item, Slice):
            if remark is None:
                remark = _remark(file.path) if kind == "dicom" else ""
            note = "; ".join(filter(None, (item.note, remark)))
            yield item.slice_id.removeprefix(f"{source}/{name}"), replace(item, note=note)


def _remark(path: Path) -> str:
    """Whether the header names a part of the body that is no head; without a word of it."""
    tag = "BodyPartExamined"
    header = dcmread(path, stop_before_pixels=True, force=True, specific_tags=[tag])
    part = str(header.get(tag) or "").upper()
    return _NO_HEAD if part and not any(head in part for head in _HEADS) else ""
