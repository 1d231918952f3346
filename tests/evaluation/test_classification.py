"""Classification metrics against scikit-learn's own report."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn import metrics as sk

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.classification import (
    evaluate_run,
    evaluate_study,
    summarise_runs,
    tabulate_confusion,
)
from reference import class_scores
from toy_study import make_predictions


def test_a_run_has_the_figures_of_scikit_learn() -> None:
    run = make_predictions(0, skill=0.6)
    found = evaluate_run(run)
    report = sk.classification_report(
        run.y_true, run.y_pred, target_names=CLASS_NAMES, output_dict=True
    )
    assert found["accuracy"] == sk.accuracy_score(run.y_true, run.y_pred)
    assert found["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(run.y_true, run.y_pred), abs=1e-15
    )
    for average in ("macro", "weighted"):
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert found[average][ours] == report[f"{average} avg"][theirs]  # type: ignore[literal-required]
    for name in CLASS_NAMES:
        assert found["per_class"][name]["f1"] == report[name]["f1-score"]
        assert found["per_class"][name]["support"] == report[name]["support"] == 10
    probabilities = softmax(run.logits.astype(np.float64), axis=1)
    areas = sk.roc_auc_score(run.y_true, probabilities, multi_class="ovr", average=None)
    assert [*found["auroc"]["per_class"].values()] == pytest.approx(areas)
    assert found["auroc"]["macro"] == pytest.approx(areas.mean())
    assert found["brier"] == pytest.approx(
        sk.brier_score_loss(run.y_true, probabilities, labels=range(4), scale_by_half=False)
    )


LABELS = st.integers(0, 3)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=20))
def test_scores_are_counted_one_by_one_also_where_a_class_is_missing(
    slices: list[tuple[int, int]],
) -> None:
    y_true, y_pred = ([pair[i] for pair in slices] for i in (0, 1))
    run = make_predictions(0, skill=1.0, n=len(slices))
    logits = np.eye(4, dtype=np.float32)[y_pred]
    found = evaluate_run(replace(run, y_true=np.array(y_true), logits=logits))
    rows = [class_scores(y_true, y_pred, label) for label in range(4)]
    n = len(slices)
    for row, name in zip(rows, CLASS_NAMES, strict=True):
        assert tuple(found["per_class"][name].values()) == pytest.approx(row)
    macro = [sum(row[i] for row in rows) / 4 for i in range(3)]
    weighted = [sum(row[i] * row[3] for row in rows) / n for i in range(3)]
    assert list(found["macro"].values()) == pytest.approx(macro)
    assert list(found["weighted"].values()) == pytest.approx(weighted)
    recalls = [row[1] for row in rows if row[3]]
    assert found["balanced_accuracy"] == pytest.approx(sum(recalls) / len(recalls))
    assert found["accuracy"] == pytest.approx(sum(t == p for t, p in slices) / n)


def test_weighted_recall_is_accuracy() -> None:
    found = evaluate_run(make_predictions(3, skill=0.4))
    assert found["weighted"]["recall"] == pytest.approx(found["accuracy"], abs=1e-15)


def test_a_class_that_is_never_predicted_has_precision_zero() -> None:
    run = make_predictions(0, skill=0.6)
    logits = run.logits.copy()
    logits[:, 2] = -100
    found = evaluate_run(replace(run, logits=logits))
    assert found["per_class"]["glioma"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "support": 10,
    }


def test_a_class_without_test_slices_is_listed_and_not_balanced_in() -> None:
    run = make_predictions(0, skill=1.0)
    kept = run.y_true != 1
    run = replace(run, y_true=run.y_true[kept], logits=run.logits[kept])
    found = evaluate_run(run)
    assert found["per_class"]["meningioma"]["support"] == 0
    assert found["balanced_accuracy"] == 1.0
    assert found["macro"]["recall"] == 0.75


def test_several_seeds_give_mean_and_sample_deviation() -> None:
    runs = [make_predictions(seed, skill=0.6) for seed in (0, 1, 2)]
    found = summarise_runs(runs)
    accuracies = [sk.accuracy_score(run.y_true, run.y_pred) for run in runs]
    mean = sum(accuracies) / 3
    deviation = (sum((a - mean) ** 2 for a in accuracies) / 2) ** 0.5
    assert found["accuracy"] == pytest.approx(mean, abs=1e-15)
    assert deviation > 0
    assert found["spread"]["accuracy"] == pytest.approx(deviation, abs=1e-15)
    assert found["spread"]["per_class"]["glioma"].keys() == {"precision", "recall", "f1"}
    assert (found["n_seeds"], found["n_test"]) == (3, 40)


def test_one_seed_has_no_spread() -> None:
    found = summarise_runs([make_predictions(0, skill=0.6)])
    assert found["spread"]["accuracy"] is None
    assert found["spread"]["macro"] == {"precision": None, "recall": None, "f1": None}


def test_the_study_is_plain_json_in_the_order_of_the_study() -> None:
    run = make_predictions(0, skill=0.6)
    found = evaluate_study({"source": {"b": [run], "a": [run]}, "patient": {"b": [run]}})
    again = json.loads(json.dumps(found, allow_nan=False))
    assert list(again) == ["source", "patient"]
    assert list(again["source"]) == ["b", "a"]
    assert list(again["source"]["a"]) == [
        *("accuracy", "balanced_accuracy", "macro", "weighted", "per_class", "ece"),
        *("brier", "auroc", "n_test", "n_seeds", "spread"),
    ]
    assert again["source"]["a"]["per_class"]["pituitary"]["support"] == 10


def test_confusion_tables_hold_a_row_a_slice_and_seed() -> None:
    runs = [make_predictions(seed, skill=0.6) for seed in (0, 1)]
    table = tabulate_confusion({"random": {"paper": runs}})["paper", "random"]
    assert list(table.columns) == ["actual", "predicted"]
    counts = pd.crosstab(table["actual"], table["predicted"]).loc[[*CLASS_NAMES], [*CLASS_NAMES]]
    expected = sum(sk.confusion_matrix(run.y_true, run.y_pred) for run in runs)
    np.testing.assert_array_equal(counts.to_numpy(), expected)
