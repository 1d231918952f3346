"""What stands beside Table 1: where its numbers come from, and what is a dash."""

from dataclasses import replace
from pathlib import Path

import pytest

from hqcm.contracts.labels import ROLES
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_estimates
from hqcm.reporting.results import Results
from hqcm.reporting.sections.scores import _tell_weakest, describe_classification
from hqcm.results.intervals import Estimate, ProtocolEstimates
from toy_report import PARAMS

DASH = "\N{EN DASH}"
FOUND = Estimate(value=0.9444, low=0.875, high=1.0, n=40, n_groups=5)


@pytest.fixture
def unestimated(results: Results) -> Results:
    """The same run without any interval."""
    return replace(results, estimates={})


def unfold(section: Section) -> list[Block]:
    folds = [block for block in section.blocks if isinstance(block, Folded)]
    return [*section.blocks, *(inner for fold in folds for inner in fold.blocks)]


def tables(section: Section) -> dict[str, Table]:
    """By the first words of the caption."""
    return {block.caption[:11]: block for block in unfold(section) if isinstance(block, Table)}


def describe(results: Results, claims: Claims) -> Section:
    return describe_classification(results, claims, Path(), PARAMS.embed)


def test_a_row_shows_hybrid_classical_and_difference(results: Results) -> None:
    low, middle, high = (
        FOUND.model_copy(update={"value": value, "low": value, "high": value})
        for value in (-0.5, 0.25, 0.75)
    )
    networks = {
        "counterpart": {"metrics/ece": middle},
        "paper": {"metrics/ece": high},
        "released": {"metrics/ece": low},
    }
    found = ProtocolEstimates(networks=networks, differences={"metrics/ece": low})
    toy = replace(results, estimates={"random": found, "patient": found})
    table = tabulate_estimates(toy, "C.", "what", {"ECE": "metrics/ece"}, digits=2)
    assert table.header == ["what", "hybrid", "classical", "difference"]
    assert table.rows == [
        ["ECE", "0.75 (0.75 to 0.75)", "0.25 (0.25 to 0.25)", "-0.50 (-0.50 to -0.50)"]
    ]


def test_every_table_holds_what_the_stages_found(results: Results, claims: Claims) -> None:
    found = tables(describe(results, claims))
    assert len(found) == 7
    for row, test in zip(found["McNemar's e"].rows, results.mcnemar, strict=True):
        assert row[:3] == [str(test[key]) for key in ("seed", "n_only_hybrid", "n_only_classical")]
    areas = {row[0]: row for row in found["Area under "].rows}
    for column, role in enumerate(ROLES, start=1):
        auroc = results.metrics[role]["auroc"]
        assert areas["mean of the classes"][column].startswith(f"{auroc['macro']:.3f} (")
        assert areas["glioma"][column].startswith(f"{auroc['per_class']['glioma']:.3f} (")
        for row, key in zip(found["Less is bet"].rows, ("ece", "brier"), strict=True):
            assert row[column].startswith(f"{results.metrics[role][key]:.3f} (")


def test_without_intervals_values_stay_and_intervals_are_dashes(
    unestimated: Results, claims: Claims
) -> None:
    found = tables(describe(unestimated, claims))
    for name in ("Area under ", "Less is bet"):
        for _, hybrid, classical, difference in found[name].rows:
            assert hybrid.endswith(f" ({DASH})")
            assert classical.endswith(f" ({DASH})")
            assert difference == DASH
    assert {cell for row in found["Separabilit"].rows for cell in row[1:]} == {DASH}


def test_a_class_without_area_is_a_dash(unestimated: Results, claims: Claims) -> None:
    metrics = {
        role: {**unestimated.metrics[role], "auroc": {"macro": None, "per_class": {}}}
        for role in ROLES
    }
    for role in ROLES:
        per_class = unestimated.metrics[role]["auroc"]["per_class"]
        metrics[role]["auroc"]["per_class"] = dict.fromkeys(per_class)
    found = tables(describe(replace(unestimated, metrics=metrics), claims))
    assert {cell for row in found["Area under "].rows for cell in row[1:]} == {DASH}


def test_seeds_are_said_to_be_pooled_where_there_are_several(
    results: Results, claims: Claims
) -> None:
    one = replace(results, study=results.study.model_copy(update={"seeds": [7]}))
    captions = [
        block.caption
        for each in (results, one)
        for block in unfold(describe(each, claims))
        if isinstance(block, Picture) and block.file.name == "reliability.png"
    ]
    assert [caption.partition(":")[0] for caption in captions] == [
        "Reliability diagram, 2 seeds pooled",
        "Reliability diagram",
    ]


def test_table_1_has_both_intervals_of_the_accuracy(results: Results, claims: Claims) -> None:
    found = tables(describe(results, claims))
    estimates = results.estimates["random"]
    for row, name in zip(found["Overall acc"].body, results.study.pair, strict=True):
        low, high = estimates.networks[name]["metrics/accuracy"].bounds
        assert row[3] == f"{100 * low:.1f} to {100 * high:.1f} %"
    low, high = estimates.differences["metrics/accuracy"].bounds
    ((*_, shown, _),) = found["Overall acc"].totals
    assert shown == f"{100 * low:+.1f} to {100 * high:+.1f} points"


def test_the_weakest_class_of_each_network_is_named(results: Results) -> None:
    said = _tell_weakest(results)
    for role in ROLES:
        scores = results.metrics[role]["per_class"]
        lowest = min(each["recall"] for each in scores.values())
        assert f"({100 * lowest:.1f} %)" in said


def test_table_1_without_intervals_has_dashes(unestimated: Results, claims: Claims) -> None:
    found = tables(describe(unestimated, claims))
    assert [row[3] for row in found["Overall acc"].rows] == [DASH] * 3
