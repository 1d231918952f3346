"""ROC curves and the area below them against scikit-learn and against every pair."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.roc import RankedSlices, area_under_curve, mean_area, tabulate_curves
from reference import area_of_pairs, curve_points
from toy_study import make_predictions

SLICES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.booleans(), st.integers(0, 3)),
    min_size=2,
    max_size=12,
)
COUNTS = st.lists(st.integers(0, 3), min_size=4, max_size=4)


@given(SLICES)
def test_the_area_is_the_share_of_pairs_in_order(
    slices: list[tuple[float, bool, int]],
) -> None:
    scores, inside, _ = (np.array(column) for column in zip(*slices, strict=True))
    expected = area_of_pairs(scores.tolist(), inside.tolist())
    found = area_under_curve(scores, inside)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


@given(SLICES)
def test_the_curve_runs_through_the_shares_above_each_score(
    slices: list[tuple[float, bool, int]],
) -> None:
    scores, inside, _ = (list(column) for column in zip(*slices, strict=True))
    if all(inside) or not any(inside):
        return
    probabilities = np.array([[1 - score, score, 0, 0] for score in scores])
    curves = tabulate_curves(probabilities, np.array(inside, np.int64))
    curve = curves[curves["class"] == CLASS_NAMES[1]].drop(columns="class").to_numpy()
    expected = {(round(x, 6), round(y, 6)) for x, y in curve_points(scores, inside)}
    shown = [(float(x), float(y)) for x, y in curve]
    assert set(shown) <= expected
    assert (shown[0], shown[-1]) == ((0, 0), (1, 1))
    assert shown == sorted(shown)
    # Corners on a straight line may be left out: the area below stays.
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(shown))
    assert area == pytest.approx(area_of_pairs(scores, inside), abs=1e-5)


@given(SLICES, COUNTS)
def test_weights_are_repetitions(slices: list[tuple[float, bool, int]], counts: list[int]) -> None:
    scores, inside, groups = (np.array(column) for column in zip(*slices, strict=True))
    chosen = np.repeat(np.arange(len(scores)), np.array(counts)[groups])
    expected = area_of_pairs(scores[chosen].tolist(), inside[chosen].tolist())
    weights = np.array([counts, [1] * 4], np.float64)
    drawn, whole = RankedSlices(scores, inside, groups).area(weights)
    assert drawn == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
    known = area_under_curve(scores, inside)
    assert whole == pytest.approx(np.nan if known is None else known, nan_ok=True)


def test_weights_of_whole_groups_equal_scikit_learn() -> None:
    run = make_predictions(1, skill=0.5)
    groups = np.arange(40) // 4
    weights = np.arange(10.0) % 4
    for label in range(4):
        scores, inside = run.probabilities[:, label], run.y_true == label
        (found,) = RankedSlices(scores, inside, groups).area(weights[None])
        expected = sk.roc_auc_score(inside, scores, sample_weight=weights[groups])
        assert found == pytest.approx(expected, abs=1e-12)


def test_the_mean_is_over_the_classes_that_have_an_area() -> None:
    assert mean_area([0.5, None, 1.0]) == 0.75
    assert mean_area([None, None]) is None


def test_curves_are_those_of_scikit_learn() -> None:
    run = make_predictions(1, skill=0.5)
    probabilities = run.probabilities
    table = tabulate_curves(probabilities, run.y_true)
    assert list(table.columns) == ["class", "false_positive_rate", "true_positive_rate"]
    assert table["class"].unique().tolist() == [*CLASS_NAMES]
    for label, name in enumerate(CLASS_NAMES):
        curve = table[table["class"] == name]
        expected = sk.roc_curve(run.y_true == label, probabilities[:, label])
        np.testing.assert_allclose(curve["false_positive_rate"], expected[0], atol=1e-6)
        np.testing.assert_allclose(curve["true_positive_rate"], expected[1], atol=1e-6)


def test_a_thinned_curve_keeps_its_ends_and_nearly_its_area() -> None:
    generator = np.random.default_rng(0)
    y_true = np.arange(4000) % 4
    raw = generator.random((4000, 4))
    raw[np.arange(4000), y_true] += 0.3
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    table = tabulate_curves(probabilities, y_true)
    assert table["class"].value_counts().tolist() == [200] * 4
    curve = table[table["class"] == "glioma"][["false_positive_rate", "true_positive_rate"]]
    assert (curve.iloc[0].tolist(), curve.iloc[-1].tolist()) == ([0, 0], [1, 1])
    area = sk.auc(curve["false_positive_rate"], curve["true_positive_rate"])
    assert area == pytest.approx(sk.roc_auc_score(y_true == 2, probabilities[:, 2]), abs=2e-3)


def test_a_class_that_is_absent_or_alone_has_no_curve() -> None:
    run = make_predictions(0, skill=0.9)
    kept = np.isin(run.y_true, [1, 3])
    table = tabulate_curves(run.probabilities[kept], run.y_true[kept])
    assert table["class"].unique().tolist() == ["meningioma", "pituitary"]
    alone = run.y_true == 1
    table = tabulate_curves(run.probabilities[alone], run.y_true[alone])
    pd.testing.assert_index_equal(
        table.columns, pd.Index(["class", "false_positive_rate", "true_positive_rate"])
    )
    assert table.empty
