"""The Jaccard index against a loop over pixels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hqcm.contracts.params import check_section
from hqcm.evaluation.overlap import (
    LocaliseParams,
    display_map,
    measure_overlap,
    read_test_stacks,
)
from hqcm.slices.stacks import Stack
from reference import jaccard_index
from toy_study import SIZE, make_predictions, write_study

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


def test_test_slices_come_in_the_order_of_the_predictions(tmp_path: Path) -> None:
    write_study(tmp_path)
    run = make_predictions(0, skill=0.9)
    backwards = replace(run, slice_id=run.slice_id[::-1], y_true=run.y_true[::-1])
    stacks = read_test_stacks(tmp_path / "prepared.h5", {"random": {"paper": [backwards]}})
    assert stacks["random"].slice_id == backwards.slice_id.tolist()
    np.testing.assert_array_equal(stacks["random"].labels, backwards.y_true)
    assert stacks["random"].masks.shape == (40, SIZE, SIZE)


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
