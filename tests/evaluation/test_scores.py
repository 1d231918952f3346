"""Scores for any weights of the groups: those of the slices repeated as often as they count."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.scores import _SCORES, measure_classification, score_confusion, score_run
from hqcm.results.predictions import Predictions
from reference import confusion_matrices, scores_of_matrix
from toy_study import make_predictions

GROUPS = np.arange(40) // 8


def by_quantity(run: Predictions) -> dict[str, float | None]:
    """The scores of `reports/metrics.json` by the quantities of the estimates."""
    return {k.replace("auroc/per_class", "auroc"): value for k, value in score_run(run).items()}


def take(run: Predictions, chosen: np.ndarray) -> Predictions:
    return Predictions(**{field.name: getattr(run, field.name)[chosen] for field in fields(run)})


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=5).filter(any), st.integers(0, 5))
def test_weights_are_repetitions(counts: list[int], seed: int) -> None:
    run = make_predictions(seed, skill=0.5)
    found = measure_classification([run], GROUPS).quantities(np.array([counts], np.float64))
    repeated = take(run, np.repeat(np.arange(40), np.array(counts)[GROUPS]))
    expected = by_quantity(repeated)
    assert found.keys() == expected.keys()
    for name, (value,) in found.items():
        assert value == pytest.approx(expected[name], abs=1e-12), name


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_data_have_every_digit_of_scikit_learn(slices: list[tuple[int, int]]) -> None:
    y_true, y_pred = np.array(slices).T
    logits = np.eye(4, dtype=np.float32)[y_pred]
    run = replace(make_predictions(0, skill=1.0, n=len(slices)), y_true=y_true, logits=logits)
    found = score_run(run)
    for average in ("macro", "weighted"):
        expected = precision_recall_fscore_support(
            y_true, y_pred, labels=range(4), average=average, zero_division=0
        )
        assert [found[f"metrics/{average}/{score}"] for score in _SCORES] == list(expected[:3])
    columns = precision_recall_fscore_support(y_true, y_pred, labels=range(4), zero_division=0)
    for score, column in zip(_SCORES, columns[:3], strict=True):
        ours = [found[f"metrics/per_class/{name}/{score}"] for name in CLASS_NAMES]
        assert ours == column.tolist()


def test_ones_give_the_metrics_of_the_runs() -> None:
    runs = [make_predictions(seed, skill=0.6) for seed in (0, 1, 2)]
    measure = measure_classification(runs, GROUPS)
    each = [by_quantity(run) for run in runs]
    for name, (value,) in measure.quantities(np.ones((1, 5))).items():
        expected = sum(scores[name] or 0.0 for scores in each) / 3
        assert value == pytest.approx(expected, abs=1e-12), name
    assert measure.sizes.keys() == each[0].keys()
    assert measure.sizes["metrics/accuracy"] == (40, 5)
    assert measure.sizes["metrics/per_class/glioma/recall"] == (10, 5)


def test_every_small_matrix_has_the_scores_of_its_definition() -> None:
    matrices = [m for m in confusion_matrices((2, 1, 2)) if scores_of_matrix(m) is not None]
    padded = np.zeros((len(matrices), 4, 4))
    padded[:, :3, :3] = matrices
    found = score_confusion(padded, np.array([True, True, True, False]))
    for i, matrix in enumerate(matrices):
        expected = scores_of_matrix(matrix)
        assert expected is not None
        ours = [
            found[f"metrics/per_class/{name}/{s}"][i] for name in CLASS_NAMES[:3] for s in _SCORES
        ]
        np.testing.assert_allclose(ours, [float(x) for x in expected[:9]], atol=1e-14)
        weighted = [found[f"metrics/weighted/{s}"][i] for s in _SCORES]
        np.testing.assert_allclose(weighted, [float(x) for x in expected[12:15]], atol=1e-14)
        assert found["metrics/accuracy"][i] == pytest.approx(float(expected[15]))
        assert found["metrics/balanced_accuracy"][i] == pytest.approx(float(expected[10]))


def test_a_class_without_slices_has_no_scores_and_one_never_predicted_precision_zero() -> None:
    confusion = np.array([[[0.0, 0, 0, 0], [1, 3, 0, 0], [0, 2, 0, 0], [0, 0, 0, 4]]])
    found = score_confusion(confusion, np.array([False, True, True, True]))
    for score in _SCORES:
        assert np.isnan(found[f"metrics/per_class/healthy/{score}"][0])
        assert np.isnan(found[f"metrics/macro/{score}"][0])
    assert found["metrics/per_class/glioma/precision"][0] == 0
    assert found["metrics/balanced_accuracy"][0] == pytest.approx((0.75 + 0 + 1) / 3)
    assert found["metrics/weighted/recall"][0] == pytest.approx(0.7)


def test_a_draw_without_a_class_of_the_data_leaves_its_averages_undefined() -> None:
    run = make_predictions(0, skill=0.6)
    groups = np.where(run.y_true == 2, 0, 1 + np.arange(40) % 4)
    found = measure_classification([run], groups).quantities(np.array([[0.0, 1, 1, 1, 1]]))
    undefined = {name for name, (value,) in found.items() if np.isnan(value)}
    assert undefined == {
        *(f"metrics/per_class/glioma/{s}" for s in _SCORES),
        *(f"metrics/macro/{s}" for s in _SCORES),
        *("metrics/balanced_accuracy", "metrics/auroc/glioma", "metrics/auroc/macro"),
    }
