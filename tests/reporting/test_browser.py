"""What the attention browser is given is what the pipeline has."""

import base64
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hqcm.reporting.browser import (
    _COLUMNS,
    _pack_colours,
    _pack_images,
    _pack_mask,
    _pack_network,
    pack_browser,
)
from hqcm.reporting.results import Results
from hqcm.reporting.sections.browsing import describe_browser
from toy_report import PARAMS


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_mask_is_its_runs_outside_first(pixels: list[bool]) -> None:
    runs = _pack_mask(np.array([pixels]))
    assert sum(runs) == len(pixels)
    assert all(n > 0 for n in runs[1:])
    unpacked = [bool(i % 2) for i, n in enumerate(runs) for _ in range(n)]
    assert unpacked == pixels


def test_maps_travel_without_loss(results: Results) -> None:
    run = results.runs["hybrid"]
    packed = _pack_network(run)
    maps = np.frombuffer(base64.b64decode(packed["maps"]), "<f4")
    assert np.array_equal(maps.reshape(run.attention.shape), run.attention)
    assert packed["cells"] == 4


def test_probabilities_are_those_of_the_logits(results: Results) -> None:
    run = results.runs["classical"]
    packed = _pack_network(run)
    powers = np.exp(run.logits[7].astype(float))
    assert packed["probabilities"][7] == pytest.approx(powers / powers.sum(), abs=6e-5)
    assert packed["predicted"][7] == int(powers.argmax())


def test_every_slice_has_its_tile() -> None:
    size, n = 16, _COLUMNS**2 + 3
    images = np.stack([np.full((size, size), 3 * i, np.uint8) for i in range(n)])
    full, rest = (
        np.asarray(Image.open(BytesIO(base64.b64decode(sheet)))) for sheet in _pack_images(images)
    )
    assert full.shape == (_COLUMNS * size, _COLUMNS * size)
    assert rest.shape == (size, _COLUMNS * size)
    for i in (0, 1, _COLUMNS, _COLUMNS**2 - 1):
        row, column = divmod(i, _COLUMNS)
        tile = full[row * size : (row + 1) * size, column * size : (column + 1) * size]
        assert np.abs(tile.astype(int) - 3 * i).max() <= 3
    assert abs(int(rest[0, 2 * size]) - 3 * (n - 1)) <= 3


def test_colours_go_from_the_first_to_the_last_of_the_map() -> None:
    colours = _pack_colours("gray")
    levels = [int(colours[i : i + 2], 16) for i in range(0, len(colours), 2)]
    assert np.abs(np.array(levels) - np.repeat(np.arange(256), 3)).max() <= 1


def test_a_slice_without_a_mask_is_not_one_with_an_empty_mask(results: Results) -> None:
    slices = pack_browser(results.runs, results.stack, PARAMS.localise)["slices"]
    without = np.flatnonzero(~results.stack.has_mask)
    assert len(without) > 0
    assert all(slices[i][2] is None for i in without)
    healthy = next(i for i in np.flatnonzero(results.stack.labels == 0) if i not in without)
    assert slices[healthy][2] == [32 * 32]


@pytest.mark.parametrize(
    ("cohort", "says"), [("phantom", "may be shared"), ("clinical", "do not share this file")]
)
def test_the_page_says_whether_it_may_be_shared(results: Results, cohort: str, says: str) -> None:
    section = describe_browser(results, cohort, PARAMS.localise)
    assert says in section.blocks[-1].text  # type: ignore[union-attr]  # a paragraph
    assert "All 40 test slices" in section.blocks[0].text  # type: ignore[union-attr]  # likewise
