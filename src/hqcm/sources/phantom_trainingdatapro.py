"""The phantom's source 1: one healthy person, DICOM series of several kinds."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from hqcm.contracts.labels import HEALTHY
from hqcm.sources.anatomy import Head
from hqcm.sources.phantom_patients import look_elsewhere, patient_rng, simulate_patient
from hqcm.sources.rendering import render
from hqcm.sources.write_dicom import MAX_STORED, STUDY, Series, write_dicomdir, write_slice
from hqcm.sources.write_images import to_8_bit, write_image

SOURCE = 1

# Matrix sizes and slopes are those of the real set (288, 256, 352; 2.5 to 6.3); the transfer
# syntaxes are those a reader should meet.
SERIES = (
    Series(1, 288, "axial", ImplicitVRLittleEndian, "MONOCHROME2", 2.5, 0.0),
    Series(2, 256, "sagittal", ExplicitVRLittleEndian, "MONOCHROME1", 3.7, 0.0),
    Series(3, 352, "coronal", DeflatedExplicitVRLittleEndian, "MONOCHROME2", 6.3, -12.0),
    Series(4, 288, "axial", RLELossless, "MONOCHROME2", 4.1, 0.0),
    Series(5, 256, "coronal", JPEG2000Lossless, "MONOCHROME2", 5.2, 30.0),
    Series(6, 352, "sagittal", ImplicitVRLittleEndian, "MONOCHROME1", 2.9, 0.0),
)

REPORT_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def write_trainingdatapro(folder: Path, head: Head, *, n_slices: int, seed: int) -> None:
    """Write ``ST000001/SE00000N/IM00000M.dcm``, each with its JPEG twin, and what lies around."""
    person = simulate_patient(head, HEALTHY, patient_rng(seed, SOURCE, HEALTHY, 0))
    files = []
    for index in range(n_slices):
        series = SERIES[index % len(SERIES)]
        instance = index // len(SERIES) + 1
        rng = patient_rng(seed, SOURCE, HEALTHY, index + 1)
        image = render(look_elsewhere(person, rng), series.view, series.size_px, rng).image
        path = folder / STUDY / series.folder / f"IM{instance:06d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_slice(path, series, instance, _stored(image, series))
        write_image(path.with_suffix(".jpg"), to_8_bit(image), "L")
        files.append(path.relative_to(folder))
    write_dicomdir(folder, files)
    (folder / "report.pdf").write_bytes(REPORT_PDF)
    _break_two(folder / files[0])


def _stored(image: NDArray[np.float32], series: Series) -> NDArray[np.uint16]:
    """Intensities as the scanner would store them, inverted for MONOCHROME1."""
    stored = np.round(image / image.max() * MAX_STORED * 0.8).astype(np.uint16)
    return MAX_STORED - stored if series.photometric == "MONOCHROME1" else stored


def _break_two(good: Path) -> None:
    """Plant a file cut short and one without pixels beside a good one."""
    content = good.read_bytes()
    (good.parent / "IM000098.dcm").write_bytes(content[: len(content) // 2])
    (good.parent / "IM000099.dcm").write_bytes(content[:1000])
