"""Which reading fits, in words."""

from dataclasses import replace
from pathlib import Path

from hqcm.reporting.document import Folded, Paragraph, Table
from hqcm.reporting.results import Results
from hqcm.reporting.sections.noise import describe_noise
from hqcm.reporting.sections.readings import describe_readings


def test_what_was_not_tried_does_not_fit(results: Results) -> None:
    tried = results.readings
    assert tried is not None
    some = tried.table[tried.table["reading"] != "tanh"]
    lead, fold = describe_readings(tried._replace(table=some)).blocks
    assert isinstance(lead, Paragraph)
    assert isinstance(fold, Folded)
    _, first, whole = fold.blocks
    n_tried = len(first.rows) - 1  # type: ignore[union-attr]  # a table
    fits = [row for row in first.rows if row[-1] == "yes"]  # type: ignore[union-attr]  # a table
    assert f"Readings tried that fit: {len(fits)} of {n_tried} on cohort clinical" in lead.text
    assert isinstance(first, Table)
    assert isinstance(whole, Table)
    told = {row[0]: row[-1] for row in first.rows}
    assert told["base"] == "yes"
    assert told["`activation` tanh"] == "not tried"
    assert told["`activation` relu"] == "no: ratio, classical loss"
    assert len(whole.header) == len(first.header) + 2


def test_before_anything_was_measured_the_report_names_the_command(results: Results) -> None:
    nothing = replace(results, roundings=None, readings=None)
    (readings,) = describe_readings(nothing.readings).blocks
    (noise,) = describe_noise(nothing, Path("figures")).blocks
    assert isinstance(readings, Paragraph)
    assert isinstance(noise, Paragraph)
    assert "`make identify`" in readings.text
    assert "`make roundings`" in noise.text


def test_of_its_own_configuration_the_report_says_where_this_run_lies(results: Results) -> None:
    measured = results.roundings
    assert measured is not None
    assert results.noise is None
    own = replace(measured, configuration=results.configuration)
    told = replace(results, roundings=own)
    assert told.noise == measured.noise(results.study.pair)
    lead, *_ = describe_noise(told, Path("figures")).blocks
    assert isinstance(lead, Paragraph)
    assert "This run: hybrid " in lead.text
    assert "another configuration" not in lead.text
