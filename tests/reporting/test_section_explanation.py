"""What the report says of the maps follows from the intervals; what the figure shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hqcm.contracts.labels import ROLES
from hqcm.explanation.areas import (
    DIRECTIONS,
    KINDS,
    area_name,
)
from hqcm.reporting.document import Bullets, Folded, Paragraph, Table
from hqcm.reporting.figures.attention import draw_explanation
from hqcm.reporting.figures.drawing import MAP_COLOURS, MAP_DASHES, figure_style
from hqcm.reporting.results import Results
from hqcm.reporting.sections.explanation import (
    _Answer,
    _conclude,
    _judge_gain,
    _tell_map,
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
        "Hybrid network, attention map: better than a random order by deletion alone; deletion "
        "0.30, random 0.50."
    )
    assert _tell_map(known, "classical", "grad_cam") == (
        "Classical network, Grad-CAM: not measured."
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
        ("better", "better", "shows what the network relies on"),
        ("better", "worse", "better than a random order by deletion alone"),
        ("open", "better", "better than a random order by insertion alone"),
        ("worse", "open", "no better than a random order"),
        ("absent", "better", "not measured"),
    ],
)
def test_two_curves_make_one_conclusion(deletion: _Answer, insertion: _Answer, said: str) -> None:
    assert _conclude({"deletion": deletion, "insertion": insertion}) == said


def test_the_section_has_the_areas_and_the_overlap_in_folds(results: Results) -> None:
    section = describe_explanation(results, Path("figures"), PARAMS.localise)
    assert [type(block) for block in section.blocks] == [Paragraph, Bullets, *[Folded] * 3]
    folds = [block for block in section.blocks if isinstance(block, Folded)]
    areas, places = (block for fold in folds for block in fold.blocks if isinstance(block, Table))
    assert (len(areas.rows), len(places.rows)) == (8, 2)
    for table in (areas, places):
        assert all("(" in cell for row in table.rows for cell in row[1:3]), table.caption
    known = results.estimates["random"].networks["paper"]
    assert {area_name(way, kind) for way in DIRECTIONS for kind in KINDS} <= known.keys()


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
