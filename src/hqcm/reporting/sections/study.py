"""Rows of the study's tables: which comparisons, at which learning rate, with which verdict.

What is folded away below the study's answer: method, other quantities, learning rates.

Is it the quantum layer? Every network against the hybrid one, as tables.
"""

from collections.abc import Sequence
from pathlib import Path

from hqcm.comparison.comparisons import Comparison, Comparisons, Setting
from hqcm.comparison.effects import Verdict
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import (
    NOTHING,
    fraction,
    p_value,
    percent,
    points,
    points_between,
    signed,
    signed_between,
)
from hqcm.reporting.sections.study_words import conclude, describe_share, detail_protocol

SETTINGS: dict[Setting, str] = {"published": "published", "best": "own best"}
VERDICTS: dict[Verdict, str] = {
    "first ahead": "ahead",
    "second ahead": "behind",
    "no difference": "no difference",
    "undecided": "undecided",
    "one run": "one run",
}


def rows_of(found: Comparisons, quantity: str) -> list[Comparison]:
    """Comparisons of networks, protocol by protocol."""
    return [
        row
        for protocol in found.protocols
        for setting in found.settings
        for row in found.select("network", setting, quantity, protocol)
    ]


def describe_rate(found: Comparisons, row: Comparison) -> str:
    """Which learning rate a row is about."""
    rates = {(rate.protocol, rate.variant): rate.learning_rate for rate in found.tuning}
    how = SETTINGS[row.setting]
    if row.setting != "published" and row.family not in found.tuned:
        published = "published, " if row.family in found.published else ""
        how = f"{published}the only one tried"
    return f"{rates[row.second_protocol, row.second]:g} ({how})"


METHOD = [
    "A difference is paired by seed and by test slice; its value is the mean over seeds.",
    (
        "The interval, 95 %, knows two levels of chance: another seed, and other patients (slices "
        "of one patient are drawn together, a cluster bootstrap). It is Student's, at "
        "Satterthwaite's degrees of freedom, so that three seeds count as three. It does not know "
        "another split of the same slices, nor another hospital. With two seeds it is too short "
        "at times; with one it speaks of patients only."
    ),
    "p belongs to the same t, adjusted after Holm over one protocol and choice of learning rates.",
    (
        "The share of the gap is what a network recovers of the difference between hybrid and "
        "counterpart, with Fieller's interval; a dash where that difference is not above zero."
    ),
    (
        "A network's own best learning rate has the highest validation accuracy at the epoch "
        "whose weights are kept, mean over seeds, under the same protocol; test slices play no "
        "part."
    ),
    (
        "Ahead or behind: adjusted p below 0.05. No difference: not so, and the whole interval "
        "lies within the margin. Else undecided."
    ),
]


def detail(found: Comparisons) -> list[Block]:
    """Method, other quantities, protocols, learning rates."""
    blocks: list[Block] = [Bullets(METHOD), tabulate_others(found)]
    rows = [row for row in found.comparisons if row.question == "protocol"]
    if rows:
        blocks.append(tabulate_protocols(rows))
    return [*blocks, tabulate_rates(found)]


def tabulate_others(found: Comparisons) -> Table:
    """The same comparisons of macro F1 and Jaccard index."""
    header = ["quantity", "protocol", "learning rate", "network", "its value"]
    return Table(
        "Other quantities, compared in the same way.",
        [*header, "difference", "95 % interval", "p (Holm)", f"`{found.hybrid}` is"],
        [
            [
                f"`{quantity}`",
                row.second_protocol,
                describe_rate(found, row),
                f"`{row.family}`",
                fraction(row.second_value, 3),
                signed(row.difference),
                signed_between(row.low, row.high),
                p_value(row.p_holm),
                VERDICTS[row.verdict],
            ]
            for quantity in found.quantities[1:]
            for row in rows_of(found, quantity)
        ],
    )


