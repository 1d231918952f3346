"""What the report says of the maps follows from the intervals; what the figure shows."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from hqcm.contracts.labels import ROLES
from hqcm.explanation.areas import (
    DIRECTIONS,
    KINDS,
    Direction,
    area_name,
    gain_name,
    jaccard_name,
)
from hqcm.reporting.document import Bullets, Paragraph, Picture, Table
from hqcm.reporting.figures.attention import draw_explanation
from hqcm.reporting.figures.drawing import MAP_COLOURS, MAP_DASHES, figure_style
from hqcm.reporting.results import Results
from hqcm.reporting.sections.explanation import (
    _DONE,
    _Answer,
    _conclude,
    _judge_gain,
    _tell_map,
    _tell_places,
    describe_explanation,
)
from hqcm.results.intervals import Estimate, ProtocolEstimates
from toy_report import PARAMS


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=30, n_groups=9)


def knowing(results: Results, named: dict[str, Estimate]) -> Results:
    """The results with only these quantities, of the hybrid network."""
    found = ProtocolEstimates(networks={"paper": named}, differences={})
    return replace(results, estimates={"random": found})


def test_the_sentence_follows_from_the_intervals(results: Results) -> None:
    known = knowing(
        results,
        {
            "explanation/deletion/attention": estimate(0.3, 0.2, 0.4),
            "explanation/deletion/random": estimate(0.5, 0.4, 0.6),
            "explanation/deletion/attention/gain": estimate(0.2, 0.1, 0.3),
            "explanation/insertion/attention/gain": estimate(-0.1, -0.2, 0.1),
        },
    )
    assert _tell_map(known, "hybrid", "attention") == (
        "Attention map, hybrid network, confidence over the whole curve: deletion, lower than in "
        "random order (area 0.30 against 0.50); insertion, neither surely higher nor surely lower "
        "than in random order. Only deletion says that the network goes by it."
    )
    assert _tell_map(known, "classical", "grad_cam") == (
        "Grad-CAM, classical network, confidence over the whole curve: deletion, not measured; "
        "insertion, not measured. No conclusion."
    )


@pytest.mark.parametrize(
    ("bounds", "answer"),
    [
        *(((0.01, 0.2), "better"), ((-0.2, -0.01), "worse")),
        *(((-0.1, 0.1), "open"), ((0.0, 0.1), "open"), ((-0.1, 0.0), "open")),
    ],
)
def test_an_interval_that_holds_zero_decides_nothing(
    bounds: tuple[float, float], answer: _Answer
) -> None:
    assert _judge_gain(estimate(sum(bounds) / 2, *bounds)) == answer


@pytest.mark.parametrize(
    ("deletion", "insertion", "said"),
    [
        ("better", "better", "It shows something that the network goes by."),
        ("better", "worse", "Only deletion says that the network goes by it."),
        ("open", "better", "Only insertion says that the network goes by it."),
        ("worse", "open", "Nothing here says that the network goes by it."),
        ("absent", "better", "No conclusion."),
    ],
)
def test_two_curves_make_one_conclusion(deletion: _Answer, insertion: _Answer, said: str) -> None:
    assert _conclude({"deletion": deletion, "insertion": insertion}) == said


def test_every_answer_has_words() -> None:
    assert [*_DONE] == [*DIRECTIONS] == [*get_args(Direction)]
    for words in _DONE.values():
        assert {*words} == {*get_args(_Answer)}


def test_places_are_at_the_lowest_threshold_of_the_headlines_scale(results: Results) -> None:
    known = knowing(results, {jaccard_name("grad_cam", "raw", 0.75): estimate(0.25, 0.2, 0.3)})
    said = _tell_places(known, PARAMS.localise)
    assert said.startswith("On the tumours, Jaccard index at 0.75, scale `raw`")
    assert "hybrid network, Grad-CAM 0.250 (0.200 to 0.300); " in said


def test_the_section_has_every_quantity_that_the_stage_leaves(results: Results) -> None:
    section = describe_explanation(results, Path("figures"), PARAMS.localise)
    kinds = [type(block) for block in section.blocks]
    assert kinds == [Paragraph, Bullets, Picture, Table, Table, Paragraph, Table]
    areas, gains, places = (block for block in section.blocks if isinstance(block, Table))
    assert (len(areas.rows), len(gains.rows), len(places.rows)) == (8, 6, 12)
    for table in (areas, gains, places):
        assert all("(" in cell for row in table.rows for cell in row[1:3]), table.caption
    known = results.estimates["random"].networks["paper"]
    named = {area_name(way, kind) for way in DIRECTIONS for kind in KINDS}
    named |= {gain_name(way, kind) for way in DIRECTIONS for kind in KINDS if kind != "random"}
    assert named <= known.keys()


def test_the_figure_shows_a_slice_of_each_class_and_every_curve(results: Results) -> None:
    with figure_style():
        figure = draw_explanation(
            results.runs, results.grad_cams, results.curves, results.stack, PARAMS.localise
        )
    slices, panels = (part.axes for part in figure.subfigs)
    assert len(slices) == 4 * 5
    assert [axes.get_title() for axes in slices[:5]] == [
        "slice",
        *(f"{role}: {name}" for role in ROLES for name in ("attention", "Grad-CAM")),
    ]
    assert slices[1].get_xlabel().startswith("active")
    assert slices[6].get_xlabel().startswith("Jaccard")
    assert [axes.get_title() for axes in panels] == [
        f"{role}: {way}" for role in ROLES for way in DIRECTIONS
    ]
    for axes in panels:
        assert [line.get_color() for line in axes.lines] == [*MAP_COLOURS.values()]
        assert [line.get_linestyle() for line in axes.lines] == [*MAP_DASHES.values()]
    line = panels[1].lines[KINDS.index("tumour_mask")]
    table = results.curves["hybrid"]
    chosen = table[(table["map"] == "tumour_mask") & (table["direction"] == "insertion")]
    np.testing.assert_array_equal(line.get_ydata(), chosen["probability"])


def test_a_network_without_attention_has_no_column_for_it(results: Results) -> None:
    blind = replace(results.runs["classical"], attention=np.zeros((40, 0, 0), np.float32))
    runs = {**results.runs, "classical": blind}
    with figure_style():
        figure = draw_explanation(
            runs, results.grad_cams, results.curves, results.stack, PARAMS.localise
        )
    titles = [axes.get_title() for axes in figure.subfigs[0].axes[:4]]
    assert titles == ["slice", "hybrid: attention", "hybrid: Grad-CAM", "classical: Grad-CAM"]
