"""The plane of Fig. 8; silhouettes and nearest neighbours against scikit-learn and loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_study
from hqcm.evaluation.embedding import (
    NEIGHBOURS,
    SILHOUETTE,
    EmbedParams,
    _Distances,
    embed,
    embed_study,
    measure_separability,
)
from reference import is_outvoted, mean_silhouette
from toy_study import N_TEST, make_predictions, name_slice

PARAMS = EmbedParams(perplexity=8, seed=42)


def test_neighbours_stay_neighbours() -> None:
    features = make_predictions(0, skill=0.9).features
    plane = embed(features, PARAMS)
    assert plane.shape == (40, 2)
    assert trustworthiness(features, plane, n_neighbors=5) > 0.9


def test_the_same_plane_twice_and_another_for_another_perplexity() -> None:
    features = make_predictions(0, skill=0.9).features
    first = embed(features, PARAMS)
    np.testing.assert_array_equal(first, embed(features, PARAMS))
    assert not np.allclose(first, embed(features, EmbedParams(perplexity=5, seed=42)))


def test_tables_name_slices_and_classes_of_the_first_seed() -> None:
    first, second = (make_predictions(seed, skill=0.9) for seed in (0, 1))
    names = pd.Series([name_slice(i) for i in range(N_TEST)], first.slice_id)
    table = embed_study({"random": {"paper": [first, second]}}, PARAMS, names)["paper", "random"]
    assert [*table.columns] == ["slice", "label", "x", "y"]
    assert table["slice"].tolist() == names.tolist()
    assert table["label"].tolist() == [CLASS_NAMES[label] for label in first.y_true]
    np.testing.assert_allclose(table[["x", "y"]], embed(first.features, PARAMS), atol=5e-4)


def test_a_perplexity_that_reaches_the_number_of_slices_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"embed.perplexity must be below the number of test slices, 8; got 8"
    ):
        embed(np.zeros((8, 25), np.float32), PARAMS)


RUNS = [make_predictions(seed, skill=0.5) for seed in (0, 1)]
GROUPS = np.arange(40) // 4
DRAWS = UncertaintyParams(n_resamples=100, seed=0)
POINTS = hnp.arrays(np.float32, (7, 2), elements=st.sampled_from([0.0, 0.5, 1.0, 4.0]))
LABELS = hnp.arrays(np.int64, 7, elements=st.integers(0, 2))
COUNTS = st.lists(st.integers(0, 3), min_size=7, max_size=7).filter(any)


@settings(max_examples=60)
@given(POINTS, LABELS, COUNTS)
def test_silhouettes_of_the_points_drawn(
    points: np.ndarray, labels: np.ndarray, counts: list[int]
) -> None:
    drawn = np.repeat(range(7), counts).tolist()
    expected = mean_silhouette(points.astype(float).tolist(), labels.tolist(), drawn)
    (found,) = _Distances(points, labels).silhouette(np.array([counts], np.float64))
    assert found == pytest.approx(np.nan if expected is None else expected, abs=1e-12, nan_ok=True)


def test_the_silhouette_of_the_data_is_that_of_scikit_learn() -> None:
    for run in RUNS:
        (found,) = _Distances(run.features, run.y_true).silhouette(np.ones((1, 40)))
        expected = silhouette_score(run.features.astype(np.float64), run.y_true)
        assert found == pytest.approx(expected, abs=1e-12)


def test_a_class_of_one_slice_has_silhouette_zero_as_in_scikit_learn() -> None:
    points = np.array([[0.0], [1], [1], [5], [9]], np.float32)
    labels = np.array([0, 1, 1, 2, 2])
    (found,) = _Distances(points, labels).silhouette(np.ones((1, 5)))
    assert found == pytest.approx(silhouette_score(points, labels), abs=1e-12)
    (found,) = _Distances(np.zeros((5, 1), np.float32), labels).silhouette(np.ones((1, 5)))
    assert found == 0


def test_neighbours_are_those_of_scikit_learn_without_the_slices_own_group() -> None:
    for run in RUNS:
        features = run.features.astype(np.float64)
        found = _Distances(run.features, run.y_true).find_hits(GROUPS)
        assert 0.3 < found.mean() < 0.95
        for group in range(10):
            own = group == GROUPS
            others = KNeighborsClassifier(5).fit(features[~own], run.y_true[~own])
            expected = others.predict(features[own]) == run.y_true[own]
            np.testing.assert_array_equal(found[own], expected)


@given(
    points=hnp.arrays(np.float32, (9, 2), elements=st.integers(-50, 50).map(float), unique=True),
    labels=hnp.arrays(np.int64, 9, elements=st.integers(0, 2)),
)
def test_five_neighbours_of_other_groups_vote(points: np.ndarray, labels: np.ndarray) -> None:
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3])
    found = _Distances(points, labels).find_hits(groups)
    expected = [
        not is_outvoted(i, points.tolist(), labels.tolist(), groups.tolist()) for i in range(9)
    ]
    assert found.tolist() == expected


def test_a_patients_own_slices_do_not_vote() -> None:
    points = np.repeat(np.arange(6.0, dtype=np.float32), 6)[:, None]  # six patients, six places
    labels = np.repeat([0, 1, 0, 1, 0, 1], 6)
    groups = np.repeat(np.arange(6), 6)
    everyone = _Distances(points, labels).find_hits(np.arange(36))
    without = _Distances(points, labels).find_hits(groups)
    assert (everyone.mean(), without.mean()) == (1, 0)


def test_too_few_slices_elsewhere_have_no_neighbours() -> None:
    points = np.arange(8, dtype=np.float32)[:, None]
    groups = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    assert np.isnan(_Distances(points, groups).find_hits(groups)).all()


def test_both_quantities_are_means_over_seeds() -> None:
    measure = measure_separability(RUNS, GROUPS)
    found = measure.quantities(np.ones((1, 10)))
    each = [measure_separability([run], GROUPS).quantities(np.ones((1, 10))) for run in RUNS]
    for name in (SILHOUETTE, NEIGHBOURS):
        assert found[name] == pytest.approx((each[0][name] + each[1][name]) / 2, abs=1e-12)
        assert each[0][name] != each[1][name]
        assert measure.sizes[name] == (40, 10)


def test_scaling_and_shifting_the_features_changes_nothing() -> None:
    run = RUNS[0]
    one = _Distances(run.features, run.y_true)
    other = _Distances(run.features * 8 + 3, run.y_true)
    assert other.silhouette(np.ones((1, 40))) == pytest.approx(
        one.silhouette(np.ones((1, 40))), abs=1e-5
    )
    np.testing.assert_array_equal(one.find_hits(GROUPS), other.find_hits(GROUPS))


def test_the_intervals_of_the_stage_are_of_both_quantities() -> None:
    runs = {
        "paper": [make_predictions(0, skill=0.9)],
        "counterpart": [make_predictions(0, skill=0.5)],
    }
    estimates = estimate_study(
        {"random": runs}, {"random": GROUPS}, measure_separability, ("paper", "counterpart"), DRAWS
    )["random"]
    assert list(estimates.differences) == [SILHOUETTE, NEIGHBOURS]
    for name, estimate in estimates.differences.items():
        networks = [estimates.networks[variant][name] for variant in runs]
        assert estimate.value == pytest.approx(networks[0].value - networks[1].value, abs=2e-6)
        assert estimate.low < estimate.value < estimate.high
