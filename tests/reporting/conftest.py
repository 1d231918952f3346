"""The toy study, evaluated, and what the report is made of."""

from pathlib import Path

import pytest

from hqcm.paper.claims import Claims, load_claims
from hqcm.reporting.results import Results, read_results
from toy_report import CLAIMS_FILE, PARAMS, Evaluated, toy_figures, toy_study


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    return toy_study(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def results(evaluated: Evaluated) -> Results:
    return read_results(evaluated.files, PARAMS.study)


@pytest.fixture(scope="session")
def claims() -> Claims:
    return load_claims(CLAIMS_FILE)


@pytest.fixture(scope="session")
def figures(evaluated: Evaluated) -> Path:
    return toy_figures(evaluated)
