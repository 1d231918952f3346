"""What exactly was run."""

from dataclasses import replace
from pathlib import Path

from hqcm.contracts.study import StudyParams
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Folded, Paragraph, Picture, Table
from hqcm.reporting.results import Results
from hqcm.reporting.sections.training import (
    _describe_failures,
    _tabulate_networks,
    describe_training,
)


def test_every_network_is_named_under_every_protocol(results: Results) -> None:
    study = StudyParams(
        hybrid=["paper", "frozen"], classical=["counterpart"], protocols=["random", "patient"],
        seeds=[0, 1],
    )  # fmt: skip
    note = results.networks["hybrid"][0]
    trained = {
        cell: note.model_copy(update={"best_epoch": epoch})
        for epoch, cell in enumerate(study.cells())
    }
    table = _tabulate_networks(replace(results, study=study, trained=trained))
    assert table.header[:3] == ["network", "protocol", "seed"]
    assert [(*row[:3], row[5]) for row in table.rows] == [
        ("hybrid (`paper`)", "`random`", "0", "0 of 6"),
        ("hybrid (`paper`)", "`random`", "1", "1 of 6"),
        ("hybrid (`frozen`)", "`random`", "0", "2 of 6"),
        ("hybrid (`frozen`)", "`random`", "1", "3 of 6"),
        ("classical (`counterpart`)", "`random`", "0", "4 of 6"),
        ("classical (`counterpart`)", "`random`", "1", "5 of 6"),
        ("hybrid (`paper`)", "`patient`", "0", "6 of 6"),
        ("hybrid (`paper`)", "`patient`", "1", "7 of 6"),
        ("hybrid (`frozen`)", "`patient`", "0", "8 of 6"),
        ("hybrid (`frozen`)", "`patient`", "1", "9 of 6"),
        ("classical (`counterpart`)", "`patient`", "0", "10 of 6"),
        ("classical (`counterpart`)", "`patient`", "1", "11 of 6"),
    ]


def test_says_which_network_cannot_learn(results: Results) -> None:
    text = _describe_failures(results).text
    assert "hybrid 5, 5 dead and 0, 0 saturated, gradient 3.00, 3.00" in text


def test_long_tables_stand_in_folds(results: Results, claims: Claims) -> None:
    failures, picture, *folds = describe_training(results, claims, Path("figures")).blocks
    assert isinstance(failures, Paragraph)
    assert isinstance(picture, Picture)
    *_, (networks, versions) = (fold.blocks for fold in folds if isinstance(fold, Folded))
    assert isinstance(networks, Table)
    assert len(networks.rows) == 2 * results.n_seeds
    assert networks.header[:2] == ["network", "seed"]
    assert versions == Paragraph("Libraries: numpy 2.4.6, torch 2.14.1.")
