"""The phantom's source 2: MATLAB files of tumour patients who recur in runs of ids, by view."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.cohort.converted import N_FOLDS
from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, N_CLASSES, PITUITARY
from hqcm.phantom.head import Head
from hqcm.phantom.patients import draw_patient, patient_rng
from hqcm.phantom.rendering import Rendered, render
from hqcm.phantom.volumes import Rng
from hqcm.phantom.write_mat import write_cjdata, write_cvind

_SOURCE = 2
SIZE_PX = 512
_SMALL_PX = 256  # one patient of the real set has this matrix, here the last one
_N_FOLDERS = 4  # the real set comes in four zips
_RUN = 3  # slices of a patient that follow each other in one view
_MAXIMA = (538, 12728)  # smallest and largest image maximum of the real set
_FILE_LABEL = {MENINGIOMA: 1, GLIOMA: 2, PITUITARY: 3}
_UNKNOWN_LABEL = 4
VIEWS = ("axial", "coronal", "sagittal")


class FigshareSlice(NamedTuple):
    """A slice as it went into its file: image ``(n, n)`` from 0 up, mask ``(n, n)``."""

    label: int
    patient: int
    image: NDArray[np.int16]
    mask: NDArray[np.bool_]


def write_figshare(
    folder: Path, head: Head, *, n_patients: int, n_slices_per_patient: int, seed: int
) -> list[FigshareSlice]:
    """Write ``brainTumorDataPublic_A-B/N.mat`` and ``cvind.mat``.

    Two files are broken on purpose: one has an unknown label, one is no MATLAB file.

    Returns:
        The slices, in the order of their ids (from 1).
    """
    slices = list(_simulate(head, n_patients // len(_FILE_LABEL), n_slices_per_patient, seed))
    ids = np.arange(1, len(slices) + 1)
    for part in np.array_split(ids, min(_N_FOLDERS, len(slices))):
        path = folder / f"brainTumorDataPublic_{part[0]}-{part[-1]}"
        path.mkdir(parents=True)
        for number in part:
            item = slices[number - 1]
            _write(path / f"{number}.mat", item, _FILE_LABEL[item.label])
    write_cvind(folder / "cvind.mat", _cross_validation_folds([item.patient for item in slices]))
    _write(path / f"{len(slices) + 1}.mat", slices[-1], _UNKNOWN_LABEL)
    (path / f"{len(slices) + 2}.mat").write_bytes(b"this is not a MATLAB file\n" * 40)
    return slices


def pid(patient: int) -> str:
    """A patient's code in one of the two forms of the real set, here with a leading 9."""
    if patient % 3 == 1:
        return f"MR9{patient:05d}{'ABCD'[patient % 4]}"
    return f"9{patient:05d}"


def _cross_validation_folds(patients: Sequence[int]) -> NDArray[np.float64]:
    """A fold (1 to 5) for each slice, the same for all slices of a patient."""
    return np.array(patients, np.float64) % N_FOLDS + 1


def _simulate(head: Head, n_per_class: int, n_slices: int, seed: int) -> Iterator[FigshareSlice]:
    """Class by class, view by view, patient by patient: the order of the real ids."""

    def scan(label: int, i: int) -> dict[str, list[FigshareSlice]]:
        """Slices of the i-th patient of a class, by view."""
        rng = patient_rng(seed, _SOURCE, label, i)
        person = draw_patient(head, label, rng)
        last = label == N_CLASSES - 1 and i == n_per_class - 1
        size_px = _SMALL_PX if last else SIZE_PX
        number = (label - 1) * n_per_class + i
        views = [VIEWS[(i + k // _RUN) % len(VIEWS)] for k in range(n_slices)]
        return {
            view: [
                _digitised(render(person, view, size_px, rng), label, number, rng)
                for _ in range(views.count(view))
            ]
            for view in VIEWS
        }

    with ThreadPoolExecutor() as pool:
        for label in range(HEALTHY + 1, N_CLASSES):
            patients = list(pool.map(partial(scan, label), range(n_per_class)))
            for view in VIEWS:
                for patient in patients:
                    yield from patient[view]


def _digitised(rendered: Rendered, label: int, patient: int, rng: Rng) -> FigshareSlice:
    """Integers from 0 to a maximum that differs from slice to slice."""
    maximum = np.exp(rng.uniform(*np.log(_MAXIMA)))
    from_zero = rendered.image - rendered.image.min()
    image = np.round(from_zero / from_zero.max() * maximum).astype(np.int16)
    return FigshareSlice(label, patient, image, rendered.mask)


def _write(path: Path, item: FigshareSlice, label: int) -> None:
    write_cjdata(path, label=label, pid=pid(item.patient), image=item.image, mask=item.mask)
