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
    _explain_verdicts,
    _show_number,
    _show_test,
    _tabulate_numbers,
    describe_claims,
)
from toy_evidence import agree_with, estimate, with_differences
from toy_report import FULL_AUDIT


@pytest.fixture(scope="module", params=["phantom", "clinical"])
def ledger(request: pytest.FixtureRequest, claims: Claims) -> Ledger:
    evidence = with_differences(
        agree_with(claims, request.param),
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


def test_every_claim_stands_in_one_row_with_its_verdict(ledger: Ledger, claims: Claims) -> None:
    tables = [
        table
        for table in tables_of(describe_claims(ledger, claims)).values()
        if {"claim", "verdict"} <= set(table.header)
    ]
    assert [len(table.rows) for table in tables] == [19, 19, 12, 13, 9]
    verdicts = Counter(verdict for table in tables for verdict in column(table, "verdict"))
    assert verdicts == Counter(shorten(entry.verdict) for entry in ledger.claims)
    by_rule = Counter(said for table in tables for said in column(table, "rule, here"))
    assert by_rule == Counter(shorten(entry.comparison) for entry in ledger.claims)
    printed = [digits for table in tables[:-1] for digits in column(table, "paper")]
    assert sorted(printed) == sorted(placed.claim.printed for placed in claims.each())


def test_verdicts_are_counted_and_explained(ledger: Ledger, claims: Claims) -> None:
    found = tables_of(describe_claims(ledger, claims))
    table = found["Claims by verdict; beside it, what the rules alone say of this run."]
    *rows, total = table.rows
    assert [row[0] for row in rows] == list(VERDICTS)
    assert [int(row[2]) for row in rows] == list(ledger.n_by_verdict.values())
    assert sum(int(row[3]) for row in rows) == len(ledger.claims)
    assert total == ["all", "", "72", "72"]
    assert all(len(row[1]) > 20 for row in rows)


def test_the_phantom_is_told_from_patients(ledger: Ledger, claims: Claims) -> None:
    said = [
        block.text
        for block in describe_claims(ledger, claims).blocks
        if isinstance(block, Paragraph)
    ]
    told = any("verdicts about the paper need the clinical cohort" in text for text in said)
    assert told is (ledger.cohort == "phantom")


def test_a_reason_is_not_begun_anew_in_each_row(ledger: Ledger, claims: Claims) -> None:
    table = tables_of(describe_claims(ledger, claims))["Places in the paper, and the reason."]
    reasons = dict(zip(column(table, "claim"), column(table, "why"), strict=True))
    assert reasons["precision, healthy, hybrid"] == "the interval lies inside 0.935 to 1.045"
    assert len(table.rows) == len(ledger.claims)


def test_networks_are_named_where_a_table_has_both(ledger: Ledger, claims: Claims) -> None:
    tables = tables_of(describe_claims(ledger, claims))
    assert column(tables["Table 1, hybrid network."], "claim")[0] == "precision, healthy"
    second = column(tables["Table 2."], "claim")
    assert second[0] == "mean Jaccard index at 0.99, hybrid"
    assert "Wilcoxon statistic at 0.99" in second
    assert "images in the data set" in column(tables["Numbers of the text."], "claim")


def test_every_place_of_a_claim_is_named(ledger: Ledger, claims: Claims) -> None:
    table = tables_of(describe_claims(ledger, claims))["Places in the paper, and the reason."]
    places = dict(zip(column(table, "claim"), column(table, "places"), strict=True))
    assert (
        places["overall accuracy, classical"]
        == "Table 1, Abstract, Section 4.4, Section 4.7, Section 5"
    )
    assert places["precision, glioma, classical"] == "Table 1"


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


def test_what_was_not_measured_is_a_dash(claims: Claims) -> None:
    bare = judge(claims, FULL_AUDIT, replace(agree_with(claims), estimates={}))
    assert _show_number(bare.get("t1-hybrid-accuracy")) == "\N{EN DASH}"
    (row,) = _tabulate_numbers("One.", [bare.get("t1-hybrid-accuracy")]).rows
    assert row[2:] == ["\N{EN DASH}", "± 0.03", "not tested", "not tested"]
    (block,) = _explain_verdicts([bare.get("t1-hybrid-accuracy")]).blocks
    assert isinstance(block, Table)
    assert column(block, "why") == ["this run has no metrics/accuracy"]
