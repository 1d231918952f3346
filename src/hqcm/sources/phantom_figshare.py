"""The phantom's source 2: MATLAB files of tumour patients who recur in runs of ids, by view."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, N_CLASSES, PITUITARY
from hqcm.sources.anatomy import Head
from hqcm.sources.phantom_patients import patient_rng, simulate_patient
from hqcm.sources.rendering import Patient, Rng, render
from hqcm.sources.write_mat import write_cjdata, write_cvind

SOURCE = 2
SIZE_PX = 512
SMALL_PX = 256  # one patient of the real set has this matrix
N_FOLDERS = 4  # the real set comes in four zips
N_FOLDS = 5
VIEWS = ("axial", "coronal", "sagittal")
MAXIMA = (538, 12728)  # smallest and largest image maximum of the real set
FILE_LABEL = {MENINGIOMA: 1, GLIOMA: 2, PITUITARY: 3}


class FigshareSlice(NamedTuple):
    """A slice as it went into its file."""

    label: int
    pid: str
    image: NDArray[np.int16]
    mask: NDArray[np.bool_]


def write_figshare(
    folder: Path, head: Head, *, n_patients: int, n_slices_per_patient: int, seed: int
) -> list[FigshareSlice]:
    """Write ``brainTumorDataPublic_A-B/N.mat`` and ``cvind.mat``.

    Returns:
        The slices, in the order of their ids (from 1).
    """
    slices, patient_of = _simulate(head, n_patients, n_slices_per_patient, seed)
    quarters = np.array_split(np.arange(1, len(slices) + 1), min(N_FOLDERS, len(slices)))
    for ids in quarters:
        path = folder / f"brainTumorDataPublic_{ids[0]}-{ids[-1]}"
        path.mkdir(parents=True)
        for number in ids:
            item = slices[number - 1]
            write_cjdata(
                path / f"{number}.mat", label=FILE_LABEL[item.label], pid=item.pid,
                image=item.image, mask=item.mask,
            )  # fmt: skip
    write_cvind(folder / "cvind.mat", np.array(patient_of, np.float64) % N_FOLDS + 1)
    _break_two(path, slices[-1], len(slices))
    return slices


def _simulate(
    head: Head, n_patients: int, n_slices: int, seed: int
) -> tuple[list[FigshareSlice], list[int]]:
    """Class by class, view by view, patient by patient: the order of the real ids."""
    slices, patient_of = [], []
    per_class = n_patients // (N_CLASSES - 1)
    for label in range(HEALTHY + 1, N_CLASSES):
        drawn = []
        for i in range(per_class):
            rng = patient_rng(seed, SOURCE, label, i)
            drawn.append((simulate_patient(head, label, rng), rng))
        for view in VIEWS:
            for i, (patient, rng) in enumerate(drawn):
                number = (label - 1) * per_class + i
                size = SMALL_PX if number == n_patients - 1 else SIZE_PX
                views = [VIEWS[(i + k // 3) % len(VIEWS)] for k in range(n_slices)]
                for _ in range(views.count(view)):
                    slices.append(_slice(patient, label, number, view, size, rng))
                    patient_of.append(number)
    return slices, patient_of


def _slice(
    patient: Patient, label: int, number: int, view: str, size: int, rng: Rng
) -> FigshareSlice:
    image, mask = render(patient, view, size, rng)
    low, high = np.log(MAXIMA)
    maximum = np.exp(rng.uniform(low, high))
    stretched = (image - image.min()) / (image.max() - image.min()) * maximum
    return FigshareSlice(label, pid(number), np.round(stretched).astype(np.int16), mask)


def pid(number: int) -> str:
    """A patient's code in one of the two forms of the real set, here beginning with 9."""
    if number % 3 == 2:  # noqa: PLR2004  (every third patient has the second form)
        return f"MR9{number:05d}{'ABCD'[number % 4]}"
    return f"9{number:05d}"


def _break_two(folder: Path, good: FigshareSlice, last: int) -> None:
    """Plant a file of an unknown label and one that is no MATLAB file."""
    write_cjdata(
        folder / f"{last + 1}.mat", label=4, pid=good.pid, image=good.image, mask=good.mask
    )
    (folder / f"{last + 2}.mat").write_bytes(b"this is not a MATLAB file\n" * 40)
