"""Figure 7, looked at from inside."""

import numpy as np

from hqcm.reporting.figures.drawing import (
    figure_style,
)
from hqcm.reporting.figures.networks import draw_histories
from toy_study import make_history


def test_training_is_solid_and_validation_dashed() -> None:
    curves = [make_history(0.9), make_history(0.8)]
    with figure_style():
        figure = draw_histories({"hybrid": curves, "classical": curves[:1]})
    loss, accuracy = figure.axes
    assert [line.get_linestyle() for line in loss.lines] == ["-", "--"] * 3
    np.testing.assert_array_equal(loss.lines[3].get_ydata(), curves[1]["validation_loss"])
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), curves[0]["train_accuracy"])
    legend = accuracy.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        *("hybrid, train", "hybrid, validation", "classical, train", "classical, validation")
    ]
