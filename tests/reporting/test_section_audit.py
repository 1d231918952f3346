"""The audit of the printed numbers in the report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hqcm.ledger.ledger import Ledger
from hqcm.paper.audit_text import audit_text
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit, Quote, load_audit
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Section, Table
from hqcm.reporting.sections.answer import _describe_printed
from hqcm.reporting.sections.audit import _recite, _show_calculation, cite, describe_audit
from hqcm.results.files import write_json
from toy_report import AUDIT, invent_finding


def walk(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from walk(block.blocks)


def tables(section: Section) -> list[Table]:
    return [block for block in walk(section.blocks) if isinstance(block, Table)]


def test_what_cannot_be_true_stands_first_and_open() -> None:
    section = describe_audit(AUDIT)
    failed, passed = tables(section)
    assert failed in section.blocks
    assert passed not in section.blocks
    assert [row[:2] for row in failed.rows] == [
        ["Is sums so?", "impossible as printed"],
        ["Is ranks so?", "impossible as printed"],
        ["Is wording so?", "contradiction"],
    ]
    assert [row[:2] for row in passed.rows] == [
        ["Is size so?", "possible"],
        ["Is lines so?", "possible"],
    ]


def test_each_calculation_is_a_fold_that_ends_in_the_result() -> None:
    folds = {
        block.summary: block.blocks
        for block in walk(describe_audit(AUDIT).blocks)
        if isinstance(block, Folded)
    }
    assert [*folds] == [
        *("`sums`: Is sums so?", "`ranks`: Is ranks so?", "What can be true (2)"),
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
    section = describe_audit(Audit(n_test=1, supports={}, findings=findings))
    told = {row[0]: row[1:3] for table in tables(section) for row in table.rows}
    assert told == {finding.question: [finding.verdict, finding.result] for finding in findings}
    text = str(section.blocks)
    assert all(step in text for finding in findings for step in finding.calculation)


@pytest.mark.parametrize("kept", ["possible", "contradiction"])
def test_one_verdict_alone_makes_one_table(kept: str) -> None:
    findings = [finding for finding in AUDIT.findings if finding.verdict == kept]
    (table,) = tables(describe_audit(AUDIT.model_copy(update={"findings": findings})))
    assert len(table.rows) == len(findings)


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


def test_verdicts_are_counted_in_the_answer_and_in_the_section() -> None:
    nothing = Ledger(cohort="clinical", n_by_verdict={}, claims=[])
    assert _describe_printed(AUDIT, nothing) == (
        "Printed numbers that cannot be true, whatever the data: none. Of 5 checks of what the "
        "paper prints, 2 find it impossible as printed, 1 a contradiction, 2 nothing wrong."
    )
    bullets = describe_audit(AUDIT).blocks[1]
    assert isinstance(bullets, Bullets)
    assert [item.partition(":")[0] for item in bullets.items] == [
        *("impossible as printed (2)", "contradiction (1)", "possible (2)")
    ]


def test_the_audit_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    write_json(path, AUDIT.model_dump())
    assert load_audit(path) == AUDIT


def test_an_audit_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    write_json(path, AUDIT.model_dump(exclude={"n_test"}))
    with pytest.raises(ValueError, match=r"audit.json: audit.n_test is missing"):
        load_audit(path)
