"""The real sample, prepared once, and what its provenance says of copied slices."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from hqcm.contracts.params import load_params
from hqcm.formats.convert import convert
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.images import FORMAT as IMAGES
from hqcm.formats.matlab import FORMAT as MATLAB
from hqcm.preparation.prepare import PrepareParams, prepare_stores

FORMATS = {"trainingdatapro": DICOM, "figshare": MATLAB, "akter": IMAGES}


@pytest.fixture(scope="session")
def sample(clinical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared store of all three sources."""
    folder = tmp_path_factory.mktemp("sample")
    stores = [folder / f"{name}.h5" for name in FORMATS]
    for native, store in zip(FORMATS.values(), stores, strict=True):
        convert(store.stem, clinical / store.stem, native, store)
    params = load_params("prepare", PrepareParams)
    prepare_stores(stores, params, folder / "prepared.h5", folder / "pseudonyms.csv")
    return folder / "prepared.h5"


@pytest.fixture(scope="session")
def truth(clinical: Path) -> pd.DataFrame:
    """``slice_id, twin_id, is_mirrored``: slices of source 2 that lie in source 3 as well."""
    figshare, akter = clinical / "figshare", clinical / "akter"
    files = {path.stem: path.relative_to(figshare) for path in figshare.rglob("*.mat")}
    images = next(akter.rglob("image")).relative_to(akter)
    with (akter / "provenance.csv").open(newline="") as file:
        copied = [row for row in csv.DictReader(file) if row["also_in_figshare_folder"] == "1"]
    pairs = [
        (
            f"figshare/{files[row['figshare_id']].as_posix()}",
            f"akter/{(images / row['folder'] / row['file']).as_posix()}",
            row["mirrored"] == "1",
        )
        for row in copied
    ]
    return pd.DataFrame(pairs, columns=["slice_id", "twin_id", "is_mirrored"])
