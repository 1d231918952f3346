"""The toy study, evaluated once for all tests of the reporting."""

from pathlib import Path

import pytest

from hqcm.paper.claims import Claims, load_claims
from hqcm.reporting.figures.drawing import save_figures
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.results import Results, read_results
from toy_report import PARAMS, Evaluated, evaluate_toy_study

CLAIMS_FILE = Path(__file__).parents[2] / "data" / "paper" / "claims.yaml"


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    return evaluate_toy_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def results(evaluated: Evaluated) -> Results:
    return read_results(evaluated.files, PARAMS.study)


@pytest.fixture(scope="session")
def claims() -> Claims:
    return load_claims(CLAIMS_FILE)


@pytest.fixture(scope="session")
def figures(evaluated: Evaluated) -> Path:
    folder = evaluated.folder / "figures"
    save_figures(folder, draw_gallery(evaluated.read_gallery(), PARAMS.localise))
    return folder
