"""Charts: where points and ticks stand, and what the page carries of them."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.chart import FRAME, Line, Panel, new_axis
from hqcm.reporting.charts import chart_rocs, chart_thresholds, chart_training, draw_curve
from hqcm.reporting.results import Results

PANEL = Panel(
    "Loss",
    "epoch",
    "loss",
    [
        Line("hybrid", "hybrid", [1, 2, 3], [4.0, 2.0, 1.0], run="seed 0"),
        Line("hybrid", "hybrid", [1, 2], [3.0, 1.23456789], run="seed 1"),
        Line("chance", "quiet", [1, 3], [2.0, 2.0], band=([1.5, 1.0], [2.5, 3.0])),
    ],
    x_range=(1, 3),
    y_range=(0, 4),
)


def pixels(points: str) -> list[tuple[float, float]]:
    pairs = [pair.split(",") for pair in points.split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_the_corners_of_the_ranges_are_the_corners_of_the_frame() -> None:
    (first, _, last) = pixels(PANEL.path(PANEL.lines[0]))
    assert first == (FRAME.left, FRAME.top)
    assert last == (FRAME.right, FRAME.bottom - (FRAME.bottom - FRAME.top) / 4)


def test_a_band_goes_there_along_its_top_and_back_along_its_bottom() -> None:
    heights = [y for _, y in pixels(PANEL.shade(PANEL.lines[2]))]
    unit = (FRAME.bottom - FRAME.top) / 4
    expected = [FRAME.bottom - value * unit for value in (2.5, 3.0, 1.0, 1.5)]
    assert heights == pytest.approx(expected, abs=0.06)


def test_the_table_of_values_has_a_row_for_each_x_of_any_line() -> None:
    assert PANEL.header == ["epoch", "hybrid seed 0", "hybrid seed 1", "chance"]
    assert PANEL.rows == [
        ["1", "4", "3", "2"],
        ["2", "2", "1.235", "\N{EN DASH}"],
        ["3", "1", "\N{EN DASH}", "2"],
    ]


def test_the_legend_names_lines_of_one_name_once() -> None:
    assert [(name, len(lines)) for name, lines in PANEL.groups] == [("hybrid", 2), ("chance", 1)]


def test_the_script_is_given_the_digits_that_a_reader_is_shown() -> None:
    assert PANEL.data["lines"][1]["y"] == [3.0, 1.2346]


@given(
    values=st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=9),
    is_log=st.booleans(),
)
def test_every_value_and_tick_stands_within_the_axis(values: list[float], *, is_log: bool) -> None:
    axis = new_axis(values, None, (100, 0), is_log=is_log)
    places = [*(axis.place(value) for value in values), *(place for place, _ in axis.ticks)]
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)
    assert len(axis.ticks) <= 10


def test_a_logarithmic_axis_gives_each_decade_the_same_room() -> None:
    axis = new_axis([], (0.1, 10), (0, 200), is_log=True)
    assert [axis.place(value) for value in (0.1, 1, 10)] == pytest.approx([0, 100, 200])
    assert [text for _, text in axis.ticks] == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]


def test_labels_of_ticks_are_round_numbers() -> None:
    assert [text for _, text in new_axis([0.13, 0.97], None, (0, 1)).ticks] == [
        *("0.2", "0.4", "0.6", "0.8")
    ]


def test_a_logarithmic_axis_refuses_zero() -> None:
    with pytest.raises(ValueError, match="must show values above 0; got 0"):
        new_axis([0, 1], None, (0, 1), is_log=True)


def test_a_line_with_another_number_of_values_is_refused() -> None:
    with pytest.raises(ValueError, match="line 'l': must have a y for each of 2 x; got 1"):
        Line("l", "quiet", [0, 1], [2])
    with pytest.raises(ValueError, match="line 'l': must have a y for each of 2 x; got 3"):
        Line("l", "quiet", [0, 1], [2, 3], band=([1, 1], [2, 2, 2]))


def test_a_line_that_goes_back_is_refused() -> None:
    with pytest.raises(ValueError, match=r"line 'l': x must ascend; got \[1, 0\]"):
        Line("l", "quiet", [1, 0], [2, 2])


def test_fig_7_has_every_run_of_both_networks(results: Results) -> None:
    loss, accuracy = chart_training(results)
    names = [(line.name, line.run, line.ink) for line in loss.lines]
    assert names == [
        (f"{role}, {part}", f"seed {seed}", role)
        for role in ("hybrid", "classical")
        for part in ("training", "validation")
        for seed in (0, 1)
    ]
    curve = results.histories["classical"][1]
    assert loss.lines[-1].y == curve["validation_loss"].tolist()
    assert accuracy.lines[5].y == curve["train_accuracy"].tolist()


def test_each_class_has_its_roc_curves_and_the_diagonal(results: Results) -> None:
    panels = chart_rocs(results)
    assert [panel.title for panel in panels] == [f"ROC, {name}" for name in CLASS_NAMES]
    for panel in panels:
        assert [(line.name, line.ink) for line in panel.lines] == [
            ("hybrid", "hybrid"),
            ("classical", "classical"),
            ("chance", "quiet"),
        ]
        for line in panel.lines:
            assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)
    table = results.roc["classical"]
    glioma = table[table["class"] == "glioma"]
    assert panels[2].lines[1].y == glioma["true_positive_rate"].tolist()


def test_a_class_without_curves_has_no_panel(results: Results) -> None:
    roc = {role: table[table["class"] != "glioma"] for role, table in results.roc.items()}
    titles = [panel.title for panel in chart_rocs(replace(results, roc=roc))]
    assert titles == ["ROC, healthy", "ROC, meningioma", "ROC, pituitary"]


def test_the_jaccard_index_has_its_interval_as_a_band(results: Results) -> None:
    (panel,) = chart_thresholds(results)
    curve = results.jaccard["classical"]
    hybrid, classical = panel.lines
    assert hybrid.name == "hybrid"
    assert classical.x == curve["threshold"].tolist()
    assert classical.band == (curve["low"].tolist(), curve["high"].tolist())


def test_a_curve_without_intervals_has_no_band() -> None:
    curve = pd.DataFrame({"threshold": [0.5, 0.9], "jaccard": [0.4, 0.2]})
    whole, partly = (
        draw_curve("hybrid", curve.assign(low=low, high=[0.5, 0.3]))
        for low in ([0.3, 0.1], [0.3, float("nan")])
    )
    assert whole.band == ([0.3, 0.1], [0.5, 0.3])
    assert partly.band is None
