"""Figure 10 and the Jaccard index against the threshold, looked at from inside."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.evaluation.overlap import Overlap, measure_overlap, upsample
from hqcm.reporting.figures.attention import (
    _COLUMNS,
    _choose_rows,
    _describe_overlap,
    draw_attention,
    draw_thresholds,
)
from hqcm.reporting.figures.drawing import (
    figure_style,
)
from hqcm.reporting.results import Results
from toy_report import PARAMS


@pytest.fixture(scope="module")
def attention(results: Results) -> Figure:
    with figure_style():
        return draw_attention(results.runs, results.stack, PARAMS.localise)


def grid(figure: Figure, columns: int) -> list[list[Axes]]:
    axes = figure.axes
    return [axes[start : start + columns] for start in range(0, len(axes), columns)]


def shown(axes: Axes, layer: int = 0) -> np.ndarray:
    return np.asarray(axes.images[layer].get_array())


def test_attention_has_the_six_columns_of_the_paper(attention: Figure) -> None:
    rows = grid(attention, 6)
    assert [axes.get_title() for axes in rows[0]] == [*_COLUMNS]
    assert [row[0].get_ylabel() for row in rows] == [
        *("healthy", "meningioma", "meningioma", "glioma", "glioma", "pituitary", "pituitary")
    ]


def test_each_row_shows_one_slice_its_mask_and_both_maps(
    attention: Figure, results: Results
) -> None:
    stack = results.stack
    hybrid = upsample(results.runs["hybrid"].attention, 32)
    for row in grid(attention, 6):
        of_image = (stack.images == shown(row[0])).all(axis=(1, 2))
        of_mask = (stack.masks == shown(row[1])).all(axis=(1, 2))
        of_map = np.isclose(hybrid, shown(row[2])).all(axis=(1, 2))
        (i,) = np.flatnonzero(of_image & of_mask & of_map).tolist()
        classical = upsample(results.runs["classical"].attention[i], 32)
        np.testing.assert_allclose(shown(row[3]), classical)
        np.testing.assert_array_equal(shown(row[4]), stack.images[i])
        np.testing.assert_allclose(shown(row[5], 1), classical)
        overlap = measure_overlap(results.runs["classical"].attention, stack, [0.99], "raw", "skip")
        assert row[3].get_xlabel() == _describe_overlap(overlap, stack, i)


def test_the_label_is_a_jaccard_index_only_where_there_is_a_mask(results: Results) -> None:
    stack, run = results.stack, results.runs["classical"]
    overlap = measure_overlap(run.attention, stack, [0.5], "raw", "skip")
    healthy, tumour = 0, 1
    assert _describe_overlap(overlap, stack, healthy) == f"active {overlap.activated[0, 0]:.3f}"
    assert _describe_overlap(overlap, stack, tumour) == f"Jaccard {overlap.jaccard[1, 0]:.2f}"


def test_the_threshold_is_drawn_where_the_map_crosses_it(results: Results) -> None:
    def contours(threshold: float) -> list[int]:
        params = PARAMS.localise.model_copy(update={"thresholds": [threshold, threshold / 2]})
        with figure_style():
            rows = grid(draw_attention(results.runs, results.stack, params), 6)
        return [len(axes.collections) for row in rows for axes in row[4:]]

    never, sometimes = contours(1.0), contours(0.4)
    assert set(never) <= {0, 1}  # the mask's outline at most
    assert max(sometimes) == 2


def test_thresholds_have_a_shade_and_those_of_table_2_a_mark() -> None:
    curve = pd.DataFrame(
        {"threshold": [0.5, 0.9], "jaccard": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]}
    )
    with figure_style():
        figure = draw_thresholds({"hybrid": curve, "classical": curve}, [0.99, 0.75])
    (axes,) = figure.axes
    marks, lines = axes.lines[:2], axes.lines[2:]
    assert [line.get_xdata()[0] for line in marks] == [0.99, 0.75]  # type: ignore[index]  # an array
    assert [line.get_label() for line in lines] == ["hybrid", "classical"]
    corners = axes.collections[0].get_paths()[0].vertices
    found = {(x, y) for x, y in np.asarray(corners)}
    assert found == {(0.5, 0.3), (0.5, 0.5), (0.9, 0.1), (0.9, 0.3)}


def test_rows_of_the_attention_figure_follow_the_rule() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 1, 2, 3])
    nan = np.nan
    jaccard = np.array([nan, nan, nan, 0.5, 0.1, 0.3, 0.2, 0.4, nan, 0.7])[:, None]
    activated = np.array([0.3, 0.1, 0.2, *[0.0] * 7])[:, None]
    rows = _choose_rows(labels, Overlap(jaccard, activated, activated))
    # healthy: median 0.2; meningioma: 0.1 0.2 0.3 0.4 0.5 -> 0.2 and 0.4; glioma has no mask
    assert rows == [2, 6, 7, 9, 9]
