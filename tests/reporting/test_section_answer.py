"""The two answers: what the published studies find, and what this run has found."""

from dataclasses import replace
from pathlib import Path

import pytest

from hqcm.paper.claims import Claims
from hqcm.reporting.document import Paragraph, Picture, Section, Table
from hqcm.reporting.figures.drawing import figure_style
from hqcm.reporting.figures.networks import draw_tuned
from hqcm.reporting.results import Results, judge_run
from hqcm.reporting.sections.answer import describe_finding, describe_result


def find(section: Section) -> tuple[str, Table]:
    text, table, *_ = section.blocks
    assert isinstance(text, Paragraph)
    assert isinstance(table, Table)
    return text.text, table


def tell(results: Results, claims: Claims, cohort: str) -> tuple[str, Table]:
    return find(describe_result(results, judge_run(results, claims, cohort)))


def test_the_published_study_is_told_as_the_file_has_it(results: Results) -> None:
    section = describe_finding(results.verdicts, Path("figures"))
    text, table = find(section)
    assert text.startswith("Published study, real MRI: 920 slices")
    assert table.rows == [[row.claim, row.found, row.verdict] for row in results.verdicts.rows]
    picture = section.blocks[-1]
    assert isinstance(picture, Picture)
    for rival in results.verdicts.rivals:
        assert (
            f"minus {rival.name}, {rival.protocol}, {100 * rival.difference:+.1f} poi"
            in picture.alt
        )


def test_the_phantom_gives_no_verdict_and_says_what_would(results: Results, claims: Claims) -> None:
    text, table = tell(results, claims, "phantom")
    assert "Simulated patients say nothing about the paper" in text
    assert "`dvc exp run -S data.cohort=clinical -S train.max_epochs=40` (docs/data.md)" in text
    assert "64 simulated slices, 40 of them test slices; each network was trained 2 times" in text
    assert "reproduced" not in text + str(table)


def test_real_slices_give_verdicts_and_count_them(results: Results, claims: Claims) -> None:
    text, _ = tell(results, claims, "clinical")
    n = judge_run(results, claims, "clinical").ledger.n_by_verdict
    assert text.startswith(f"Of 72 claims of the paper: {n['reproduced']} reproduced, ")
    assert "4 impossible as printed" in text
    assert "64 real slices" in text


def test_four_numbers_of_both_networks(results: Results, claims: Claims) -> None:
    _, table = tell(results, claims, "phantom")
    assert [row[0] for row in table.rows] == [
        *("accuracy", "macro F1", "recall, glioma", "Jaccard index at 0.75")
    ]
    assert table.rows[0][1].startswith(f"{results.metrics['hybrid']['accuracy']:.3f} (")
    assert "variation" not in table.caption
    once = replace(results, study=results.study.model_copy(update={"seeds": [0]}))
    text, table = tell(once, claims, "phantom")
    assert "trained once" in text
    assert table.caption.endswith("One seed: its variation is unknown.")


def test_of_its_own_configuration_the_noise_is_told(results: Results, claims: Claims) -> None:
    assert results.roundings
    own = replace(results.roundings, configuration=results.configuration)
    text, _ = tell(replace(results, roundings=own), claims, "phantom")
    assert text.endswith("on this cohort is noise of rounding.")


@pytest.mark.parametrize(("high", "n_lines"), [(0.05, 2), (0.3, 3), (None, 1)])
def test_an_interval_beyond_the_axis_ends_in_an_arrow_and_none_is_a_mark(
    results: Results, high: float | None, n_lines: int
) -> None:
    rival = results.verdicts.rivals[0].model_copy(
        update={"low": None if high is None else -0.05, "high": high}
    )
    with figure_style():
        (axes,) = draw_tuned(results.verdicts.model_copy(update={"rivals": [rival]})).axes
    drawn = [line for line in axes.lines if line.get_linestyle() != "--"]
    assert len(drawn) == n_lines + 1  # the line at zero
    assert axes.get_xlim() == (-10, 10)
    assert [text.get_text() for text in axes.texts] == [f"minus {rival.name}"]
