"""What the report says of the study, under every outcome."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from hqcm.comparison.comparisons import Comparisons
from hqcm.reporting.document import Folded, Picture, Section, Table
from hqcm.reporting.figures.drawing import NETWORK_COLOURS, _as_picture, figure_style
from hqcm.reporting.figures.networks import _list_panels, draw_study
from hqcm.reporting.sections.study import (
    _ONE_RUN,
    _conclude,
    _detail_protocol,
    _tell_rates,
    describe_study,
    picture,
)
from toy_comparison import compare_toys, invent_rates

HYBRID = {"paper": 0.85}
LEVEL, BEHIND, AHEAD = 0.85, 0.70, 0.94


@pytest.fixture(scope="module")
def whole() -> Comparisons:
    """Two protocols, a control of either kind, and a learning rate that helps the counterpart."""
    classical = {"plain": BEHIND, "plain_slow": 0.80, "normalised": LEVEL}
    families = {
        "paper": {"paper": 0.9},
        "no_entanglement": {"no_entanglement": 0.9},
        "plain": {"plain": 0.7, "plain_slow": 0.8},
        "normalised": {"normalised": 0.9},
    }
    protocols = {"random": 0.0, "patient": -0.1}
    return compare_toys(
        {**HYBRID, "no_entanglement": LEVEL},
        classical,
        protocols=protocols,
        rates=invent_rates(list(protocols), families),
    )


def tables(section: Section) -> list[Table]:
    blocks = [
        inner
        for block in section.blocks
        for inner in (block.blocks if isinstance(block, Folded) else [block])
    ]
    return [block for block in blocks if isinstance(block, Table)]


def test_the_paragraph_says_the_answer_the_gap_and_what_patients_cost(whole: Comparisons) -> None:
    text = _conclude(whole, "clinical")
    assert text.startswith(
        "Protocol `random`: no, `normalised` without any circuit does as well. Protocol `patient`: "
    )
    published, best = (
        next(
            row
            for row in whole.select("network", setting, whole.quantities[0], "random")
            if row.family == "plain"
        )
        for setting in whole.settings
    )
    assert (
        f"`paper` minus `plain`, accuracy under `random`: {100 * published.difference:+.1f} points "
        f"({100 * (published.low or 0):+.1f} to {100 * (published.high or 0):+.1f}) at the "
        f"published learning rate, {100 * best.difference:+.1f} points ("
    ) in text
    assert "From `random` to `patient`, `paper` goes from 85." in text
    assert ": -10." in text
    assert "simulated" not in text
    assert _conclude(whole, "phantom").endswith("simulated: none of this is about the paper.")


def test_every_protocol_has_its_numbers(whole: Comparisons) -> None:
    text = _detail_protocol(whole, "random")
    row = whole.select("network", "published", whole.quantities[0], "random")[1]
    assert text.startswith("`random` (4 runs of each network, 240 test slices of 60 patients or f")
    assert f"at the published learning rate `paper` reaches {100 * row.first_value:.1f} %" in text
    assert f"accuracy, `plain` {100 * row.second_value:.1f} %; with `pl" in text
    rates = "With `plain` at the best of several learning rates, the others at the published one"
    assert f"{rates}: `paper` is ahead of `plain`" in text
    assert "Of the gap between the two, `normalised` recovers" in text
    assert "Among the circuits, `paper` does not differ, within the margin, from `no_ent" in text


def test_every_network_is_tuned_or_it_is_said_which_one_was(whole: Comparisons) -> None:
    assert _tell_rates(whole, "published") == "at the published learning rate"
    assert whole.tuned == ["plain"]
    families = {name: {name: 0.9, f"{name}_slow": 0.8} for name in ("paper", "plain")}
    names = [name for family in families.values() for name in family]
    tuned = compare_toys(
        {name: LEVEL for name in names if "paper" in name},
        {name: BEHIND for name in names if "plain" in name},
        rates=invent_rates(["random"], families),
    )
    assert tuned.tuned == ["paper", "plain"]
    assert _tell_rates(tuned, "best") == "with every network at its own best learning rate"


def test_what_was_not_trained_at_its_published_rate_is_not_said_to_be() -> None:
    families = {"paper": {"paper": 0.9}, "plain": {"plain_slow": 0.8}}
    found = compare_toys(HYBRID, {"plain_slow": BEHIND}, rates=invent_rates(["random"], families))
    assert found.settings == ["best"]
    said = "with every network at the only one tried"
    assert _tell_rates(found, "best") == said
    assert _detail_protocol(found, "random").count(said) == 1
    assert "published" not in _conclude(found, "clinical")
    table, *_, rates = tables(describe_study(found, Path("figures"), "clinical"))
    assert [row[1] for row in table.rows] == ["0.01 (the only one tried)"]
    assert [row[-1] for row in rates.rows] == ["published and best", "best"]
    with figure_style():
        draw_study(found)


def test_published_and_tuned_networks_beside_one_that_is_neither() -> None:
    families = {
        "paper": {"paper": 0.9},
        "plain": {"plain_slow": 0.8},
        "normalised": {"normalised": 0.9, "normalised_slow": 0.8},
    }
    classical = {"plain_slow": BEHIND, "normalised": LEVEL, "normalised_slow": LEVEL}
    found = compare_toys(HYBRID, classical, rates=invent_rates(["random"], families))
    assert _tell_rates(found, "best") == (
        "with `normalised` at the best of several learning rates, the others at the only one tried"
    )
    assert f") {_tell_rates(found, 'best')}." in _conclude(found, "clinical")
    table, *_ = tables(describe_study(found, Path("figures"), "clinical"))
    assert [(row[1], row[2]) for row in table.rows] == [
        ("0.01 (published)", "`normalised`"),
        ("0.01 (the only one tried)", "`plain`"),
        ("0.01 (own best)", "`normalised`"),
    ]


@pytest.mark.parametrize(
    ("classical", "expected"),
    [
        ({"plain": BEHIND}, "`paper` is ahead of `plain`, which does not tell the circuit from"),
        (
            {"plain": BEHIND, "other": BEHIND},
            "yes, as far as these controls go: `paper` is ahead of `plain`, `other`.",
        ),
        ({"plain": BEHIND, "other": LEVEL}, "no, `other` without any circuit does as well."),
        ({"plain": BEHIND, "other": AHEAD}, "no, `other` without any circuit does as well."),
        (
            {"plain": AHEAD},
            "no advantage of the quantum layer is shown, `paper` is behind `plain`.",
        ),
        (
            {"plain": LEVEL, "other": BEHIND},
            (
                "no advantage of the quantum layer is shown, `paper` does not differ, within the "
                "margin, from `plain`."
            ),
        ),
    ],
)
def test_every_outcome_has_its_sentence(classical: dict[str, float], expected: str) -> None:
    found = compare_toys(HYBRID, classical, margin=0.03)
    assert _conclude(found, "clinical").startswith(f"Protocol `random`: {expected}")


def test_what_cannot_be_told_apart_is_not_called_equal() -> None:
    found = compare_toys(HYBRID, {"plain": BEHIND, "other": LEVEL}, margin=0.001)
    text = _conclude(found, "clinical")
    assert text.startswith("Protocol `random`: not decided, `paper` cannot be told from `other`.")
    assert "`paper` is ahead of `plain` (+" in _detail_protocol(found, "random")
    assert "; it cannot be told from `other` (" in _detail_protocol(found, "random")


def test_one_run_is_not_enough() -> None:
    found = compare_toys(HYBRID, {"plain": BEHIND, "other": LEVEL}, seeds=[0])
    text = _conclude(found, "clinical")
    assert text.startswith(_ONE_RUN)
    assert "ahead" not in text + _detail_protocol(found, "random")
    assert "(one run of each network, 240 test slices" in _detail_protocol(found, "random")


def test_a_row_for_every_comparison(whole: Comparisons, tmp_path: Path) -> None:
    section = describe_study(whole, tmp_path, "clinical")
    first, others, protocols, rates = tables(section)
    networks = [row for row in whole.comparisons if row.question == "network"]
    assert len(first.rows) + len(others.rows) == len(networks) == 2 * 2 * 3 * 3
    assert len(protocols.rows) == len(whole.comparisons) - len(networks)
    assert len(rates.rows) == len(whole.tuning) == 2 * 5
    assert first.rows[1][:3] == ["random", "0.01 (published)", "`plain`"]
    assert first.rows[1][-1] == "ahead"
    assert {row[1] for row in first.rows[:6] if row[2] == "`normalised`"} == {
        "0.01 (published)",
        "0.01 (published, the only one tried)",
    }
    assert first.rows[2][-2].startswith(("9", "10"))  # percent of the gap
    assert [row[-1] for row in rates.rows[2:4]] == ["published", "best"]
    (picture,) = (block for block in section.blocks if isinstance(block, Picture))
    assert picture.file == tmp_path / "study.png"


def test_the_figure_has_a_panel_a_question_and_a_mark_a_difference(whole: Comparisons) -> None:
    assert [panel.title for panel in _list_panels(whole)] == [
        "paper minus network, random",
        "paper minus network, patient",
        "network, random minus patient",
    ]
    with figure_style():
        figure = draw_study(whole)
    marks = [
        [(line.get_xdata()[0], line.get_color()) for line in axes.lines if line.get_marker() == "o"]  # type: ignore[index]
        for axes in figure.axes
    ]
    expected = [
        (100 * row.difference, NETWORK_COLOURS[whole.families[row.family]])
        for setting in whole.settings
        for row in whole.select("network", setting, whole.quantities[0], "random")
    ]
    assert marks[0] == expected
    assert [len(panel) for panel in marks] == [6, 6, 8]
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["paper", "no_entanglement", "plain", "normalised"]


def test_no_interval_is_drawn_beyond_what_is_possible(whole: Comparisons) -> None:
    rows = [
        row.model_copy(update={"low": -2.8, "high": 3.2}) if row.family == "plain" else row
        for row in whole.comparisons
    ]
    few_seeds = whole.model_copy(update={"comparisons": rows})
    assert "too few runs for an interval" in picture(few_seeds, Path()).caption
    assert "too few" not in picture(whole, Path()).caption
    with figure_style():
        axes = draw_study(few_seeds).axes[0]
    lines = (line for line in axes.lines if line.get_marker() == "None")
    drawn = [np.asarray(line.get_xdata(), float).tolist() for line in lines]
    assert (
        len(drawn)
        == len(
            [
                row
                for row in rows
                if row.possible[0] is not None
                and row.question == "network"
                and row.second_protocol == "random"
                and row.quantity == "metrics/accuracy"
            ]
        )
        + 1
    )  # the line at zero
    table, *_ = tables(describe_study(few_seeds, Path(), "clinical"))
    assert [row[5] for row in table.rows if row[2] == "`plain`"] == ["too few runs"] * 4


def test_the_same_bytes_twice(whole: Comparisons) -> None:
    pictures = []
    for _ in range(2):
        with figure_style(), BytesIO() as file:
            _as_picture(draw_study(whole)).save(file, "png")
            pictures.append(file.getvalue())
    assert pictures[0] == pictures[1]


def test_a_difference_without_an_interval_is_a_mark_alone() -> None:
    found = compare_toys(HYBRID, {"plain": BEHIND}, seeds=[0])
    bare = found.model_copy(
        update={
            "comparisons": [
                row.model_copy(update={"low": None, "high": None}) for row in found.comparisons
            ]
        }
    )
    with figure_style():
        drawn = [len(draw_study(each).axes[0].lines) for each in (found, bare)]
    assert drawn[0] == drawn[1] + 1
