"""Classification metrics against scikit-learn's own report, and all that `evaluate` leaves."""

import json
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import softmax
from sklearn import metrics as sk

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_study
from hqcm.evaluation.classification import (
    _summarise_runs,
    compare_hits,
    summarise_study,
    tabulate_calibration,
    tabulate_confusion,
    tabulate_roc,
)
from hqcm.evaluation.roc import tabulate_curves
from hqcm.evaluation.scores import measure_classification
from hqcm.results.intervals import ProtocolEstimates
from hqcm.results.predictions import Predictions
from reference import class_scores
from toy_study import STUDY, make_predictions


def test_a_run_has_the_figures_of_scikit_learn() -> None:
    run = make_predictions(0, skill=0.6)
    found = _summarise_runs([run])
    report = sk.classification_report(
        run.y_true, run.y_pred, target_names=CLASS_NAMES, output_dict=True
    )
    assert found["accuracy"] == sk.accuracy_score(run.y_true, run.y_pred)
    assert found["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(run.y_true, run.y_pred), abs=1e-15
    )
    for average in ("macro", "weighted"):
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert found[average][ours] == report[f"{average} avg"][theirs]
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
    found = _summarise_runs([replace(run, y_true=np.array(y_true), logits=logits)])
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
    found = _summarise_runs([make_predictions(3, skill=0.4)])
    assert found["weighted"]["recall"] == pytest.approx(found["accuracy"], abs=1e-15)


def test_a_class_that_is_never_predicted_has_precision_zero() -> None:
    run = make_predictions(0, skill=0.6)
    logits = run.logits.copy()
    logits[:, 2] = -100
    found = _summarise_runs([replace(run, logits=logits)])
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
    found = _summarise_runs([run])
    assert found["per_class"]["meningioma"]["support"] == 0
    assert found["balanced_accuracy"] == 1.0
    assert found["macro"]["recall"] == 0.75


def test_several_seeds_give_mean_and_sample_deviation() -> None:
    runs = [make_predictions(seed, skill=0.6) for seed in (0, 1, 2)]
    found = _summarise_runs(runs)
    accuracies = [sk.accuracy_score(run.y_true, run.y_pred) for run in runs]
    mean = sum(accuracies) / 3
    deviation = (sum((a - mean) ** 2 for a in accuracies) / 2) ** 0.5
    assert found["accuracy"] == pytest.approx(mean, abs=1e-15)
    assert deviation > 0
    assert found["spread"]["accuracy"] == pytest.approx(deviation, abs=1e-15)
    assert found["spread"]["per_class"]["glioma"].keys() == {"precision", "recall", "f1"}
    assert (found["n_seeds"], found["n_test"]) == (3, 40)


def test_one_seed_has_no_spread() -> None:
    found = _summarise_runs([make_predictions(0, skill=0.6)])
    assert found["spread"]["accuracy"] is None
    assert found["spread"]["macro"] == {"precision": None, "recall": None, "f1": None}


def test_the_study_is_plain_json_in_the_order_of_the_study() -> None:
    run = make_predictions(0, skill=0.6)
    found = summarise_study({"source": {"b": [run], "a": [run]}, "patient": {"b": [run]}})
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


PARAMS = UncertaintyParams(n_resamples=200, seed=0)
RUNS = {
    "paper": [make_predictions(seed, skill=0.9) for seed in (0, 1)],
    "counterpart": [make_predictions(seed, skill=0.6) for seed in (0, 1)],
}
GROUPS = np.arange(40) // 4


def estimate(runs: dict[str, list[Predictions]], groups: np.ndarray = GROUPS) -> ProtocolEstimates:
    """The intervals of the stage `evaluate`, of one protocol."""
    return estimate_study(
        {"random": runs}, {"random": groups}, measure_classification, STUDY.pair, PARAMS
    )["random"]


FOUND = estimate(RUNS)


def test_estimates_are_the_metrics_and_their_differences() -> None:
    metrics = summarise_study({"random": RUNS})["random"]
    assert list(FOUND.networks) == ["paper", "counterpart"]
    for name, scores in metrics.items():
        estimate = FOUND.networks[name]["metrics/accuracy"]
        assert estimate.value == pytest.approx(scores["accuracy"], abs=1e-6)
        assert estimate.low < estimate.value < estimate.high
        assert (estimate.n, estimate.n_groups) == (40, 10)
    gap = FOUND.differences["metrics/accuracy"]
    expected = metrics["paper"]["accuracy"] - metrics["counterpart"]["accuracy"]
    assert gap.value == pytest.approx(expected, abs=1e-6)
    assert gap.low < gap.value < gap.high


def test_the_same_study_twice_and_in_another_order() -> None:
    assert estimate(RUNS) == FOUND
    assert estimate(dict(reversed(RUNS.items()))).networks == FOUND.networks


