"""The paper's claims, read once."""

from pathlib import Path

import pytest

from hqcm.paper.claims import Claims, load_claims

CLAIMS_FILE = Path(__file__).parents[2] / "data" / "paper" / "claims.yaml"


@pytest.fixture(scope="session")
def claims() -> Claims:
    return load_claims(CLAIMS_FILE)
