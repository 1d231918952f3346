"""What the audit reports: a question about printed numbers, the calculation, the verdict."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Literal

from hqcm.contracts.params import Section, check_section
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network, Printed
from hqcm.results.files import read_json

Verdict = Literal["possible", "impossible as printed", "contradiction"]
"""Can be true; no counts whatever give these digits; the paper says two things at once."""

NAMES: dict[Network, str] = {"hybrid": "HQCM-EBTC", "classical": "the classical counterpart"}


class Quote(Section):
    """What the paper prints, and where."""

    place: str
    says: str
    printed: str


class Finding(Section):
    """One question, answered.

    `calculation` is for a reader with a pocket calculator, `figures` are its results by name.
    """

    id: str
    question: str
    printed: list[Quote]
    calculation: list[str]
    result: str
    verdict: Verdict
    figures: dict[str, int | float | list[int]]


class Audit(Section):
    """All findings, and the test set that they speak of."""

    n_test: int
    supports: dict[str, int]
    findings: list[Finding]


def load_audit(path: Path) -> Audit:
    """Load and check what the stage `audit` has written.

    Raises:
        ValueError: a key is unknown, missing or mistyped.
    """
    return check_section("audit", Audit, {"audit": read_json(path)}, str(path))


def quote(claims: Claims, printed: Iterable[Printed]) -> list[Quote]:
    """The claims with their places and the network that they are about."""
    placed = {placed.claim.id: placed for placed in claims.each()}
    quotes = []
    for place, network, claim in (placed[cited.id] for cited in printed):
        says = f"{claim.says} ({network})" if network in NAMES else claim.says
        quotes.append(Quote(place=place, says=says, printed=claim.printed))
    return quotes


def show(value: Fraction | float, digits: int = 4) -> str:
    """0.9597."""
    return f"{float(value):.{digits}f}"


def show_range(low: int, high: int) -> str:
    """1,094 to 1,096, or one number."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def show_percent(part: int, n: int) -> str:
    """96.48 %."""
    return f"{100 * part / n:.2f} %"
