"""Figures 5 and 6: what is counted, chosen and shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.figures.drawing import (
    CLASS_COLOURS,
    figure_style,
)
from hqcm.reporting.figures.slices import _N_EACH, choose_samples, draw_distribution, draw_samples
from hqcm.reporting.results import Results
from hqcm.reporting.sections.data import _count_classes
from hqcm.slices.stacks import Stack


@pytest.fixture(scope="module")
def samples(results: Results) -> Stack:
    return results.samples


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_classes_are_counted_with_zeros() -> None:
    labels = pd.Series([0, 0, 2, 3])
    source = pd.Series(["akter", "akter", "figshare", "akter"])
    assert _count_classes(labels, source, ("trainingdatapro", "figshare", "akter")) == {
        "trainingdatapro": [0, 0, 0, 0],
        "figshare": [0, 0, 1, 0],
        "akter": [2, 0, 0, 1],
    }


def test_the_distribution_shows_totals() -> None:
    index = pd.DataFrame({"label": [0] * 30 + [3] * 10, "source": ["akter"] * 40})
    with figure_style():
        figure = draw_distribution(index)
    assert texts(figure) == ["30", "0", "0", "10"]


def test_samples_stand_at_equal_steps_through_the_sorted_ids() -> None:
    index = pd.DataFrame(
        {
            "slice_id": [f"s{i:02d}" for i in reversed(range(20))] + ["b", "a"],
            "label": [0] * 20 + [2] * 2,
        }
    )
    assert choose_samples(index, 3) == ["s00", "s10", "s19", "a", "b"]


def grid(figure: Figure, columns: int) -> list[list[Axes]]:
    axes = figure.axes
    return [axes[start : start + columns] for start in range(0, len(axes), columns)]


def shown(axes: Axes, layer: int = 0) -> np.ndarray:
    return np.asarray(axes.images[layer].get_array())


def test_samples_have_a_row_a_class_with_masks_and_sources(samples: Stack) -> None:
    sources = [name.split("/")[0] for name in samples.slice_id]
    with figure_style():
        rows = grid(draw_samples(samples, sources), _N_EACH)
    assert [row[0].get_ylabel() for row in rows] == [*CLASS_NAMES]
    assert [row[0].yaxis.label.get_color() for row in rows] == [*CLASS_COLOURS.values()]
    of_glioma = np.flatnonzero(samples.labels == 2)
    for axes, i in zip(rows[2], of_glioma, strict=True):
        np.testing.assert_array_equal(shown(axes), samples.images[i])
        assert len(axes.collections) == int(samples.masks[i].any())
        assert axes.get_xlabel() == "figshare"
    assert not any(axes.collections for axes in rows[0])


def test_a_class_with_few_slices_leaves_its_row_short(samples: Stack) -> None:
    labels = np.where(samples.labels == 3, 0, samples.labels)
    with figure_style():
        rows = grid(draw_samples(replace(samples, labels=labels), ["akter"] * len(labels)), _N_EACH)
    assert [len(axes.images) for axes in rows[3]] == [0] * _N_EACH
