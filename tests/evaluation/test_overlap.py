"""The Jaccard index against a loop over pixels, enlarged attention maps against torch."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hqcm.contracts.params import check_section
from hqcm.evaluation.overlap import (
    LocaliseParams,
    _interpolation_weights,
    _stretch,
    display_map,
    measure_overlap,
    upsample,
)
from hqcm.slices.stacks import Stack
from reference import jaccard_index

PARAMS = {"thresholds": [0.99, 0.9], "attention_scale": "raw", "empty_mask": "skip"}


def make_stack(masks: np.ndarray, *, has_mask: bool = True) -> Stack:
    n = len(masks)
    return Stack(
        slice_id=[str(i) for i in range(n)],
        images=np.zeros(masks.shape, np.uint8),
        masks=masks.astype(np.bool_),
        has_mask=np.full(n, has_mask),
        labels=np.ones(n, np.int64),
    )


def torch_map(attention: np.ndarray, size: int) -> np.ndarray:
    enlarged = torch.nn.functional.interpolate(
        torch.from_numpy(attention.astype(np.float64))[:, None], size=(size, size), mode="bilinear"
    )
    return enlarged[:, 0].numpy()


@pytest.mark.parametrize("n", [1, 63, 64, 130])
def test_equals_the_loop_over_pixels_across_blocks(n: int) -> None:
    generator = np.random.default_rng(n)
    attention = generator.random((n, 4, 4)).astype(np.float32)
    masks = generator.random((n, 8, 8)) < 0.3
    found = measure_overlap(attention, make_stack(masks), [0.7, 0.4], "raw", "skip")
    maps = torch_map(attention, 8)
    for t, threshold in enumerate((0.7, 0.4)):
        expected = [jaccard_index(a, m, threshold) for a, m in zip(maps, masks, strict=True)]
        np.testing.assert_allclose(found.jaccard[:, t], np.array(expected, float), atol=1e-15)
        np.testing.assert_allclose(
            found.activated[:, t], [(a >= threshold).sum() / 64 for a in maps], atol=1e-15
        )
        np.testing.assert_array_equal(found.is_active[:, t], maps.max(axis=(1, 2)) >= threshold)


def test_a_pixel_equal_to_the_threshold_counts() -> None:
    attention = np.full((1, 2, 2), 0.75, np.float32)
    masks = np.zeros((1, 4, 4), np.bool_)
    masks[0, :2] = True
    found = measure_overlap(attention, make_stack(masks), [0.75, 0.76], "raw", "skip")
    np.testing.assert_array_equal(found.jaccard, [[0.5, 0]])


@pytest.mark.parametrize(("rule", "value"), [("skip", np.nan), ("one", 1.0), ("zero", 0.0)])
def test_nothing_against_nothing_follows_the_parameter(rule: Any, value: float) -> None:
    attention = np.array([[[0.1]], [[0.9]]], np.float32)
    stack = make_stack(np.zeros((2, 2, 2)))
    found = measure_overlap(attention, stack, [0.5], "raw", rule)
    np.testing.assert_array_equal(found.jaccard[:, 0], [value, 0])


def test_a_missing_mask_is_not_an_empty_one() -> None:
    attention = np.array([[[0.1]], [[0.9]]], np.float32)
    stack = make_stack(np.zeros((2, 2, 2)), has_mask=False)
    found = measure_overlap(attention, stack, [0.5], "raw", "one")
    assert np.isnan(found.jaccard).all()
    np.testing.assert_array_equal(found.activated[:, 0], [0, 1])


def test_minmax_stretches_each_map_by_itself() -> None:
    attention = np.array([[[0.1, 0.1], [0.1, 0.3]], [[0.5, 0.5], [0.5, 0.5]]], np.float32)
    shown = display_map(attention, 8, "minmax")
    np.testing.assert_allclose(shown.max(axis=(1, 2)), [1, 0])
    found = measure_overlap(attention, make_stack(np.zeros((2, 8, 8))), [0.99], "minmax", "skip")
    np.testing.assert_array_equal(found.is_active, [[1], [0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds": [0.99, 1.2]}, r"localise.thresholds: .*must be in \(0, 1\]"),
        ({"thresholds": [0.99, 0.991]}, r"differ in the first two decimals"),
        ({"thresholds": []}, r"localise.thresholds: "),
        ({"attention_scale": "log"}, r"localise.attention_scale: .*'raw' or 'minmax'"),
        ({"empty_mask": "two"}, r"localise.empty_mask: .*'skip', 'one' or 'zero'"),
    ],
)
def test_params_out_of_range_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_section("localise", LocaliseParams, {"localise": {**PARAMS, **change}})


MAPS = hnp.arrays(np.float64, (2, 5, 5), elements=st.floats(0, 1))


@pytest.mark.parametrize(("cells", "size"), [(16, 128), (4, 32), (5, 13), (1, 4), (8, 8), (6, 3)])
def test_equals_torch(cells: int, size: int) -> None:
    ramp = np.sin(np.arange(3 * cells * cells)).reshape(3, cells, cells)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(ramp)[:, None], size=(size, size), mode="bilinear", align_corners=False
    )[:, 0].numpy()
    np.testing.assert_allclose(upsample(ramp, size), expected, atol=1e-14)


def test_the_maps_own_precision_is_enough() -> None:
    single = np.sin(np.arange(256, dtype=np.float32)).reshape(16, 16)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(single)[None, None], size=(128, 128), mode="bilinear", align_corners=False
    )[0, 0].numpy()
    np.testing.assert_allclose(upsample(single, 128), expected, atol=1e-6)  # float32 against 64


def test_each_pixel_weighs_two_cells_and_the_weights_sum_to_one() -> None:
    weights = _interpolation_weights(16, 128)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-15)
    assert (np.count_nonzero(weights, axis=1) <= 2).all()
    np.testing.assert_array_equal(weights[:4, 0], 1)


def test_rows_stay_rows() -> None:
    enlarged = upsample(np.array([[0.0, 0.0], [1.0, 1.0]]), 4)
    np.testing.assert_allclose(enlarged[:, 0], [0, 0.25, 0.75, 1])
    np.testing.assert_array_equal(enlarged[0], 0)


@given(MAPS)
def test_the_range_is_kept(maps: np.ndarray) -> None:
    enlarged = upsample(maps, 12)
    assert enlarged.min() >= maps.min() - 1e-12
    assert enlarged.max() <= maps.max() + 1e-12


@given(MAPS)
def test_a_stretched_map_reaches_from_zero_to_one(maps: np.ndarray) -> None:
    for before, after in zip(maps, _stretch(maps), strict=True):
        constant = before.min() == before.max()
        assert (after.min(), after.max()) == (0, 0 if constant else 1)


def test_stretching_keeps_the_order() -> None:
    stretched = _stretch(np.array([[0.2, 0.3], [0.4, 0.6]]))
    np.testing.assert_allclose(stretched, [[0, 0.25], [0.5, 1]])


N = 9
FEW = settings(max_examples=40, deadline=None)
THRESHOLDS = [0.25, 0.5, 0.75]
ATTENTION = hnp.arrays(np.float32, (N, 3, 3), elements=st.floats(0, 1, width=32))


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


@FEW
@given(ATTENTION, stacks())
def test_a_higher_threshold_activates_no_more(attention: np.ndarray, stack: Stack) -> None:
    found = measure_overlap(attention, stack, THRESHOLDS, "raw", "skip")
    assert (np.diff(found.activated, axis=1) <= 0).all()
    assert ((found.activated > 0) == (found.is_active > 0)).all()


@FEW
@given(ATTENTION, stacks())
def test_the_jaccard_index_is_a_fraction_that_no_shared_pixel_makes_zero(
    attention: np.ndarray, stack: Stack
) -> None:
    found = measure_overlap(attention, stack, THRESHOLDS, "minmax", "one")
    assert ((found.jaccard >= 0) & (found.jaccard <= 1)).all()
    elsewhere = Stack(
        stack.slice_id, stack.images, np.zeros_like(stack.masks), stack.has_mask, stack.labels
    )
    apart = measure_overlap(attention, elsewhere, THRESHOLDS, "minmax", "one")
    np.testing.assert_array_equal(apart.jaccard, np.where(apart.is_active > 0, 0, 1))


@FEW
@given(stacks())
def test_a_map_equal_to_its_mask_scores_one(stack: Stack) -> None:
    found = measure_overlap(stack.masks.astype(np.float32), stack, THRESHOLDS, "raw", "one")
    np.testing.assert_array_equal(found.jaccard, 1)
