"""The verdict of a study under cross-validation, and what a decision needs."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from hqcm.cross_validation.judged import EVERYTHING, Judged, Row
from hqcm.evaluation.statistics import CONFIDENCE
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import (
    NOTHING,
    bounds,
    count,
    estimate,
    p_value,
    percent,
    points,
)

HEAD_NAMES = {
    "paper": "quantum layer",
    "no_entanglement": "quantum layer, no entanglement",
    "frozen": "quantum layer, angles never trained",
    "expressive": "quantum layer, six layers deep",
    "counterpart": "linear layer",
    "counterpart_relu": "linear layer, ReLU",
    "counterpart_released": "linear layer, ReLU, released weights",
    "matched": "few weights on compressed chunks",
    "normalised": "linear layer, input normalised",
    "quadratic": "free quadratic forms",
    "identity": "no layer",
}
END_TO_END, ALONE = "end to end", "heads alone"
JUDGED = {END_TO_END: "cv.json", ALONE: "heads.json"}
"""What was judged, and the file of it in a study's folder."""
_SEEDS = (1, 2, 5, 20)
_PATIENTS = (1, 2, 4, 8)
_VERDICTS = {
    "ahead": "ahead",
    "behind": "behind",
    "equal": "equal within {margin}",
    "undecided": "undecided",
    "undecidable": "undecidable on this sample",
}
_METHOD = [
    (
        "Every slice is tested once a repeat, by networks that have seen no slice of its patient "
        "and no near-duplicate. Differences are paired by seed and slice."
    ),
    (
        "The interval, 95 %, knows patients, seeds and training sets, each with a variance of its "
        "own; folds share training patients, which no number of seeds removes: the floor."
    ),
    (
        "Equal: the 90 % interval lies within the margin (two one-sided tests at 5 % each). Ahead "
        "or behind: p below 0.05, adjusted after Holm for all but the first row. Undecidable: "
        "patients and training sets alone keep the interval too wide."
    ),
    "Corrected t: half-width of the interval of Nadeau and Bengio (2003), beside ours.",
]


def describe_folds(judged: Judged, what: str) -> Section:
    """One sentence, one table; the rest folded.

    Args:
        judged: comparisons, the primary one first.
        what: `END_TO_END` or `ALONE`.
    """
    rows = [row for row in judged.rows if row.slices == EVERYTHING]
    others = [row for row in judged.rows if row.slices != EVERYTHING]
    blocks: list[Block] = [Paragraph(conclude(judged, what)), _tabulate(rows, judged.margin)]
    if others:
        title = f"The same {others[0].slices}"
        blocks.append(Folded(title, [_tabulate(others, judged.margin)]))
    blocks += [
        Folded("Learning rates chosen", [_tabulate_rates(judged)]),
        Folded("How many runs and patients a decision needs", [tabulate_power(rows[0])]),
        Folded("How it was judged", [Bullets(_METHOD)]),
    ]
    return Section(f"Networks compared, {what}", blocks)


def conclude(judged: Judged, what: str) -> str:
    """The primary comparison in one sentence."""
    row = judged.rows[0]
    return (
        f"{what.capitalize()}: {name(row.first)} minus {name(row.second)}, accuracy, "
        f"{estimate(row.interval, points)}: {tell_verdict(row, judged.margin)}. "
        f"{count(row.n_slices)} slices of {row.n_families} patients or files, {row.n_folds} folds, "
        f"{row.n_repeats} repeat{'s' if row.n_repeats > 1 else ''}, {row.n_seeds} "
        f"seed{'s' if row.n_seeds > 1 else ''} a fold.{_tell_limits(judged)}"
    )


def _tell_limits(judged: Judged) -> str:
    """What keeps the primary comparison from being what it shall be."""
    rates = {rate for each in judged.chosen for rate in each.tried}
    one_rate = f" One learning rate was tried, {min(rates):g}." if len(rates) == 1 else ""
    one_seed = " With one seed, chance of the seed counts as that of training sets."
    return one_rate + (one_seed if judged.rows[0].n_seeds == 1 else "")


def tell_verdict(row: Row, margin: float) -> str:
    """In words; undecided with the seeds it would take."""
    said = _VERDICTS[row.verdict].format(margin=points(margin).lstrip("+"))
    wanted = f" ({row.seeds_wanted} seeds a fold would decide)" if row.seeds_wanted else ""
    return said + wanted


def name(network: str) -> str:
    """What stands in the quantum layer's place, or the section's name."""
    return HEAD_NAMES.get(network, network)


def picture_folds(judged: Mapping[str, Judged], figures: Path) -> Section:
    """The forest plot of all that was judged."""
    drawn = Picture(
        figures / "folds.svg",
        "Differences in accuracy with 95 % intervals; grey band: of no consequence.",
        f"Forest plot: {tell_rows(judged)}.",
        is_narrow=True,
    )
    return Section("Does a quantum layer help?", [drawn])


def tell_rows(judged: Mapping[str, Judged]) -> str:
    """The forest plot in words."""
    return "; ".join(
        f"{what}, {name(row.first)} minus {name(row.second)} {estimate(row.interval, points)}"
        for what, each in judged.items()
        for row in each.rows
        if row.slices == EVERYTHING
    )


def _tabulate(rows: list[Row], margin: float) -> Table:
    cells = [
        [
            *(name(row.first), name(row.second)),
            *(percent(row.first_accuracy), percent(row.second_accuracy), points(row.difference)),
            bounds(row.interval, points),
            *(_half(row.half_width), _half(row.floor), _half(row.corrected)),
            *(p_value(row.p_holm), tell_verdict(row, margin)),
        ]
        for row in rows
    ]
    header = ["first", "second", "accuracy", "accuracy of second", "first minus second"]
    header += ["95 % interval", "half-width", "floor", "corrected t", "p", "first is"]
    return Table(f"Accuracy, {rows[0].slices}.", header, cells)


def _half(width: float) -> str:
    return f"{100 * width:.1f}"


def _tabulate_rates(judged: Judged) -> Table:
    rows = [
        [
            *(name(each.family), f"`{each.protocol}`", f"{each.learning_rate:g}"),
            *(percent(each.validation_accuracy), ", ".join(f"{rate:g}" for rate in each.tried)),
        ]
        for each in judged.chosen
    ]
    header = ["network", "fold", "learning rate", "validation accuracy", "tried"]
    return Table("Highest accuracy on validation; the test part is not looked at.", header, rows)


def tabulate_power(row: Row) -> Table:
    """Half-width of the interval for more seeds and more patients, from this study's variances.

    The variances of patients and training sets go down with the number of patients, that of seeds
    with the number of seeds; degrees of freedom are taken as many.
    """
    quantile = float(stdtrit(np.inf, (1 + CONFIDENCE) / 2))
    runs = row.n_folds * row.n_repeats
    rows = [
        [
            f"{n_patients * row.n_families:,}",
            *(
                f"{quantile * np.sqrt(_variance(row, n_patients, n_seeds)):.1f}"
                for n_seeds in _SEEDS
            ),
        ]
        for n_patients in _PATIENTS
    ]
    header = ["patients or files", *(f"{n} seeds, {n * runs} runs a network" for n in _SEEDS)]
    caption = "Half-width, points, of the first row's interval."
    return (
        Table(caption, header, rows)
        if row.n_seeds > 1
        else Table(caption, ["one seed"], [[NOTHING]])
    )


def _variance(row: Row, n_patients: int, n_seeds: int) -> float:
    return (row.patients + row.training_sets) / n_patients + row.seeds * row.n_seeds / n_seeds
