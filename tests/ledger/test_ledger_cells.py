"""Every number of the paper's tables and text stands in claims.json with a verdict."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hqcm.ledger.evidence import Evidence
from hqcm.ledger.ledger import judge
from hqcm.paper.claims import Claims
from hqcm.results.files import read_json, write_json
from toy_evidence import IMPOSSIBLE, audit_of

TYPED = (Path(__file__).parent / "tables.txt").read_text()
LINES = {
    "0": "per_class/healthy",
    "1": "per_class/meningioma",
    "2": "per_class/glioma",
    "3": "per_class/pituitary",
    "Macro Avg": "macro",
    "Weighted Avg": "weighted",
}
TEXT = {
    "images": "slices/all",
    "Source 1": "slices/trainingdatapro",
    "Source 2": "slices/figshare",
    "meningioma": "slices/figshare/meningioma",
    "glioma": "slices/figshare/glioma",
    "pituitary": "slices/figshare/pituitary",
    "training": "split/train",
    "evaluation": "split/validation",
    "testing": "split/test",
}
Cell = tuple[str, str, str]
"""Network, quantity, digits."""


def lines_of(place: str) -> Iterator[tuple[str, list[str]]]:
    """The name and the numbers of each line below a heading; lines without numbers are heads."""
    block = TYPED.split(f"{place}\n", 1)[1].split("\n\n")[0]
    for line in block.splitlines():
        found = re.fullmatch(r"(\S.*?)\s{2,}([\d.,%]+(?:\s+[\d.,%]+)*)", line)
        if found:
            yield found[1], found[2].split()


def as_fraction(text: str) -> str:
    """96.48% as the claims have it."""
    if not text.endswith("%"):
        return text.replace(",", "")
    whole, _, rest = text[:-1].partition(".")
    return f"0.{whole}{rest}"


def cells_of_table_1() -> Iterator[Cell]:
    for name, numbers in lines_of("Table 1"):
        if name == "Overall Accuracy":
            for network, digits in zip(("hybrid", "classical"), numbers, strict=True):
                yield network, "metrics/accuracy", as_fraction(digits)
            continue
        scores = [(n, s) for n in ("hybrid", "classical") for s in ("precision", "recall", "f1")]
        for (network, score), digits in zip(scores, numbers, strict=True):
            yield network, f"metrics/{LINES[name]}/{score}", digits


def cells_of_table_2() -> Iterator[Cell]:
    for threshold, numbers in lines_of("Table 2"):
        place = f"localisation/{threshold}"
        yield "hybrid", f"{place}/jaccard", numbers[0]
        yield "classical", f"{place}/jaccard", numbers[1]
        yield "pair", f"{place}/wilcoxon/statistic", numbers[2]
        yield "pair", f"{place}/wilcoxon/p_value", numbers[3]


def cells_of_the_text() -> Iterator[Cell]:
    ends = ("history/first/train_loss", "history/last/train_accuracy")
    for quantity, (_, numbers) in zip(ends, lines_of("Section 4.3"), strict=True):
        for network, digits in zip(("hybrid", "classical"), numbers, strict=True):
            yield network, quantity, as_fraction(digits)
    for name, numbers in lines_of("Section 4.1"):
        yield "none", TEXT[name], as_fraction(*numbers)


CELLS = {
    "Table 1": list(cells_of_table_1()),
    "Table 2": list(cells_of_table_2()),
    "Section": list(cells_of_the_text()),
}


@pytest.fixture(scope="module", params=["clinical", "phantom"])
def written(
    request: pytest.FixtureRequest,
    claims: Claims,
    agreeing: Evidence,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("ledger") / "claims.json"
    ledger = judge(claims, audit_of(IMPOSSIBLE), replace(agreeing, cohort=request.param))
    write_json(path, ledger.model_dump())
    return read_json(path)


def test_the_transcription_has_every_cell() -> None:
    assert {place: len(cells) for place, cells in CELLS.items()} == {
        "Table 1": 38,
        "Table 2": 12,
        "Section": 13,
    }


@pytest.mark.parametrize("place", CELLS)
def test_every_printed_number_has_a_verdict(written: dict[str, Any], place: str) -> None:
    found = {
        (entry["network"], entry["quantity"], entry["printed"]): entry["verdict"]
        for entry in written["claims"]
        if entry["kind"] == "number" and entry["place"].startswith(place)
    }
    assert sorted(found) == sorted(CELLS[place])
    assert set(found.values()) <= set(written["n_by_verdict"])


def test_no_claim_is_lost_or_counted_twice(written: dict[str, Any], claims: Claims) -> None:
    n_cells = sum(map(len, CELLS.values()))
    assert len(written["claims"]) == n_cells + len(claims.in_words)
    assert sum(written["n_by_verdict"].values()) == len(written["claims"])
    assert len({entry["id"] for entry in written["claims"]}) == len(written["claims"])


def test_every_claim_says_how_near_is_near_enough(written: dict[str, Any], claims: Claims) -> None:
    for entry in written["claims"]:
        assert entry["tolerance"]["text"]
        assert entry["tolerance"]["size"] >= 0
    assert all(len(tolerance.reason) > 40 for tolerance in claims.tolerances.values())


@pytest.mark.parametrize(
    "said",
    [
        *("superior in all classes", "faster convergence", "more localised at high thresholds"),
        *("low activation on healthy images", "better separability"),
        "enhanced out-of-distribution generalisability",
    ],
)
def test_what_the_paper_says_in_words_has_a_verdict(written: dict[str, Any], said: str) -> None:
    (entry,) = (entry for entry in written["claims"] if entry["says"] == said)
    assert entry["kind"] == "words"
    assert entry["verdict"] in written["n_by_verdict"]
    assert len(entry["tolerance"]["text"]) > 60
