"""The audit of the printed numbers in the report."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hqcm.paper.audit_text import audit_text
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit, Quote, load_audit
from hqcm.reporting.document import Block, Bullets, Document, Folded, Paragraph, Section, Table
from hqcm.reporting.page import render_markdown
from hqcm.reporting.sections.audit import (
    WHOLE_AUDIT,
    _recite,
    _show_calculation,
    cite,
    describe_audit,
    describe_calculations,
)
from hqcm.results.files import write_json
from pipeline_tree import ROOT
from toy_report import AUDIT, invent_finding


def walk(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from walk(block.blocks)


def tables(section: Section) -> list[Table]:
    return [block for block in walk(section.blocks) if isinstance(block, Table)]


def test_the_worst_stands_first_and_the_possible_only_beside_its_calculation() -> None:
    (table,) = tables(describe_audit(AUDIT))
    failed, passed = tables(describe_calculations(AUDIT))
    expected = [
        ["Is sums so?", "impossible as printed"],
        ["Is ranks so?", "impossible as printed"],
        ["Is wording so?", "contradiction"],
    ]
    assert [row[:2] for row in table.rows] == [row[:2] for row in failed.rows] == expected
    assert [row[:2] for row in passed.rows] == [
        ["Is size so?", "possible"],
        ["Is lines so?", "possible"],
    ]


def test_each_calculation_is_a_fold_that_ends_in_the_result() -> None:
    folds = {
        block.summary: block.blocks
        for block in walk(describe_calculations(AUDIT).blocks)
        if isinstance(block, Folded)
    }
    assert [*folds] == [
        *("`sums`: Is sums so?", "`ranks`: Is ranks so?"),
        *("`size`: Is size so?", "`lines`: Is lines so?"),
    ]
    assert folds["`ranks`: Is ranks so?"] == [Bullets(["2 x 3 = 6.", "Result: What ranks gives."])]
    steps, entered = folds["`lines`: Is lines so?"]
    assert steps == Bullets(["a < b", "b | c", "Result: What lines gives."])
    assert entered == Paragraph(
        "What enters, as printed. Table 1: entry 0 0.90; entry 1 0.91; entry 2 0.92; "
        "entry 3 0.93. Abstract: entry 4 0.94."
    )


def test_no_finding_of_the_paper_is_lost(claims: Claims) -> None:
    findings = audit_text(claims)
    section = describe_calculations(Audit(n_test=1, supports={}, findings=findings))
    told = {row[0]: row[1:3] for table in tables(section) for row in table.rows}
    assert told == {finding.question: [finding.verdict, finding.result] for finding in findings}
    text = str(section.blocks)
    assert all(step in text for finding in findings for step in finding.calculation)


def test_a_few_quotes_are_cited_and_many_are_counted() -> None:
    quotes = [
        Quote(place=place, says="recall", printed=f"0.{i}")
        for i, place in enumerate(["Table 1", "Abstract", "Table 1", "Table 1", "Table 1"])
    ]
    assert cite(quotes[:4]) == _recite(quotes[:4])
    assert _recite(quotes[:3]) == "Table 1: recall 0.0; recall 0.2. Abstract: recall 0.1."
    assert cite(quotes) == "Table 1: 4 entries, Abstract: 1 entry"


@pytest.mark.parametrize(("n_quotes", "n_blocks"), [(4, 1), (5, 2)])
def test_a_fold_quotes_what_the_table_only_counts(n_quotes: int, n_blocks: int) -> None:
    finding = invent_finding("sums", "contradiction", ["1 + 1 = 2."], *["Table 1"] * n_quotes)
    assert ("entries" in cite(finding.printed)) is (n_blocks == 2)
    assert len(_show_calculation(finding).blocks) == n_blocks


def test_the_audit_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    write_json(path, AUDIT.model_dump())
    assert load_audit(path) == AUDIT


def test_an_audit_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    write_json(path, AUDIT.model_dump(exclude={"n_test"}))
    with pytest.raises(ValueError, match=r"audit.json: audit.n_test is missing"):
        load_audit(path)


@pytest.mark.parametrize("kept", ["possible", "contradiction"])
def test_one_verdict_alone_makes_one_table(kept: str) -> None:
    findings = [finding for finding in AUDIT.findings if finding.verdict == kept]
    audit = AUDIT.model_copy(update={"findings": findings})
    (table,) = tables(describe_calculations(audit))
    assert len(table.rows) == len(findings)
    assert len(tables(describe_audit(audit))) == (kept != "possible")


def test_verdicts_are_counted_and_seven_failures_on_four_numbers_explained() -> None:
    lead, _ = describe_audit(AUDIT).blocks
    assert isinstance(lead, Paragraph)
    assert lead.text == (
        "5 checks of the paper's arithmetic: 2 impossible as printed; 1 contradiction; 2 possible. "
        "One number can fail several checks. Every calculation: `docs/audit.md`."
    )


def test_the_committed_audit_has_the_calculations_of_the_published_run() -> None:
    """HQCM_RENEW=1 writes it anew; the paper's numbers do not change from run to run."""
    audit = load_audit(ROOT / "reports/published/results/audit.json")
    lead = "Written by `tests/reporting/test_section_audit.py` from what the stage `audit` finds."
    text = render_markdown(Document("The audit", lead, [describe_calculations(audit)]))
    path = ROOT / WHOLE_AUDIT
    if os.environ.get("HQCM_RENEW"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
