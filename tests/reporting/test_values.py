"""The numbers behind the curves, as tables."""

from dataclasses import replace

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.document import Folded, Table
from hqcm.reporting.estimates import tabulate_curves
from hqcm.reporting.results import Results
from hqcm.reporting.sections.figures import _fold_training
from hqcm.reporting.sections.localisation import _fold_thresholds
from hqcm.reporting.sections.scores import _fold_rocs

DASH = "\N{EN DASH}"


def tables_of(fold: Folded) -> list[Table]:
    return [block for block in fold.blocks if isinstance(block, Table)]


def test_a_row_for_each_x_of_any_curve_and_a_dash_where_a_curve_has_none() -> None:
    curves = {
        "first": pd.Series([4.0, 1.23456789], index=[1, 3]),
        "second": pd.Series([float("nan"), 2.0], index=[1, 2]),
    }
    table = tabulate_curves("Loss.", "epoch", curves)
    assert table.header == ["epoch", "first", "second"]
    assert table.rows == [["1", "4", DASH], ["2", DASH, "2"], ["3", "1.235", DASH]]


def test_fig_7_has_every_run_of_both_networks(results: Results) -> None:
    loss, accuracy = tables_of(_fold_training(results))
    assert (
        loss.header
        == accuracy.header
        == ["epoch"]
        + [
            f"{role}, {part}, seed {seed}"
            for role in ("hybrid", "classical")
            for part in ("training", "validation")
            for seed in (0, 1)
        ]
    )
    curve = results.histories["classical"][1]
    assert [row[-1] for row in loss.rows] == [f"{x:.4g}" for x in curve["validation_loss"]]
    assert [row[6] for row in accuracy.rows] == [f"{x:.4g}" for x in curve["train_accuracy"]]


def test_one_run_needs_no_seed(results: Results) -> None:
    study = results.study.model_copy(update={"seeds": [0]})
    histories = {role: curves[:1] for role, curves in results.histories.items()}
    loss, _ = tables_of(_fold_training(replace(results, study=study, histories=histories)))
    assert loss.header[:2] == ["epoch", "hybrid, training"]


def test_each_class_that_has_curves_has_its_rates(results: Results) -> None:
    tables = tables_of(_fold_rocs(results))
    assert [table.caption for table in tables] == [
        f"True positive rate, {name}." for name in CLASS_NAMES
    ]
    for table in tables:
        assert table.header == ["false positive rate", "hybrid", "classical"]
        assert table.rows[-1] == ["1", "1", "1"]
    glioma = results.roc["classical"][results.roc["classical"]["class"] == "glioma"]
    upper = glioma.loc[glioma["false_positive_rate"] == 0, "true_positive_rate"].max()
    assert tables[2].rows[0][2] == f"{upper:.4g}"
    roc = {role: table[table["class"] != "glioma"] for role, table in results.roc.items()}
    assert len(tables_of(_fold_rocs(replace(results, roc=roc)))) == len(CLASS_NAMES) - 1


def test_the_jaccard_index_has_its_interval(results: Results) -> None:
    (table,) = tables_of(_fold_thresholds(results))
    assert table.header[4:] == ["classical", "classical, from", "classical, to"]
    curve = results.jaccard["classical"][["jaccard", "low", "high"]].to_numpy()
    assert table.rows[0][4:] == [f"{value:.4g}" for value in curve[0]]
