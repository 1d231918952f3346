"""Figures 8 and 9, ROC curves and reliability, looked at from inside."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.figures.classification import (
    _LARGEST,
    _count_confusions,
    draw_confusions,
    draw_planes,
    draw_reliability,
    draw_rocs,
)
from hqcm.reporting.figures.drawing import (
    figure_style,
)
from toy_report import Evaluated
from toy_study import STUDY, make_predictions


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_confusions_equal_scikit_learns(evaluated: Evaluated) -> None:
    table = pd.read_csv(evaluated.folder / "confusion" / "counterpart-random.csv")
    runs = [make_predictions(seed, skill=0.6) for seed in STUDY.seeds]
    expected = sum(confusion_matrix(run.y_true, run.y_pred) for run in runs)
    np.testing.assert_array_equal(_count_confusions(table), expected)


def test_cells_hold_counts_and_row_fractions() -> None:
    table = pd.DataFrame(
        {"actual": ["healthy"] * 4, "predicted": ["healthy", "healthy", "healthy", "glioma"]}
    )
    with figure_style():
        figure = draw_confusions({"hybrid": table, "classical": table})
    cells = texts(figure)[:32]
    assert cells[:8] == ["3", "0.75", "0", "0.00", "1", "0.25", "0", "0.00"]
    assert cells[8:] == ["0", "0.00"] * 12


def test_each_panel_of_the_plane_holds_its_networks_points() -> None:
    plane = pd.DataFrame({"label": ["glioma", "healthy"], "x": [1.0, 2], "y": [3.0, 4]})
    with figure_style():
        figure = draw_planes({"hybrid": plane, "classical": plane.iloc[:1]})
    points = [[len(dots.get_offsets()) for dots in axes.collections] for axes in figure.axes]  # type: ignore[arg-type]  # the stub knows more kinds of array
    assert points == [[1, 0, 1, 0], [0, 0, 1, 0]]
    assert [axes.get_title() for axes in figure.axes] == [
        "hybrid: quantum processing layer",
        "classical: fully connected layer",
    ]


def test_each_class_has_a_panel_with_both_networks_and_chance() -> None:
    curve = pd.DataFrame(
        {
            "class": ["glioma"] * 3,
            "false_positive_rate": [0, 0.25, 1],
            "true_positive_rate": [0, 1, 1],
        }
    )
    with figure_style():
        figure = draw_rocs({"hybrid": curve, "classical": curve.iloc[::2]})
    assert [axes.get_title() for axes in figure.axes] == [*CLASS_NAMES]
    chance, hybrid, classical = figure.axes[2].lines
    assert [line.get_linestyle() for line in (chance, hybrid, classical)] == [":", "-", "--"]
    np.testing.assert_array_equal(hybrid.get_xydata(), [[0, 0], [0.25, 1], [1, 1]])
    np.testing.assert_array_equal(classical.get_xydata(), [[0, 0], [1, 1]])
    assert [np.size(line.get_xdata()) for line in figure.axes[0].lines] == [2, 0, 0]


def test_bins_stand_at_their_confidence_with_their_slices_below() -> None:
    table = pd.DataFrame(
        {"bin": [0.5, 0.9], "confidence": [0.52, 0.88], "accuracy": [0.4, 1], "n": [3, 12]}
    )
    with figure_style():
        figure = draw_reliability({"hybrid": table, "classical": table.iloc[1:]})
    diagram, other, counts, _ = figure.axes
    assert (diagram.get_title(), other.get_title()) == ("hybrid", "classical")
    gaps, dots = diagram.collections
    np.testing.assert_array_equal(dots.get_offsets(), [[0.52, 0.4], [0.88, 1]])
    assert dots.get_sizes()[1] == _LARGEST  # type: ignore[attr-defined]  # a scatter's collection
    np.testing.assert_array_equal(gaps.get_segments()[0], [[0.52, 0.52], [0.52, 0.4]])  # type: ignore[attr-defined]  # lines
    assert [bar.get_height() for bar in counts.patches] == [3, 12]  # type: ignore[attr-defined]  # bars
