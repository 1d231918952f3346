"""Figures 6 and 10, looked at from inside."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import measure_overlap, upsample
from hqcm.reporting.figures.attention import COLUMNS, describe_overlap, draw_attention
from hqcm.reporting.figures.drawing import CLASS_COLOURS, figure_style
from hqcm.reporting.figures.gallery import GalleryData
from hqcm.reporting.figures.slices import N_EACH, draw_samples
from hqcm.reporting.pair import by_role
from toy_report import PARAMS, Evaluated


@pytest.fixture(scope="module")
def gallery(evaluated: Evaluated) -> GalleryData:
    return evaluated.read_gallery()


@pytest.fixture(scope="module")
def attention(gallery: GalleryData) -> Figure:
    with figure_style():
        return draw_attention(gallery.runs, gallery.stack, PARAMS.localise)


def grid(figure: Figure, columns: int) -> list[list[Axes]]:
    axes = figure.axes
    return [axes[start : start + columns] for start in range(0, len(axes), columns)]


def shown(axes: Axes, layer: int = 0) -> np.ndarray:
    return np.asarray(axes.images[layer].get_array())


def test_the_gallery_belongs_to_the_compared_pair(gallery: GalleryData) -> None:
    assert by_role(PARAMS.study, str.upper) == {"hybrid": "PAPER", "classical": "COUNTERPART"}
    assert [*gallery.runs] == [*gallery.planes] == [*gallery.confusions] == ["hybrid", "classical"]
    assert len(gallery.histories["hybrid"]) == len(PARAMS.study.seeds)
    assert gallery.stack.slice_id == gallery.runs["classical"].slice_id.tolist()


def test_samples_have_a_row_a_class_with_masks_and_sources(gallery: GalleryData) -> None:
    stack = gallery.samples
    sources = [name.split("/")[0] for name in stack.slice_id]
    with figure_style():
        rows = grid(draw_samples(stack, sources), N_EACH)
    assert [row[0].get_ylabel() for row in rows] == [*CLASS_NAMES]
    assert [row[0].yaxis.label.get_color() for row in rows] == [*CLASS_COLOURS.values()]
    of_glioma = np.flatnonzero(stack.labels == 2)
    for axes, i in zip(rows[2], of_glioma, strict=True):
        np.testing.assert_array_equal(shown(axes), stack.images[i])
        assert len(axes.collections) == int(stack.masks[i].any())
        assert axes.get_xlabel() == "figshare"
    assert not any(axes.collections for axes in rows[0])


def test_a_class_with_few_slices_leaves_its_row_short(gallery: GalleryData) -> None:
    stack = gallery.samples
    labels = np.where(stack.labels == 3, 0, stack.labels)
    with figure_style():
        rows = grid(draw_samples(replace(stack, labels=labels), ["akter"] * len(labels)), N_EACH)
    assert [len(axes.images) for axes in rows[3]] == [0] * N_EACH


def test_attention_has_the_six_columns_of_the_paper(attention: Figure) -> None:
    rows = grid(attention, 6)
    assert [axes.get_title() for axes in rows[0]] == [*COLUMNS]
    assert [row[0].get_ylabel() for row in rows] == [
        *("healthy", "meningioma", "meningioma", "glioma", "glioma", "pituitary", "pituitary")
    ]


def test_each_row_shows_one_slice_its_mask_and_both_maps(
    attention: Figure, gallery: GalleryData
) -> None:
    stack = gallery.stack
    hybrid = upsample(gallery.runs["hybrid"].attention, 32)
    for row in grid(attention, 6):
        of_image = (stack.images == shown(row[0])).all(axis=(1, 2))
        of_mask = (stack.masks == shown(row[1])).all(axis=(1, 2))
        of_map = np.isclose(hybrid, shown(row[2])).all(axis=(1, 2))
        (i,) = np.flatnonzero(of_image & of_mask & of_map).tolist()
        classical = upsample(gallery.runs["classical"].attention[i], 32)
        np.testing.assert_allclose(shown(row[3]), classical)
        np.testing.assert_array_equal(shown(row[4]), stack.images[i])
        np.testing.assert_allclose(shown(row[5], 1), classical)
        overlap = measure_overlap(gallery.runs["classical"].attention, stack, [0.99], "raw", "skip")
        assert row[3].get_xlabel() == describe_overlap(overlap, stack, i)


def test_the_label_is_a_jaccard_index_only_where_there_is_a_mask(gallery: GalleryData) -> None:
    stack, run = gallery.stack, gallery.runs["classical"]
    overlap = measure_overlap(run.attention, stack, [0.5], "raw", "skip")
    healthy, tumour = 0, 1
    assert describe_overlap(overlap, stack, healthy) == f"active {overlap.activated[0, 0]:.3f}"
    assert describe_overlap(overlap, stack, tumour) == f"Jaccard {overlap.jaccard[1, 0]:.2f}"


def test_the_threshold_is_drawn_where_the_map_crosses_it(gallery: GalleryData) -> None:
    def contours(threshold: float) -> list[int]:
        params = PARAMS.localise.model_copy(update={"thresholds": [threshold, threshold / 2]})
        with figure_style():
            rows = grid(draw_attention(gallery.runs, gallery.stack, params), 6)
        return [len(axes.collections) for row in rows for axes in row[4:]]

    never, sometimes = contours(1.0), contours(0.4)
    assert set(never) <= {0, 1}  # the mask's outline at most
    assert max(sometimes) == 2
