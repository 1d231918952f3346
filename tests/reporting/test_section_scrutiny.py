"""What the report says of leaks, of known slices and of shortcuts, and the pairs it shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hqcm.comparison.comparisons import Familiarity
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.figures.drawing import figure_style
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.figures.slices import _N_PAIRS, _N_ROWS, choose_pairs, draw_twins
from hqcm.reporting.page import render_page
from hqcm.reporting.report import write_report
from hqcm.reporting.results import Results, judge_run
from hqcm.reporting.sections.scrutiny import (
    describe_familiarity,
    describe_leakage,
    describe_shortcuts,
)
from hqcm.results.intervals import Interval
from hqcm.scrutiny.leakage import LeakCounts, ProtocolLeaks
from hqcm.scrutiny.shortcuts import _Shortcut
from hqcm.slices.stacks import Stack
from toy_report import PARAMS

NOBODY = LeakCounts(n_test=40, n_twin=0, n_patient=0, n_either=0)
LEAKING = ProtocolLeaks(
    n_train=1000,
    all=LeakCounts(n_test=200, n_twin=30, n_patient=100, n_either=120),
    by_source={
        "figshare": {"glioma": LeakCounts(n_test=160, n_twin=10, n_patient=100, n_either=100)},
        "akter": {"healthy": LeakCounts(n_test=40, n_twin=20, n_patient=0, n_either=20)},
    },
    orientations={"mirrored": 18, "same": 12},
)
TIGHT = ProtocolLeaks(
    n_train=1200, all=NOBODY, by_source={"akter": {"glioma": NOBODY}}, orientations={}
)


def pairs_of(n: int, protocol: str = "random") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "protocol": protocol,
            "slice_id": [f"akter/{i:02d}" for i in range(n)],
            "twin_id": [f"figshare/{i:02d}" for i in range(n)],
            "orientation": ["same" if i % 2 else "turned-180" for i in range(n)],
            "correlation": [0.95 + i / 1000 for i in range(n)],
        }
    )


def stack_of(pairs: pd.DataFrame) -> Stack:
    """Slices whose grey is their position."""
    ids = [*pairs["twin_id"], *pairs["slice_id"]]
    shape = (len(ids), 8, 8)
    return Stack(
        slice_id=ids,
        images=np.broadcast_to(np.arange(len(ids), dtype=np.uint8)[:, None, None], shape),
        masks=np.zeros(shape, np.bool_),
        has_mask=np.zeros(len(ids), np.bool_),
        labels=np.zeros(len(ids), np.int64),
    )


def draw(pairs: pd.DataFrame) -> Figure:
    with figure_style():
        return draw_twins(pairs, stack_of(pairs))


def kinds(section: Section) -> list[type]:
    return [type(block) for block in section.blocks]


def test_a_protocol_that_leaks_is_told_in_numbers() -> None:
    section = describe_leakage({"random": LEAKING, "patient": TIGHT}, [], Path("figures"))
    assert kinds(section) == [Bullets, Picture, Folded]
    told = section.blocks[0]
    assert isinstance(told, Bullets)
    assert told.items == [
        (
            "Protocol `random`: yes. Training knows 120 (60.0 %) of 200 test slices: 30 (15.0 %) "
            "have a near-duplicate there (18 of them mirrored, flipped or turned), 100 (50.0 %) "
            "another slice of their patient."
        ),
        (
            "Protocol `patient`: no. None of 40 test slices has a near-duplicate or another slice "
            "of its patient in training."
        ),
    ]


def test_the_table_has_a_row_for_each_class_of_each_source_and_the_sum() -> None:
    _, picture, fold = describe_leakage({"random": LEAKING}, [], Path("figures")).blocks
    assert isinstance(picture, Picture)
    assert picture.file == Path("figures/twins.png")
    assert picture.alt.endswith("by orientation: 18 mirrored, 12 same.")
    assert isinstance(fold, Folded)
    table = fold.blocks[1]
    assert isinstance(table, Table)
    assert "1,000 slices in training" in table.caption
    assert table.rows == [
        ["`figshare`", "glioma", "160", "10", "100", "100", "62.5 %"],
        ["`akter`", "healthy", "40", "20", "0", "20", "50.0 %"],
        ["all", "all", "200", "30", "100", "120", "60.0 %"],
    ]
    assert table.totals == table.rows[-1:]


def test_without_twins_a_sentence_stands_in_the_place_of_the_picture() -> None:
    section = describe_leakage({"patient": TIGHT}, [], Path("figures"))
    assert section.blocks[1] == Paragraph(
        "No test slice has a near-duplicate in training, protocol `patient`, so there are no pairs "
        "to show."
    )


def test_a_study_without_twins_has_every_other_figure_and_a_page(
    figures: Path, results: Results, claims: Claims
) -> None:
    """As with `study.protocols=[patient]`: the table of pairs is a header and no more."""
    without = replace(results, leaks={"random": TIGHT}, twins=None)
    drawn = draw_gallery(without, PARAMS.localise)
    assert {*drawn} == {path.name for path in figures.glob("*.png")} - {"twins.png"}
    judged = judge_run(without, claims, PARAMS.data.cohort)
    page = render_page(write_report(without, judged, PARAMS), figures)
    assert "so there are no pairs to show." in page


def test_pairs_are_of_the_protocol_at_equal_steps_through_the_orientations() -> None:
    pairs = pd.concat([pairs_of(40), pairs_of(5, "patient")]).sample(frac=1, random_state=0)
    chosen = choose_pairs(pairs, "random")
    assert len(chosen) == _N_ROWS * _N_PAIRS
    assert chosen["slice_id"].is_unique
    assert chosen["orientation"].tolist() == ["same"] * 4 + ["turned-180"] * 5
    assert chosen["slice_id"].iloc[[0, -1]].tolist() == ["akter/01", "akter/38"]
    assert len(choose_pairs(pairs, "patient")) == 5
    assert choose_pairs(pairs, "source").empty


def test_each_test_slice_stands_beside_its_twin() -> None:
    pairs = pairs_of(4)
    seen = [axes for axes in draw(pairs).axes if axes.get_visible()]
    assert len(seen) == 8
    assert [int(axes.images[0].get_array()[0, 0]) for axes in seen] == [4, 0, 5, 1, 6, 2, 7, 3]  # type: ignore[index]
    assert [axes.get_xlabel() for axes in seen[:2]] == ["test, akter", "training, figshare"]
    assert [axes.get_title(loc="left") for axes in seen[:4]] == [
        *("half turn, r = 0.950", "", "as it is, r = 0.951", "")
    ]


def guess(value: float, low: float | None = None, high: float | None = None) -> _Shortcut:
    score = Interval(value=value, low=low, high=high)
    return _Shortcut(
        accuracy=score, balanced_accuracy=Interval(value=value / 2, low=None, high=None)
    )


@pytest.fixture
def probed(results: Results) -> Results:
    clues = {
        "nothing": guess(0.25),
        "border width and mean intensity": guess(0.6, 0.5, 0.7),
        "all four": guess(0.8),
    }
    return replace(results, shortcuts={"random": clues, "patient": clues})


def test_clues_stand_above_the_networks(probed: Results) -> None:
    section = describe_shortcuts(probed)
    assert kinds(section) == [Paragraph, Folded]
    told, fold = section.blocks
    assert isinstance(told, Paragraph)
    assert isinstance(fold, Folded)
    table = fold.blocks[1]
    assert told.text == (
        "Protocol `random`, accuracy: border width and mean intensity alone 60.0 % (95 % interval "
        "50.0 to 70.0 %), with source and native size 80.0 %; the networks: `paper` 91.2 %, "
        "`counterpart` 71.2 %."
    )
    assert isinstance(table, Table)
    assert table.rows[1] == [*("border width and mean intensity", "60.0 %", "50.0 to 70.0 %")]
    assert [row[0] for row in table.rows[3:]] == ["network `paper`", "network `counterpart`"]


def test_a_protocol_without_estimates_has_dashes_for_networks(probed: Results) -> None:
    folded = describe_shortcuts(probed).blocks[-1]
    assert isinstance(folded, Folded)
    table = folded.blocks[2]
    assert isinstance(table, Table)
    assert table.rows[-1] == ["network `counterpart`", *["\N{EN DASH}"] * 2]


ROW = Familiarity(
    protocol="random",
    variant="paper",
    n_seeds=3,
    known_value=0.95,
    known_n_slices=1300,
    known_n_groups=120,
    other_value=0.9,
    other_n_slices=60,
    other_n_groups=44,
    difference=0.05,
    low=0.01,
    high=0.09,
)


def test_the_pair_on_known_slices_and_on_others() -> None:
    others = [ROW.model_copy(update={"variant": name}) for name in ("normalised", "counterpart")]
    caveat, table = describe_familiarity([ROW, *others], ("paper", "counterpart"))
    assert isinstance(caveat, Paragraph)
    assert "different slices" in caveat.text
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows] == ["`paper`", "`counterpart`"]
    assert table.rows[0][2:] == [
        *("1,300", "120", "95.0 %", "60", "44", "90.0 %", "+5.0 points", "+1.0 to +9.0 points"),
    ]
    assert len(table.header) == len(table.rows[0])


def test_where_no_slice_is_known_nothing_is_said() -> None:
    assert describe_familiarity([], ("paper", "counterpart")) == []
