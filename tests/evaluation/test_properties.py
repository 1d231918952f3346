"""What must hold of any predictions."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.evaluation.classification import summarise_runs
from hqcm.evaluation.overlap import measure_overlap
from hqcm.evaluation.statistics import wilcoxon_signed_rank
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

N = 9
FEW = settings(max_examples=40, deadline=None)
FRACTIONS = hnp.arrays(np.float64, N, elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
THRESHOLDS = [0.25, 0.5, 0.75]


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


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Any masks, some of them empty."""
    return Stack(
        slice_id=[f"s{i}" for i in range(N)],
        images=np.zeros((N, 6, 6), np.uint8),
        masks=draw(hnp.arrays(np.bool_, (N, 6, 6))),
        has_mask=np.ones(N, np.bool_),
        labels=np.zeros(N, np.int64),
    )


def take(run: Predictions, order: np.ndarray) -> Predictions:
    return Predictions(**{field.name: getattr(run, field.name)[order] for field in fields(run)})


@FEW
@given(runs())
def test_every_metric_is_a_fraction_and_the_support_is_complete(run: Predictions) -> None:
    found = summarise_runs([run])
    scores = [found["accuracy"], found["balanced_accuracy"], found["ece"]]
    scores += [*found["macro"].values(), *found["weighted"].values()]
    assert all(0 <= score <= 1 for score in scores)
    assert sum(found["per_class"][name]["support"] for name in CLASS_NAMES) == N


@FEW
@given(runs(), st.permutations(range(N)))
def test_the_order_of_the_slices_does_not_matter(run: Predictions, order: list[int]) -> None:
    one, other = summarise_runs([run]), summarise_runs([take(run, np.array(order))])
    assert one["per_class"] == other["per_class"]
    assert one["accuracy"] == other["accuracy"]
    assert abs(one["ece"] - other["ece"]) < 1e-12


@FEW
@given(runs())
def test_equal_runs_have_no_spread(run: Predictions) -> None:
    found = summarise_runs([run, run])
    assert found["accuracy"] == summarise_runs([run])["accuracy"]
    assert found["spread"]["accuracy"] == 0
    assert set(found["spread"]["macro"].values()) == {0}


@FEW
@given(runs(), stacks())
def test_a_higher_threshold_activates_no_more(run: Predictions, stack: Stack) -> None:
    found = measure_overlap(run.attention, stack, THRESHOLDS, "raw", "skip")
    assert (np.diff(found.activated, axis=1) <= 0).all()
    assert ((found.activated > 0) == (found.is_active > 0)).all()


@FEW
@given(runs(), stacks())
def test_the_jaccard_index_is_a_fraction_that_no_shared_pixel_makes_zero(
    run: Predictions, stack: Stack
) -> None:
    found = measure_overlap(run.attention, stack, THRESHOLDS, "minmax", "one")
    assert ((found.jaccard >= 0) & (found.jaccard <= 1)).all()
    elsewhere = Stack(
        stack.slice_id, stack.images, np.zeros_like(stack.masks), stack.has_mask, stack.labels
    )
    apart = measure_overlap(run.attention, elsewhere, THRESHOLDS, "minmax", "one")
    np.testing.assert_array_equal(apart.jaccard, np.where(apart.is_active > 0, 0, 1))


@FEW
@given(stacks())
def test_a_map_equal_to_its_mask_scores_one(stack: Stack) -> None:
    found = measure_overlap(stack.masks.astype(np.float32), stack, THRESHOLDS, "raw", "one")
    np.testing.assert_array_equal(found.jaccard, 1)


@FEW
@given(FRACTIONS, FRACTIONS)
def test_the_signed_rank_test_is_antisymmetric_and_bounded(
    first: np.ndarray, second: np.ndarray
) -> None:
    one, other = wilcoxon_signed_rank(first, second), wilcoxon_signed_rank(second, first)
    ranked = one["n"] - one["n_zero"]
    assert 0 <= one["statistic"] == other["statistic"] <= ranked * (ranked + 1) / 4
    if one["p_value"] is None or one["effect"] is None or other["effect"] is None:
        assert (one["effect"], ranked) == (None, 0)
    else:
        assert 0 < one["p_value"] <= 1
        assert one["effect"] == -other["effect"]
        assert -1 <= one["effect"] <= 1
