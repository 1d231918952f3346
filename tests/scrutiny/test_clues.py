"""Borders, intensities and native sizes are measured slice by slice."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.scrutiny.clues import CLUES, measure_borders, measure_clues
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter


def write_store(path: Path, images: dict[str, np.ndarray]) -> Path:
    with SliceWriter(path) as writer:
        for name, image in images.items():
            writer.add(Slice(name, name.split("/")[0], name, 1, image, None))
    return path


def framed(top: int, bottom: int, left: int, right: int, size: int = 20) -> np.ndarray:
    image = np.full((size, size), 25, np.uint8)  # below a tenth of white, 25.5
    image[top : size - bottom, left : size - right] = 26
    return image


@given(st.tuples(*[st.integers(0, 9)] * 4))
def test_a_border_ends_at_the_first_bright_pixel(widths: tuple[int, int, int, int]) -> None:
    expected = [width / 20 for width in widths]
    assert list(measure_borders(framed(*widths), 0.1)) == pytest.approx(expected)


def test_one_bright_pixel_is_enough() -> None:
    image = np.zeros((10, 10), np.uint8)
    image[2, 7] = 255
    assert measure_borders(image, 0.5) == pytest.approx((0.2, 0.7, 0.7, 0.2))


def test_a_slice_without_a_bright_pixel_is_all_border() -> None:
    assert measure_borders(np.zeros((8, 8), np.uint8), 0.1) == (1, 1, 1, 1)


def test_sizes_are_native_and_all_else_is_of_the_prepared_slice(tmp_path: Path) -> None:
    natives = [
        write_store(tmp_path / "mat.h5", {"figshare/1": np.ones((5, 7), np.int16)}),
        write_store(tmp_path / "images.h5", {"akter/1": np.ones((9, 3), np.uint8)}),
    ]
    images = {"akter/1": framed(1, 2, 3, 4), "figshare/1": np.full((20, 20), 255, np.uint8)}
    clues = measure_clues(write_store(tmp_path / "prepared.h5", images), natives, 0.1)
    assert clues.index.tolist() == ["akter/1", "figshare/1"]
    assert sorted(map(str, clues)) == sorted(name for columns in CLUES.values() for name in columns)
    assert clues[CLUES["native size"]].to_numpy().tolist() == [[9, 3], [5, 7]]
    assert clues[CLUES["source"]].to_numpy().tolist() == [[2], [1]]
    borders = clues[CLUES["border width"]].to_numpy(np.float64)
    np.testing.assert_allclose(borders, np.array([[0.05, 0.1, 0.15, 0.2], [0, 0, 0, 0]]))
    bright = 17 * 13 / 400
    np.testing.assert_allclose(clues["mean_intensity"].to_numpy(), [(25 + bright) / 255, 1])


def test_a_slice_of_no_native_store_is_an_error(tmp_path: Path) -> None:
    native = write_store(tmp_path / "mat.h5", {"figshare/1": np.ones((5, 7), np.int16)})
    images = {name: framed(1, 1, 1, 1) for name in ("figshare/1", "figshare/2")}
    prepared = write_store(tmp_path / "prepared.h5", images)
    with pytest.raises(KeyError, match=r"mat.h5: hold no slice 'figshare/2'"):
        measure_clues(prepared, [native], 0.1)
