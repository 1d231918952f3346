"""Fixtures of the phantom: its head, and a cohort of every kind of file it writes."""

from pathlib import Path

import pytest

from hqcm.phantom.cohort import PhantomParams, acquire_phantom
from hqcm.phantom.head import Head, load_head

# Twelve images a class reach every mode and a mask of another size, six DICOM slices every
# series, three patients a class several runs of ids.
SMALL = PhantomParams(
    seed=3,
    n_healthy_dicom=7,
    n_patients=9,
    n_slices_per_patient=5,
    n_healthy_images=12,
    n_images_per_tumour=12,
    copied_fraction=0.5,
)


@pytest.fixture(scope="session")
def head() -> Head:
    return load_head()


@pytest.fixture(scope="session")
def cohort_params() -> PhantomParams:
    return SMALL


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    acquire_phantom(folder, SMALL)
    return folder