def tabulate_protocols(rows: Sequence[Comparison]) -> Table:
    """What a network loses under another protocol, on other test slices."""
    return Table(
        "What a split is worth: each network under the first protocol minus itself under another "
        "one. The test slices differ, so nothing is paired.",
        ["quantity", "protocols", "network", "first", "second", "difference", "95 % interval", "p"],
        [
            [
                f"`{row.quantity}`",
                f"{row.first_protocol} minus {row.second_protocol}, {SETTINGS[row.setting]}",
                f"`{row.family}`",
                fraction(row.first_value, 3),
                fraction(row.second_value, 3),
                signed(row.difference),
                signed_between(row.low, row.high),
                p_value(row.p_holm),
            ]
            for row in rows
        ],
    )


def tabulate_rates(found: Comparisons) -> Table:
    """Validation scores of every network at every learning rate."""
    header = ["protocol", "network", "learning rate", "validation accuracy", "validation loss"]
    return Table(
        "Learning rates; validation scores are means over seeds at the epoch that is kept.",
        [*header, "chosen as"],
        [
            [
                rate.protocol,
                f"`{rate.family}`",
                f"{rate.learning_rate:g}",
                percent(rate.validation_accuracy),
                fraction(rate.validation_loss, 3),
                " and ".join(
                    name
                    for name, is_so in (("published", rate.is_published), ("best", rate.is_best))
                    if is_so
                )
                or NOTHING,
            ]
            for rate in found.tuning
        ],
    )


TITLE = "Is it the quantum layer?"
FILE = "study.png"


def describe_study(found: Comparisons, figures: Path, cohort: str) -> Section:
    """One paragraph to quote, one table, one figure; what else was compared is folded away."""
    blocks: list[Block] = [
        Paragraph(conclude(found, cohort)),
        Bullets([detail_protocol(found, protocol) for protocol in found.protocols]),
        tabulate_controls(found),
        picture(found, figures),
        Folded("How it was compared, and what else", detail(found)),
    ]
    return Section(TITLE, blocks)


def tabulate_controls(found: Comparisons) -> Table:
    """Accuracy of every network against that of the hybrid one."""
    header = ["protocol", "learning rate", "network", "accuracy", f"`{found.hybrid}` minus it"]
    return Table(
        f"Accuracy; `{found.hybrid}` against every other network of the study. Intervals are "
        "Student's, over seeds and patients; those of Table 1 and of the short answer are "
        "percentiles over patients, of the same trained networks.",
        [*header, "95 % interval", "p (Holm)", "share of the gap", f"`{found.hybrid}` is"],
        [
            [
                row.second_protocol,
                describe_rate(found, row),
                f"`{row.family}`",
                percent(row.second_value),
                points(row.difference),
                points_between(row.low, row.high),
                p_value(row.p_holm),
                describe_share(row),
                VERDICTS[row.verdict],
            ]
            for row in rows_of(found, found.quantities[0])
        ],
    )


def picture(found: Comparisons, figures: Path) -> Picture:
    """The forest plot."""
    networks = ", ".join(found.families)
    return Picture(
        figures / FILE,
        "Differences in accuracy with 95 % intervals over seeds and patients; the grey band is the "
        f"margin, {percent(found.margin, 0)} either way, below which a difference is of no "
        f"consequence. Orange: networks with a quantum layer; grey: without.{mention_cut(found)}",
        f"Forest plot, a row a network ({networks}), a panel a protocol; the table above holds "
        "its numbers.",
    )


def mention_cut(found: Comparisons) -> str:
    """What the figure does with intervals wider than the scale, if there are any."""
    rows = (row for row in found.comparisons if row.quantity == found.quantities[0])
    bounds = [bound for row in rows for bound in (row.low, row.high) if bound is not None]
    if all(abs(bound) <= 1 for bound in bounds):
        return ""
    return " Intervals are cut at 100 points: too few seeds to exclude any difference there."
