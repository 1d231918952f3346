"""Enlarged attention maps against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hqcm.evaluation.overlap import interpolation_weights, stretch, upsample

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
    weights = interpolation_weights(16, 128)
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
    for before, after in zip(maps, stretch(maps), strict=True):
        constant = before.min() == before.max()
        assert (after.min(), after.max()) == (0, 0 if constant else 1)


def test_stretching_keeps_the_order() -> None:
    stretched = stretch(np.array([[0.2, 0.3], [0.4, 0.6]]))
    np.testing.assert_allclose(stretched, [[0, 0.25], [0.5, 1]])
