"""The audit of the paper as printed, of a true paper, and of slips in it."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hqcm.paper.audit import audit_paper
from hqcm.paper.audit_counts import _refute
from hqcm.paper.audit_text import _say_the_same
from hqcm.paper.claims import Claims
from hqcm.paper.counts import read_table
from hqcm.paper.entries import Network, Reading, Setting
from hqcm.paper.findings import Audit, Finding
from true_paper import slip, tell_the_truth

ROOT = Path(__file__).resolve().parents[2]
IN_WORDS = {
    "attention-order",
    "setting-learning-rate",
    "setting-dice-loss-scaling",
    "setting-bce-loss-scaling",
}
"""What the paper says twice and differently, whatever its results."""

VERDICTS = """
test-size                    possible
accuracy-hybrid              possible
weighted-recall-hybrid       possible
f1-hybrid                    possible
macro-hybrid                 possible
released-lines-hybrid        possible
released-totals-hybrid       impossible as printed
any-supports-hybrid          possible
accuracy-classical           possible
weighted-recall-classical    contradiction
f1-classical                 possible
macro-classical              possible
released-lines-classical     impossible as printed
any-supports-classical       impossible as printed
allowed-accuracy-classical   contradiction
accuracy-gap                 contradiction
both-lines                   possible
both-accuracies              impossible as printed
wilcoxon-0.99                impossible as printed
wilcoxon-0.90                impossible as printed
wilcoxon-0.75                impossible as printed
jaccard-order-hybrid         possible
jaccard-order-classical      possible
superior-scores              contradiction
sources                      possible
setting-learning-rate        contradiction
setting-dice-loss-scaling    contradiction
setting-bce-loss-scaling     contradiction
settings-agreeing            possible
attention-order              contradiction
"""


@pytest.fixture(scope="module")
def audit(claims: Claims) -> Audit:
    return audit_paper(claims)


@pytest.fixture(scope="module")
def true_claims(claims: Claims) -> Claims:
    return tell_the_truth(claims)


def by_id(audit: Audit) -> dict[str, Finding]:
    found = {finding.id: finding for finding in audit.findings}
    assert len(found) == len(audit.findings)
    return found


def test_every_verdict_on_the_paper(audit: Audit) -> None:
    lines = [re.split(r"\s{2,}", line) for line in VERDICTS.strip().splitlines()]
    assert [[finding.id, finding.verdict] for finding in audit.findings] == lines


@pytest.mark.parametrize(
    ("finding", "figures"),
    [
        ("test-size", {"sizes": [1136, 1137], "fitting": [1137], "released": 1137}),
        ("accuracy-hybrid", {"correct": [1097]}),
        ("accuracy-classical", {"correct": [986]}),
        ("released-lines-hybrid", {"n_solutions": 22, "correct": [1094, 1095, 1096]}),
        ("released-totals-hybrid", {"n_with_averages": 22, "n_with_all": 0, "n_off": 1}),
        ("released-lines-classical", {"n_solutions": 0, "correct": []}),
        ("weighted-recall-classical", {"by_recall": [995, 1006], "by_accuracy": [986]}),
        ("allowed-accuracy-classical", {"reach": 59, "correct": [995, 999]}),
        ("any-supports-hybrid", {"n_moved": 50}),
        ("both-lines", {"n_moved": 4}),
        ("superior-scores", {"n_superior": 9, "n_scores": 12}),
        ("sources", {"source_2": 3064, "source_3": 4237}),
        (
            "wilcoxon-0.99",
            {
                "largest_rank_sum": 646953,
                "fewest_pairs": 1353,
                "fewest_pairs_two_sided": 1913,
                "pairs_by_p": [1995],
            },
        ),
    ],
)
def test_known_figures(audit: Audit, finding: str, figures: dict[str, Any]) -> None:
    assert by_id(audit)[finding].figures == figures


def test_every_finding_quotes_the_paper(audit: Audit, claims: Claims) -> None:
    digits = {(placed.place, placed.claim.printed) for placed in claims.each()}
    settings = {("Table 3", row.printed) for row in claims.settings}
    settings |= {(s.elsewhere.place, s.elsewhere.printed) for s in claims.settings if s.elsewhere}
    words = {(r.place, r.printed) for s in claims.statements for r in s.readings}
    for finding in audit.findings:
        assert finding.printed, finding.id
        quoted = {(quote.place, quote.printed) for quote in finding.printed}
        assert quoted <= digits | settings | words, finding.id


def test_every_sum_shown_is_right(audit: Audit) -> None:
    """As a reader with a pocket calculator would check them."""
    n_checked = 0
    for finding in audit.findings:
        for step in finding.calculation:
            for sum_, result in re.findall(r"([\d(][-\d.,+x/() ]*\d\)?) = ([\d.,]*\d)", step):
                value = calculate(sum_.replace(",", "").replace("x", "*"))
                digits = len(result.partition(".")[2])
                assert value == pytest.approx(float(result.replace(",", "")), abs=0.51 / 10**digits)
                n_checked += 1
    assert n_checked == 17


def calculate(expression: str) -> float:
    node = ast.parse(expression.strip(), mode="eval")
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop)
    assert all(isinstance(part, allowed) for part in ast.walk(node)), expression
    return float(eval(compile(node, "", "eval")))  # noqa: S307 - numbers and operators only


@pytest.mark.slow
def test_the_stage_writes_the_same_audit(audit: Audit, tmp_path: Path) -> None:
    out = tmp_path / "audit.json"
    command = [sys.executable, "stages/audit.py", "--audit", str(out)]
    subprocess.run([*command, "--claims", "data/paper/claims.yaml"], cwd=ROOT, check=True)
    assert out.read_text() == json.dumps(audit.model_dump(), indent=2) + "\n"
    assert Audit.model_validate_json(out.read_text()) == audit


def test_a_true_paper_is_possible(true_claims: Claims) -> None:
    found = by_id(audit_paper(true_claims))
    assert found["released-totals-hybrid"].figures["n_with_all"] != 0
    assert found["both-lines"].figures == {"n_moved": 0}
    assert found["both-accuracies"].result == "Yes."
    wrong = {name for name, finding in found.items() if finding.verdict != "possible"}
    assert wrong == IN_WORDS


@pytest.mark.parametrize(
    ("network", "quantity", "printed", "found_by"),
    [
        (
            "hybrid",
            "metrics/per_class/glioma/f1",
            "0.93",
            "f1-hybrid released-lines-hybrid any-supports-hybrid both-lines both-accuracies",
        ),
        (
            "classical",
            "metrics/accuracy",
            "0.8485",
            (
                "weighted-recall-classical released-totals-classical any-supports-classical "
                "allowed-accuracy-classical accuracy-gap both-accuracies"
            ),
        ),
        (
            "hybrid",
            "metrics/macro/recall",
            "0.98",
            "macro-hybrid released-totals-hybrid any-supports-hybrid",
        ),
        ("none", "slices/all", "1620", "test-size"),
        ("none", "slices/figshare", "709", "sources"),
        ("pair", "localisation/0.90/wilcoxon/statistic", "26796.5", "wilcoxon-0.90"),
    ],
)
def test_a_slip_is_found_where_it_is(
    true_claims: Claims, network: Network, quantity: str, printed: str, found_by: str
) -> None:
    slipped = audit_paper(slip(true_claims, network, quantity, printed))
    wrong = {finding.id for finding in slipped.findings if finding.verdict != "possible"}
    assert wrong == {*found_by.split(), *IN_WORDS}


@pytest.mark.parametrize("is_true", [True, False])
def test_a_true_accuracy_is_not_refuted(
    true_claims: Claims,
    claims: Claims,
    is_true: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    told = true_claims if is_true else claims
    proof = _refute(
        read_table(told, "hybrid"), read_table(told, "classical"), sum(told.released.counts)
    )
    assert (proof is None) is is_true


def test_every_count_of_an_accuracy_must_be_refuted(claims: Claims) -> None:
    """Of two decimals, 0.96 may be 1,086 slices, which leave the other accuracy room."""
    hybrid, classical = (read_table(claims, network) for network in ("hybrid", "classical"))
    coarse = hybrid._replace(accuracy=hybrid.weighted.recall)
    assert _refute(coarse, classical, 1137) is None


def test_indices_that_fall_with_the_threshold(true_claims: Claims) -> None:
    fallen = slip(true_claims, "hybrid", "localisation/0.99/jaccard", "0.30000")
    finding = by_id(audit_paper(fallen))["jaccard-order-hybrid"]
    assert (finding.result, finding.verdict) == ("It does not rise.", "possible")


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("0.011", "0.01", False),
        ("0.3 (zeta)", "0.7 (gamma)", False),
        ("1e-4", "weight decay 0.0001", True),
        ("5 epochs", "after 5 epochs", True),
        ("factor=0.5, patience=3", "patience 3, factor 0.5", False),
        ("AdamW", "AdamW", True),
        ("AdamW", "SGD", False),
    ],
)
def test_settings_are_compared_by_their_numbers(
    here: str,
    there: str,
    same: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    row = Setting(says="a", printed=here, fixed="a")
    assert _say_the_same(row, Reading(place="b", printed=there)) is same
