"""Which reading of what the paper leaves open its own printed numbers allow."""

from collections.abc import Iterator

import pandas as pd

from hqcm.contracts.labels import ROLES
from hqcm.paper.readings import TriedReadings, misfits
from hqcm.reporting.document import Block, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, count, parameter_value, percent


def describe_readings(tried: TriedReadings | None) -> Section:
    """A table for each cohort that the readings were tried on."""
    title = "Which reading fits the paper's numbers?"
    if tried is None:
        return Section(title, [Paragraph("Not tried yet: `make identify`.")])
    printed = tried.readings.printed
    loss, accuracy = printed.loss, printed.accuracy
    lead = Paragraph(
        "The paper leaves open how weights are drawn and what follows the counterpart's linear "
        f"layer. Its first epoch has {printed.steps} steps and a loss of {loss.hybrid:.2f} "
        f"(hybrid) and {loss.classical:.2f} (classical), a ratio of "
        f"{loss.classical / loss.hybrid:.2f}; training ends at "
        f"{percent(accuracy.hybrid, 2)} and {percent(accuracy.classical, 2)}. "
        f"{_tell_fits(tried)} Choices that no printed number decides: docs/deviations.md."
    )
    tables: list[Block] = [
        _tabulate(tried, str(cohort), rows) for cohort, rows in tried.table.groupby("cohort")
    ]
    base = f"Base: {', '.join(_describe(tried.readings.base))}. Rule: docs/decisions/0021."
    return Section(title, [lead, Folded("Every reading", [Paragraph(base), *tables])])


def _tell_fits(tried: TriedReadings) -> str:
    """How many of the readings tried fit, cohort by cohort."""
    told = []
    for cohort, rows in tried.table.groupby("cohort"):
        groups = [own for _, own in rows.groupby("reading")]
        n_fits = sum(not misfits(own, tried.readings.printed) for own in groups)
        told.append(f"{n_fits} of {len(groups)} on cohort {cohort}")
    return f"Readings tried that fit: {', '.join(told)}."


def _tabulate(tried: TriedReadings, cohort: str, rows: pd.DataFrame) -> Table:
    is_whole = bool(rows["hybrid_accuracy"].notna().all())
    accuracies = [f"{kind}_accuracy" for kind in ROLES if is_whole]
    body = []
    for name, settings in tried.readings.readings.items():
        own = rows[rows["reading"] == name]
        if own.empty:
            what = ", ".join(_describe(settings))
            body.append([what, *[NOTHING] * (4 + len(accuracies)), "not tried"])
            continue
        reasons = misfits(own, tried.readings.printed)
        body.append(
            [
                ", ".join(_describe(settings)) or "base",
                *(_range(own[f"{kind}_loss"]) for kind in ROLES),
                _range(own["classical_loss"] / own["hybrid_loss"]),
                *(_range(100 * own[name], 1) for name in accuracies),
                _range(own["classical_dead"], 0),
                f"no: {', '.join(reasons)}" if reasons else "yes",
            ]
        )
    runs = (
        "whole runs; accuracy (%) is that in training, after the last epoch"
        if is_whole
        else "first steps alone"
    )
    size_px, n_seeds = rows["image_size_px"].iloc[0], count(rows["seed"].nunique())
    return Table(
        f"Cohort {cohort}, {size_px} px, {n_seeds} seeds, lowest to highest; {runs}. Dead: "
        "of the classical head's outputs.",
        [
            *("reading", "hybrid loss", "classical loss", "ratio"),
            *(name.replace("_", " ") for name in accuracies),
            *("dead outputs", "fits"),
        ],
        body,
    )


def _describe(settings: dict[str, object]) -> Iterator[str]:
    for key, value in settings.items():
        yield f"`{key}` {parameter_value(value)}"


def _range(values: pd.Series, digits: int = 2) -> str:
    low, high = (f"{value:.{digits}f}" for value in (values.min(), values.max()))
    return low if low == high else f"{low}\u2013{high}"  # a table of ranges, to be short
