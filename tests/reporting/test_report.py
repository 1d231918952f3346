"""The report of the toy study, and its sentences under other circumstances."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Document, Folded, Section, Table
from hqcm.reporting.page import render_markdown, render_page
from hqcm.reporting.report import write_report, write_summary
from hqcm.reporting.results import (
    Judged,
    Results,
    judge_run,
    read_results,
)
from hqcm.reporting.sections.data import describe_data
from hqcm.reporting.sections.localisation import describe_localisation
from hqcm.reporting.sections.scores import _accuracy_gaps, _spread_of
from toy_report import PARAMS, Evaluated

DASH = "\N{EN DASH}"
GOLDEN = Path(__file__).with_name("report.golden.md")
"""To renew it after a change that is meant: HQCM_RENEW=1 pytest tests/reporting/test_report.py."""


@pytest.fixture(scope="session")
def document(results: Results, claims: Claims) -> Document:
    return write_report(results, judge_toy(results, claims), PARAMS)


def table_of(section: Section, caption: str) -> Table:
    folds = [block for block in section.blocks if isinstance(block, Folded)]
    (found,) = (
        block
        for block in [*section.blocks, *(inner for fold in folds for inner in fold.blocks)]
        if isinstance(block, Table) and block.caption.startswith(caption)
    )
    return found


def judge_toy(results: Results, claims: Claims, cohort: str = "phantom") -> Judged:
    return judge_run(results, claims, cohort)


def test_the_report_reads_as_it_did(document: Document) -> None:
    text = render_markdown(document)
    if os.environ.get("HQCM_RENEW"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_same_bytes_from_the_same_files(
    document: Document, evaluated: Evaluated, claims: Claims, figures: Path
) -> None:
    results = read_results(evaluated.files, PARAMS.study)
    again = write_report(results, judge_toy(results, claims), PARAMS)
    assert render_page(again, figures) == render_page(document, figures)


def test_neither_form_names_a_folder_of_this_machine(
    document: Document, evaluated: Evaluated, figures: Path
) -> None:
    for text in (render_markdown(document), render_page(document, figures)):
        assert str(evaluated.folder) not in text


def test_every_number_of_tables_1_and_2_stands_beside_ours(
    document: Document, claims: Claims, figures: Path
) -> None:
    page = render_page(document, figures)
    for place, _, claim in claims.each():
        if place in {"Table 1", "Table 2"} and claim.quantity != "metrics/accuracy":
            assert f">{claim.printed}</td>" in page
    assert ">96.48 %</td>" in page
    assert ">86.72 %</td>" in page


def test_the_gap_is_hybrid_minus_classical(results: Results, claims: Claims) -> None:
    paper, ours = _accuracy_gaps(results, claims)
    assert paper == pytest.approx(0.0976)
    assert ours == pytest.approx(
        results.metrics["hybrid"]["accuracy"] - results.metrics["classical"]["accuracy"]
    )


def test_one_run_has_no_spread_and_several_have(results: Results) -> None:
    assert _spread_of({"n_seeds": 1, "spread": {"accuracy": None}}) == "one run"
    assert _spread_of({"n_seeds": 3, "spread": {"accuracy": 0.0123}}) == "± 1.2 %, 3 runs"
    assert results.n_seeds == 2


def test_what_the_paper_does_not_have_is_a_dash(results: Results, claims: Claims) -> None:
    localisation = {"0.50": results.localisation["0.90"]}
    params = LocaliseParams(thresholds=[0.5], attention_scale="raw", empty_mask="skip")
    section = describe_localisation(
        replace(results, localisation=localisation), claims, Path(), params
    )
    ((threshold, paper, here, *_, difference),) = table_of(section, "Mean Jaccard index on").rows
    assert (threshold, paper, difference) == ("0.50", DASH, DASH)
    assert float(here) == pytest.approx(localisation["0.50"]["paper"], abs=5e-4)
    assert table_of(section, "False activation").rows[0] == ["area, 0.50", DASH, DASH, DASH]


def test_the_data_flow_counts_every_slice_once(results: Results, claims: Claims) -> None:
    section = describe_data(results, claims, Path(), "phantom")
    total = table_of(section, "Slices used").rows[-1]
    assert total == ["all", "16", "16", "16", "16", "64", "7,576", "3"]
    parts = table_of(section, "Parts").rows
    assert [row[0] for row in parts] == ["train", "validation", "test"]
    assert [row[5] for row in parts] == ["16", "8", "40"]
    assert table_of(section, "Files rejected").rows == [
        ["`figshare`", "must be L", "1"],
        ["`figshare`", "must be whole", "2"],
    ]


def test_of_real_slices_the_report_says_what_is_missing(results: Results, claims: Claims) -> None:
    start = "Slices found, of those"
    table = table_of(describe_data(results, claims, Path(), "clinical"), start)
    assert table.header == ["source", *CLASS_NAMES, "all", "missing"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert [*rows] == ["trainingdatapro", "figshare", "akter", "all", "missing"]
    assert rows["figshare"][1:4] == ["16 of 708", "16 of 1,426", "16 of 930"]
    assert rows["figshare"][4:] == ["48 of 3,064", "3,016"]
    assert rows["missing"] == ["1,854", "1,691", "2,059", "1,908", "7,512", "7,512"]
    section = describe_data(results, claims, Path(), "phantom")
    assert start not in repr(section)  # of simulated ones nothing is


def test_what_the_protocol_leaves_out_is_counted(results: Results, claims: Claims) -> None:
    part = results.part.drop(["figshare/001", "figshare/002"])
    section = describe_data(replace(results, part=part), claims, Path(), "phantom")
    assert section.blocks[0].text == (  # type: ignore[union-attr]  # a paragraph
        "Files rejected: 3. Slices read: 64. Split `random`: 16 train, 8 validation, 38 test; "
        "left out by the protocol: 2."
    )


def test_of_a_rejected_file_neither_name_nor_content_is_told(
    results: Results, claims: Claims
) -> None:
    rows = [("ANN.mat", "cjdata/label must be one of 1, 2, 3; got ANN"), ("ANN", "ValueError: ANN")]
    rejected = {"figshare": pd.DataFrame(rows, columns=["file", "reason"])}
    section = describe_data(replace(results, rejections=rejected), claims, Path(), "phantom")
    assert "ANN" not in repr(section)
    assert [row[1] for row in table_of(section, "Files rejected").rows] == [
        *("cjdata/label must be one of 1, 2, 3", "must be readable; got ValueError")
    ]


def test_without_rejections_the_report_says_so(results: Results, claims: Claims) -> None:
    none = {name: files.iloc[:0] for name, files in results.rejections.items()}
    section = describe_data(replace(results, rejections=none), claims, Path(), "phantom")
    assert section.blocks[0].text.startswith("Files rejected: 0.")  # type: ignore[union-attr]  # a paragraph
    assert not any(getattr(block, "caption", "").startswith("Files") for block in section.blocks)


def test_the_summary_is_a_page_in_the_form_of_the_challenge(
    results: Results, claims: Claims
) -> None:
    text = render_markdown(write_summary(results, judge_toy(results, claims), PARAMS))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        *("Scope of reproducibility", "Methodology", "Results", "What was easy"),
        *("What was difficult", "Communication with original authors"),
    ]
    for row in results.verdicts.rows:
        assert f"- {row.claim}\n" in text
        assert f"- {row.found} {row.verdict}\n" in text
    assert f"hybrid {100 * results.metrics['hybrid']['accuracy']:.1f} % and classical " in text
    assert len(text.split()) < 450
