"""The phantom's source 1: one healthy person, DICOM series of several kinds."""

from concurrent.futures import ThreadPoolExecutor
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
from hqcm.phantom.head import Head
from hqcm.phantom.patients import draw_patient, look_elsewhere, patient_rng
from hqcm.phantom.rendering import render
from hqcm.phantom.write_dicom import MAX_STORED, Series, describe_slice, write_dicomdir, write_slice
from hqcm.phantom.write_images import to_8_bit, write_image

_SOURCE = 1
STUDY = "ST000001"

# Matrix sizes and slopes are those of the real set (288, 256, 352; 2.5 to 6.3); the transfer
# syntaxes are those a reader should meet.
_SERIES = (
    Series(1, 288, "axial", ImplicitVRLittleEndian, "MONOCHROME2", 2.5, 0.0),
    Series(2, 256, "sagittal", ExplicitVRLittleEndian, "MONOCHROME1", 3.7, 0.0),
    Series(3, 352, "coronal", DeflatedExplicitVRLittleEndian, "MONOCHROME2", 6.3, -12.0),
    Series(4, 288, "axial", RLELossless, "MONOCHROME2", 4.1, 0.0),
    Series(5, 256, "coronal", JPEG2000Lossless, "MONOCHROME2", 5.2, 30.0),
    Series(6, 352, "sagittal", ImplicitVRLittleEndian, "MONOCHROME1", 2.9, 0.0),
)

_REPORT = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def write_trainingdatapro(folder: Path, head: Head, *, n_slices: int, seed: int) -> None:
    """Write ``ST000001/SE00000N/IM00000M.dcm``, JPEG twins, a DICOMDIR and a pdf.

    Series take turns, so every one is there from six slices on. Two files are broken on
    purpose: one is cut short, one has no pixels.
    """
    person = draw_patient(head, HEALTHY, patient_rng(seed, _SOURCE, HEALTHY, 0))

    def scan(index: int) -> Path:
        """Write a slice; returns its path from the folder."""
        turn, kind = divmod(index, len(_SERIES))
        rng = patient_rng(seed, _SOURCE, HEALTHY, index + 1)
        series = _SERIES[kind]
        image = render(look_elsewhere(person, rng), series.view, series.size_px, rng).image
        path = folder / STUDY / series.folder / f"IM{turn + 1:06d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_slice(path, series, turn + 1, _stored(image, series))
        write_image(path.with_suffix(".jpg"), to_8_bit(image), "L")
        return path.relative_to(folder)

    with ThreadPoolExecutor() as pool:
        files = list(pool.map(scan, range(n_slices)))
    write_dicomdir(folder, files)
    (folder / "report.pdf").write_bytes(_REPORT)
    _plant_broken(folder / STUDY / _SERIES[0].folder)


def _stored(image: NDArray[np.float64], series: Series) -> NDArray[np.uint16]:
    """Intensities as the scanner would store them, inverted for MONOCHROME1."""
    stored = np.round(image / image.max() * 0.8 * MAX_STORED).astype(np.uint16)
    return MAX_STORED - stored if series.photometric == "MONOCHROME1" else stored


def _plant_broken(folder: Path) -> None:
    content = (folder / "IM000001.dcm").read_bytes()
    (folder / "IM000098.dcm").write_bytes(content[: len(content) // 2])
    describe_slice(_SERIES[0], 99).save_as(folder / "IM000099.dcm", enforce_file_format=True)
