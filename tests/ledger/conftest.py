"""The paper's claims, and a run that agrees with their numbers."""

from pathlib import Path

import pytest

from hqcm.ledger.evidence import Evidence
from hqcm.paper.claims import Claims, load_claims
from toy_evidence import agree_with

CLAIMS_FILE = Path(__file__).parents[2] / "data" / "paper" / "claims.yaml"


@pytest.fixture(scope="session")
def claims() -> Claims:
    return load_claims(CLAIMS_FILE)


@pytest.fixture(scope="session")
def agreeing(claims: Claims) -> Evidence:
    return agree_with(claims)
