"""The finding of the published studies: derived from committed files, and said alike everywhere."""

import json
from pathlib import Path

import pytest

from hqcm.comparison.comparisons import Comparisons, read_comparisons
from hqcm.ledger.ledger import Ledger, judge_over_seeds
from hqcm.paper.claims import Claims, Differences
from hqcm.reporting.page import render_markdown
from hqcm.reporting.report import write_study
from hqcm.reporting.verdicts import (
    Verdicts,
    derive_verdicts,
    describe_rivals,
    read_ledger,
    read_verdicts,
)
from pipeline_tree import ROOT

STUDIES = ROOT / "reports" / "study"
AUDIT = ROOT / "reports" / "published" / "results" / "audit.json"
NAMES = sorted(path.parent.name for path in STUDIES.glob("*/claims.json"))


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    return read_verdicts(ROOT / "data" / "measured" / "verdicts.json")


def test_the_committed_verdicts_are_those_of_the_committed_results(verdicts: Verdicts) -> None:
    assert verdicts == derive_verdicts(STUDIES, AUDIT)


@pytest.fixture(params=NAMES)
def judged(request: pytest.FixtureRequest) -> tuple[Ledger, Comparisons]:
    folder = STUDIES / request.param
    return read_ledger(folder / "claims.json"), read_comparisons(folder / "compare.json")


def test_a_published_ledger_is_judged_over_seeds_and_patients(
    judged: tuple[Ledger, Comparisons], claims: Claims
) -> None:
    ledger, compared = judged
    assert judge_over_seeds(ledger, claims, compared) == ledger


def test_ledger_and_study_never_differ(judged: tuple[Ledger, Comparisons], claims: Claims) -> None:
    """A network is ahead in the ledger only where the study has it ahead."""
    ledger, compared = judged
    for claim in claims.in_words:
        if not isinstance(claim.criterion, Differences) or claim.criterion.protocol:
            continue
        entry = ledger.get(claim.id)
        for setting, verdict in (("published", entry.comparison), ("best", entry.tuned)):
            found = [compared.find(setting, name) for name in claim.criterion.each]  # type: ignore[arg-type]  # a setting
            is_ahead = all(row is not None and (row.possible[0] or 0) > 0 for row in found)
            assert (verdict == "reproduced") is is_ahead


def test_no_published_interval_is_impossible(verdicts: Verdicts) -> None:
    for rival in verdicts.rivals:
        assert rival.low is None or -1 <= rival.low <= rival.difference
        assert rival.high is None or rival.difference <= rival.high <= 1


def test_the_rivals_are_those_of_the_study(verdicts: Verdicts) -> None:
    rows = json.loads((STUDIES / verdicts.study / "compare.json").read_text())["comparisons"]
    best = [
        (row["second_protocol"], row["difference"])
        for row in rows
        if (row["question"], row["setting"], row["quantity"])
        == ("network", "best", "metrics/accuracy")
    ]
    assert [(rival.protocol, rival.difference) for rival in verdicts.rivals] == best


def test_a_study_without_the_comparison_is_refused(tmp_path: Path) -> None:
    for name in ("clinical", "clinical-48px"):
        folder = tmp_path / name
        folder.mkdir()
        for file in ("claims.json", "params.yaml", "leakage.json", "shortcuts.json"):
            (folder / file).write_bytes((STUDIES / name / file).read_bytes())
        compared = json.loads((STUDIES / name / "compare.json").read_text())
        compared["comparisons"] = []
        (folder / "compare.json").write_text(json.dumps(compared))
    with pytest.raises(
        ValueError, match="must compare metrics/accuracy at the best rate; got none"
    ):
        derive_verdicts(tmp_path, AUDIT)


@pytest.mark.parametrize("name", NAMES)
def test_a_published_report_is_that_of_its_folder(name: str, claims: Claims) -> None:
    text = render_markdown(write_study(STUDIES / name, name, claims))
    assert text == (STUDIES / name / "report.md").read_text(encoding="utf-8")


def test_the_drawn_differences_are_those_of_the_verdicts(verdicts: Verdicts) -> None:
    drawn = (STUDIES / "tuned.svg").read_text(encoding="utf-8")
    assert describe_rivals(verdicts) in drawn
