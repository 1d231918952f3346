"""All that the stage `evaluate` writes, of one study."""

from dataclasses import replace

import numpy as np
import pytest

from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.classification import Evaluated, compare_hits, evaluate_predictions
from toy_study import STUDY, make_predictions

PARAMS = UncertaintyParams(n_resamples=200, seed=0)
RUNS = {
    "paper": [make_predictions(seed, skill=0.9) for seed in (0, 1)],
    "counterpart": [make_predictions(seed, skill=0.6) for seed in (0, 1)],
}
GROUPS = np.arange(40) // 4


@pytest.fixture(scope="module")
def found() -> Evaluated:
    return evaluate_predictions({"random": RUNS}, {"random": GROUPS}, STUDY, PARAMS)


def test_every_part_speaks_of_the_same_networks(found: Evaluated) -> None:
    assert list(found.metrics["random"]) == ["paper", "counterpart"]
    assert list(found.intervals["random"].networks) == ["paper", "counterpart"]
    names = {("paper", "random"), ("counterpart", "random")}
    assert set(found.confusion) == set(found.roc) == set(found.reliability) == names
    assert [test["seed"] for test in found.mcnemar["random"]] == [0, 1]


def test_estimates_are_the_metrics_and_their_differences(found: Evaluated) -> None:
    networks, metrics = found.intervals["random"].networks, found.metrics["random"]
    for name, scores in metrics.items():
        estimate = networks[name]["metrics/accuracy"]
        assert estimate.value == pytest.approx(scores["accuracy"], abs=1e-6)
        assert estimate.low < estimate.value < estimate.high
        assert (estimate.n, estimate.n_groups) == (40, 10)
    gap = found.intervals["random"].differences["metrics/accuracy"]
    expected = metrics["paper"]["accuracy"] - metrics["counterpart"]["accuracy"]
    assert gap.value == pytest.approx(expected, abs=1e-6)
    assert gap.low < gap.value < gap.high


def test_the_same_study_twice_and_in_another_order(found: Evaluated) -> None:
    again = evaluate_predictions({"random": RUNS}, {"random": GROUPS}, STUDY, PARAMS)
    assert again.intervals == found.intervals
    turned = {"random": dict(reversed(RUNS.items()))}
    assert (
        evaluate_predictions(turned, {"random": GROUPS}, STUDY, PARAMS).intervals["random"].networks
        == found.intervals["random"].networks
    )


def test_mcnemar_counts_slices_that_only_one_network_gets_right() -> None:
    run = make_predictions(0, skill=0.9)
    wrong = run.logits.copy()
    wrong[run.y_true == 2] = [9, 0, 0, 0]
    study = StudyParams(hybrid=["h"], classical=["c"], protocols=["random"], seeds=[3])
    other = replace(run, logits=wrong)
    n = int(np.count_nonzero((run.y_pred == run.y_true) & (run.y_true == 2)))
    (test,) = compare_hits({"h": [run], "c": [other]}, study)
    assert (test["seed"], test["n_only_hybrid"], test["n_only_classical"]) == (3, n, 0)
    assert test["p_value"] == pytest.approx(2 / 2**n)


def test_curves_are_of_the_first_seed_and_reliability_of_all(found: Evaluated) -> None:
    assert found.reliability["paper", "random"]["n"].sum() == 80
    alone = evaluate_predictions(
        {"random": {name: runs[:1] for name, runs in RUNS.items()}},
        {"random": GROUPS},
        replace_seeds([0]),
        PARAMS,
    )
    assert alone.roc["paper", "random"].equals(found.roc["paper", "random"])


def replace_seeds(seeds: list[int]) -> StudyParams:
    return StudyParams.model_validate({**STUDY.model_dump(), "seeds": seeds})


def test_one_patient_only_leaves_no_interval_and_the_metrics_stand() -> None:
    one = {"random": np.zeros(40, np.int64)}
    found = evaluate_predictions({"random": RUNS}, one, STUDY, PARAMS)
    assert found.intervals["random"].networks == {"paper": {}, "counterpart": {}}
    assert found.intervals["random"].differences == {}
    assert found.metrics["random"]["paper"]["accuracy"] > 0.8


def test_healthy_slices_alone_have_accuracy_and_no_area() -> None:
    healthy = {
        name: [
            replace(
                run,
                **{
                    field: getattr(run, field)[run.y_true == 0]
                    for field in ("slice_id", "y_true", "logits", "features", "attention")
                },
            )
            for run in runs
        ]
        for name, runs in RUNS.items()
    }
    found = evaluate_predictions({"source": healthy}, {"source": np.arange(10)}, STUDY, PARAMS)
    assert found.metrics["source"]["paper"]["auroc"]["macro"] is None
    assert set(found.metrics["source"]["paper"]["spread"]["auroc"]["per_class"].values()) == {None}
    quantities = found.intervals["source"].networks["paper"]
    assert "metrics/accuracy" in quantities
    assert "metrics/per_class/healthy/recall" in quantities
    assert not {name for name in quantities if "auroc" in name or "macro" in name}
    assert found.roc["paper", "source"].empty
