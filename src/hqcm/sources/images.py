"""Source 3: folders `{image,mask}/{0,1,2,3}` of JPEG or PNG files, the masks files of their own.

`image/1/X.jpg` has the mask `mask/1/X_m.jpg`. Expected companions, neither read nor listed:
masks that belong to an image, and `provenance.csv`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slices import Slice
from hqcm.sources.native_format import NativeFormat, Plan, Task
from hqcm.sources.pictures import fit_mask, read_grey, threshold_mask
from hqcm.sources.raw_files import RawFile, require_content
from hqcm.sources.task_reading import attempt

SOURCE = "akter"
# The folders' own order, which is not the paper's: 1 is glioma and 2 is meningioma.
FOLDER_LABELS = {"0": HEALTHY, "1": GLIOMA, "2": MENINGIOMA, "3": PITUITARY}
_SUFFIXES = (".jpg", ".jpeg", ".png")
_MASK_ENDING = "_m"
_COMPANIONS = ("provenance.csv",)


class _Place(NamedTuple):
    """Where a file lies in the layout: set, kind (image or mask), class folder, and its stem."""

    root: str
    kind: str
    folder: str
    stem: str


def plan_images(files: Sequence[RawFile]) -> Plan:
    """Every file of an image folder is a task, with the mask of its name where there is one."""
    images: list[tuple[RawFile, _Place]] = []
    masks: dict[_Place, RawFile] = {}
    rejections: list[Rejection] = []
    for file in files:
        place = _place(file)
        if file.path.name.lower() in _COMPANIONS:
            continue
        if place is None:
            rejections.append(Rejection(file.name, _LAYOUT))
        elif place.kind == "image":
            images.append((file, place))
        elif place in masks:
            taken = masks[place].name
            rejections.append(Rejection(file.name, f"must be the only mask; {taken} was taken"))
        else:
            masks[place] = file
    tasks = [Task(file, masks.get(_mask_place(place))) for file, place in images]
    used = {task.mask.name for task in tasks if task.mask}
    rejections += [
        Rejection(mask.name, "must have an image of its name; got none")
        for mask in masks.values()
        if mask.name not in used
    ]
    return Plan(tasks, rejections)


def read_images(task: Task) -> Iterator[Slice | Rejection]:
    """The slice of one image; a mask that cannot be read is rejected alone, and missing then."""
    image = read_grey(task.image.path)
    mask, note = None, ""
    if task.mask is not None:
        drawn = attempt(task.mask, partial(_read_mask, task.mask, image.shape))
        if isinstance(drawn, Rejection):
            yield drawn
            note = "mask rejected"
        else:
            mask, note = drawn
    slice_id = f"{SOURCE}/{task.image.name}"
    yield Slice(
        slice_id=slice_id,
        source=SOURCE,
        group_id=slice_id,  # no patients known
        label=FOLDER_LABELS[PurePosixPath(task.image.name).parent.name],
        image=image,
        mask=mask,
        note=note,
    )


IMAGES = NativeFormat(
    "JPEG or PNG files in image/{0,1,2,3} and mask/{0,1,2,3} (Akter et al.)",
    plan_images,
    read_images,
)
_LAYOUT = (
    f"must lie in image/N or mask/N, N one of {', '.join(FOLDER_LABELS)}, "
    f"and end in one of {', '.join(_SUFFIXES)}; a mask is named X{_MASK_ENDING}"
)


def _place(file: RawFile) -> _Place | None:
    path = PurePosixPath(file.name)
    root, kind, folder = path.parent.parent.parent, path.parent.parent.name, path.parent.name
    known = kind.lower() in {"image", "mask"} and folder in FOLDER_LABELS
    if not known or path.suffix.lower() not in _SUFFIXES:
        return None
    if kind.lower() == "mask" and not path.stem.endswith(_MASK_ENDING):
        return None
    return _Place(str(root), kind.lower(), folder, path.stem)


def _mask_place(place: _Place) -> _Place:
    return place._replace(kind="mask", stem=place.stem + _MASK_ENDING)


def _read_mask(file: RawFile, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], str]:
    require_content(file)
    drawn, note = threshold_mask(read_grey(file.path))
    if drawn.shape == shape:
        return drawn, note
    resized = f"mask resized from {drawn.shape[0]} x {drawn.shape[1]}"
    return fit_mask(drawn, shape), "; ".join(filter(None, [note, resized]))