def test_mcnemar_counts_slices_that_only_one_network_gets_right() -> None:
    run = make_predictions(0, skill=0.9)
    wrong = run.logits.copy()
    wrong[run.y_true == 2] = [9, 0, 0, 0]
    study = StudyParams(hybrid=["h"], classical=["c"], protocols=["random"], seeds=[3])
    other = replace(run, logits=wrong)
    n = int(np.count_nonzero((run.y_pred == run.y_true) & (run.y_true == 2)))
    (test,) = compare_hits({"random": {"h": [run], "c": [other]}}, study)["random"]
    assert (test["seed"], test["n_only_hybrid"], test["n_only_classical"]) == (3, n, 0)
    assert test["p_value"] == pytest.approx(2 / 2**n)


def test_mcnemar_pairs_runs_of_one_seed() -> None:
    tests = compare_hits({"random": RUNS}, STUDY)["random"]
    assert [test["seed"] for test in tests] == [0, 1]
    hits = [RUNS[name][1].y_true == RUNS[name][1].y_pred for name in STUDY.pair]
    assert tests[1]["n_only_hybrid"] == np.count_nonzero(hits[0] & ~hits[1])


def test_curves_are_of_the_first_seed_and_reliability_of_all() -> None:
    study = {"random": RUNS}
    names = {("paper", "random"), ("counterpart", "random")}
    assert set(tabulate_calibration(study)) == set(tabulate_roc(study)) == names
    assert tabulate_calibration(study)["paper", "random"]["n"].sum() == 80
    run = RUNS["paper"][0]
    expected = tabulate_curves(run.probabilities, run.y_true)
    assert tabulate_roc(study)["paper", "random"].equals(expected)


def test_one_patient_only_leaves_no_interval() -> None:
    found = estimate(RUNS, np.zeros(40, np.int64))
    assert found.networks == {"paper": {}, "counterpart": {}}
    assert found.differences == {}


def test_healthy_slices_alone_have_accuracy_and_no_area() -> None:
    healthy = {
        name: [
            Predictions(*(column[run.y_true == 0] for column in vars(run).values())) for run in runs
        ]
        for name, runs in RUNS.items()
    }
    metrics = _summarise_runs(healthy["paper"])
    assert metrics["auroc"]["macro"] is None
    assert set(metrics["spread"]["auroc"]["per_class"].values()) == {None}
    quantities = estimate(healthy, np.arange(10)).networks["paper"]
    assert "metrics/accuracy" in quantities
    assert "metrics/per_class/healthy/recall" in quantities
    assert not {name for name in quantities if "auroc" in name or "macro" in name}
    assert tabulate_roc({"random": healthy})["paper", "random"].empty


N = 9
FEW = settings(max_examples=40, deadline=None)


@st.composite
def runs(draw: st.DrawFn) -> Predictions:
    """Any labels and logits; classes may be missing on either side."""
    return Predictions(
        slice_id=np.array([f"s{i}" for i in range(N)], dtype=object),
        y_true=draw(hnp.arrays(np.int64, N, elements=st.integers(0, N_CLASSES - 1))),
        logits=draw(hnp.arrays(np.float32, (N, 4), elements=st.floats(-9, 9, width=32))),
        features=np.zeros((N, 25), np.float32),
        attention=draw(hnp.arrays(np.float32, (N, 3, 3), elements=st.floats(0, 1, width=32))),
    )


def take(run: Predictions, order: np.ndarray) -> Predictions:
    return Predictions(**{field.name: getattr(run, field.name)[order] for field in fields(run)})


@FEW
@given(runs())
def test_every_metric_is_a_fraction_and_the_support_is_complete(run: Predictions) -> None:
    found = _summarise_runs([run])
    scores = [found["accuracy"], found["balanced_accuracy"], found["ece"]]
    scores += [*found["macro"].values(), *found["weighted"].values()]
    assert all(0 <= score <= 1 for score in scores)
    assert sum(found["per_class"][name]["support"] for name in CLASS_NAMES) == N


@FEW
@given(runs(), st.permutations(range(N)))
def test_the_order_of_the_slices_does_not_matter(run: Predictions, order: list[int]) -> None:
    one, other = _summarise_runs([run]), _summarise_runs([take(run, np.array(order))])
    assert one["per_class"] == other["per_class"]
    assert one["accuracy"] == other["accuracy"]
    assert abs(one["ece"] - other["ece"]) < 1e-12


@FEW
@given(runs())
def test_equal_runs_have_no_spread(run: Predictions) -> None:
    found = _summarise_runs([run, run])
    assert found["accuracy"] == _summarise_runs([run])["accuracy"]
    assert found["spread"]["accuracy"] == 0
    assert set(found["spread"]["macro"].values()) == {0}
