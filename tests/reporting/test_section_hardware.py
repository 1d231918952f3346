"""What the report says of shots and noise follows from the numbers, and so does the figure."""

from pathlib import Path

import numpy as np
import pytest

from hqcm.hardware.conditions import HardwareScores, read_hardware
from hqcm.reporting.document import Bullets, Folded, Paragraph, Picture
from hqcm.reporting.figures.networks import bounds, draw_hardware
from hqcm.reporting.sections.hardware import (
    _tabulate_scores,
    _tell_gates,
    _tell_limit,
    _tell_machine,
    describe_hardware,
)
from hqcm.results.files import write_json
from hqcm.results.intervals import Interval
from toy_hardware import TOY_HARDWARE as TOY
from toy_hardware import invent_point

DASH = "\N{EN DASH}"


def test_the_section_has_sentences_method_picture_and_tables() -> None:
    section = describe_hardware(TOY, 0.02, Path("figures"))
    assert [type(block) for block in section.blocks] == [Paragraph, Bullets, Picture, Folded]


def test_the_limit_is_the_last_before_the_accuracy_falls() -> None:
    assert _tell_limit("Finite shots", TOY.shots[::-1], TOY, 0.02) == (
        "Finite shots: 1,000 shots a circuit (88.0 %) stay within 2 points of the exact simulation "
        "(90.0 %); 100 shots a circuit (70.0 %) do not."
    )
    assert _tell_limit("Noisy gates", TOY.depolarising, TOY, 0.02) == (
        "Noisy gates: gate errors of 0.1 % (90.0 %) stay within 2 points of the exact simulation "
        "(90.0 %); gate errors of 1 % (60.0 %) do not. With gate errors of 10 % it is no better "
        "than giving every slice the class that most have: 25.0 % against 25.0 %."
    )


def test_all_or_none_may_stay_close() -> None:
    robust = [invent_point(0.91, 1000), invent_point(0.88, 100)]
    assert _tell_limit("Finite shots", robust, TOY, 0.02).endswith(
        "100 shots a circuit (88.0 %) stay within 2 points of the exact simulation (90.0 %), and "
        "that is the harshest tried."
    )
    frail = [invent_point(0.879, 1000), invent_point(0.9, 100)]
    assert _tell_limit("Finite shots", frail, TOY, 0.02) == (
        "Finite shots: not even 1,000 shots a circuit (87.9 %) stay within 2 points of the exact "
        "simulation (90.0 %)."
    )


def test_machine_and_gates_in_words() -> None:
    assert _tell_machine(TOY) == (
        "All at once, 1,000 shots a circuit, gate errors of 0.1 %, readout errors of 1 %: accuracy "
        "50.0 %, exactly simulated 90.0 %; 40.0 % of the slices change their class. That takes "
        "2,000 runs for every slice."
    )
    assert _tell_gates(TOY) == (
        "Gates: a circuit takes 17, 4 of them CNOT, up to 11 one after the other. 29 % of the "
        "gates and 2 of the CNOTs only load the slice's 4 numbers, anew before every shot."
    )


def test_the_table_has_every_condition() -> None:
    scores = _tabulate_scores(TOY)
    assert [row[0] for row in scores.rows] == [
        "exact simulation",
        *(f"{n} shots a circuit" for n in ("100", "1,000", "10,000")),
        *(f"gate errors of {p} %" for p in ("0.1", "1", "10")),
        *(f"readout errors of {p} %" for p in ("1", "10")),
        "1,000 shots a circuit, gate errors of 0.1 %, readout errors of 1 %",
    ]
    assert scores.rows[1][1:] == ["70.0 %", "60.0 to 80.0 %", "20.0 %", "0.100"]


def test_without_intervals_there_are_dashes_and_a_bare_line() -> None:
    single = Interval(value=0.9, low=None, high=None)
    assert _tabulate_scores(TOY.model_copy(update={"exact": single})).rows[0][2] == DASH
    assert bounds(single) == (0.9, 0.9)


def test_the_figure_shows_each_series_the_exact_line_and_the_constant_one() -> None:
    panels = draw_hardware(TOY).axes
    assert len(panels) == 3
    for axes, points in zip(panels, (TOY.shots, TOY.depolarising, TOY.readout), strict=True):
        exact, constant, curve = axes.get_lines()
        assert np.asarray(exact.get_ydata()).tolist() == [0.9, 0.9]
        assert np.asarray(constant.get_ydata()).tolist() == [0.25, 0.25]
        assert np.asarray(curve.get_ydata()).tolist() == [point.accuracy.value for point in points]
    assert np.asarray(panels[0].get_lines()[2].get_xdata()).tolist() == [100, 1000, 10000]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_json(tmp_path / "hardware.json", TOY.model_dump())
    assert read_hardware(tmp_path / "hardware.json") == TOY


@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_the_margin_decides(margin: float) -> None:
    found: HardwareScores = TOY
    told = _tell_limit("Noisy gates", found.depolarising, found, margin)
    assert ("gate errors of 1 % (60.0 %) stay" in told) == (margin == 0.3)
