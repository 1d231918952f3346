"""The claims one by one in the report."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hqcm.ledger.ledger import Ledger, judge
from hqcm.ledger.rules import VERDICTS
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Section, Table
from hqcm.reporting.sections.claims import (
    _show_number,
    _show_test,
    _tabulate_claims,
    describe_claims,
)
from toy_evidence import agree_with, estimate, with_differences
from toy_report import FULL_AUDIT

DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def ledger(claims: Claims) -> Ledger:
    evidence = with_differences(
        agree_with(claims),
        {
            "separability/silhouette": estimate(0.1),
            "separability/knn_accuracy": estimate(0.05),
            "metrics/accuracy": estimate(0.0976),
        },
    )
    return judge(claims, FULL_AUDIT, evidence)


def walk(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from walk(block.blocks)


def tables_of(section: Section) -> dict[str, Table]:
    found = [block for block in walk(section.blocks) if isinstance(block, Table)]
    return {table.caption: table for table in found}


def column(table: Table, name: str) -> list[str]:
    place = table.header.index(name)
    return [row[place] for row in table.rows]


def shorten(verdict: str) -> str:
    return verdict.removesuffix(" on this cohort")


def test_every_tolerance_gives_its_reason_and_its_number_of_claims(
    ledger: Ledger, claims: Claims
) -> None:
    table = tables_of(describe_claims(ledger, claims))["Beyond the rounding of the printed digits."]
    assert column(table, "tolerance") == list(claims.tolerances)
    assert column(table, "reason") == [t.reason for t in claims.tolerances.values()]
    assert sum(map(int, column(table, "claims"))) == 63


def test_each_sentence_is_quoted_with_its_test(ledger: Ledger, claims: Claims) -> None:
    blocks = walk(describe_claims(ledger, claims).blocks)
    text = "\n".join(item for block in blocks if isinstance(block, Bullets) for item in block.items)
    for claim in claims.in_words:
        assert claim.printed in text
        assert claim.test in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("t1-hybrid-healthy-recall", "0.970 (0.969 to 0.971)"),
        ("t1-hybrid-accuracy", "0.9648 (0.9638 to 0.9658)"),
        ("t2-hybrid-0.99", "0.43220 (0.43120 to 0.43320)"),
        ("t2-pair-0.99-statistic", "914,737.5"),
        ("t2-pair-0.99-p", "0.0017"),
        ("s43-hybrid-first-loss", "1.500"),
        ("s41-slices", "7,576"),
        ("s41-test", "0.150"),
    ],
)
def test_numbers_are_shown_with_a_digit_more_than_scores(
    ledger: Ledger, name: str, shown: str
) -> None:
    assert _show_number(ledger.get(name)) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("w-higher-accuracy", "0.098 (0.097 to 0.099)"),
        ("w-better-separability", "0.050 (0.049 to 0.051), the least"),
        ("w-faster-convergence", "0.0 epochs"),
        ("w-ahead-throughout", "0.000"),
        ("w-glioma", "\N{EN DASH}"),
    ],
)
def test_what_decides_a_sentence_is_shown(ledger: Ledger, name: str, shown: str) -> None:
    assert _show_test(ledger.get(name)) == shown


EVERY = "Words first, then numbers in the order of the paper."


def test_every_claim_stands_in_one_row_with_its_verdict(ledger: Ledger, claims: Claims) -> None:
    table = tables_of(describe_claims(ledger, claims))[EVERY]
    assert len(table.rows) == len(ledger.claims) == 72
    assert Counter(column(table, "verdict")) == Counter(
        shorten(entry.verdict) for entry in ledger.claims
    )
    printed = [digits for digits in column(table, "paper") if digits != DASH]
    assert sorted(printed) == sorted(placed.claim.printed for placed in claims.each())
    names = dict(zip(column(table, "claim"), table.rows, strict=True))
    assert names["overall accuracy, classical"][1] == (
        "Table 1, Abstract, Section 4.4, Section 4.7, Section 5"
    )
    assert names["precision, healthy, hybrid"][-1] == "the interval lies inside 0.935 to 1.045"
    assert names["images in the data set"][5] == "reproduced"


def test_verdicts_are_counted_and_explained(ledger: Ledger, claims: Claims) -> None:
    *rows, total = tables_of(describe_claims(ledger, claims))["Claims by verdict."].rows
    assert [row[0] for row in rows] == list(VERDICTS)
    assert [int(row[2]) for row in rows] == list(ledger.n_by_verdict.values())
    assert total == ["all", "", "72"]
    assert all(len(row[1]) > 20 for row in rows)


def test_on_simulated_patients_what_nobody_can_test_is_one_line(claims: Claims) -> None:
    phantom = judge(claims, FULL_AUDIT, agree_with(claims, "phantom"))
    (told,) = describe_claims(phantom, claims).blocks
    assert told == Paragraph(
        "Impossible as printed, whatever is measured: overall accuracy, classical, Wilcoxon "
        "statistic at 0.99, Wilcoxon statistic at 0.90, Wilcoxon statistic at 0.75. The other 68 "
        "of 72 claims need real patients: not tested by this run."
    )


def test_a_comparison_has_both_verdicts(ledger: Ledger) -> None:
    entry = ledger.get("w-higher-accuracy").model_copy(update={"tuned": "inconclusive"})
    (row,) = _tabulate_claims([entry]).rows
    assert row[5:7] == [entry.verdict, "inconclusive"]


def test_what_was_not_measured_is_a_dash(claims: Claims) -> None:
    bare = judge(claims, FULL_AUDIT, replace(agree_with(claims), estimates={}))
    assert _show_number(bare.get("t1-hybrid-accuracy")) == DASH
    (row,) = _tabulate_claims([bare.get("t1-hybrid-accuracy")]).rows
    assert row[3:] == [DASH, "± 0.03", "not tested", DASH, "this run has no metrics/accuracy"]
