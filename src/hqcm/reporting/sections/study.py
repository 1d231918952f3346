"""Is it the quantum layer? Every network of the study against the hybrid one.

One paragraph that a person can quote, a line a protocol, one table and one figure; method, other
quantities, other protocols and learning rates are folded away. The words: `study_words`.
"""

from pathlib import Path

from hqcm.comparison.comparisons import Comparison, Comparisons, Setting, Verdict
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import difference_of
from hqcm.reporting.numbers import NOTHING, fraction, in_cells, p_value, percent, points, signed
from hqcm.reporting.sections.study_words import conclude, describe_share, detail_protocol, rows_of

_TITLE = "Is it the quantum layer?"
_FILE = "study.png"
_SETTINGS: dict[Setting, str] = {"published": "published", "best": "own best"}
_VERDICTS: dict[Verdict, str] = {
    "first ahead": "ahead",
    "second ahead": "behind",
    "no difference": "no difference",
    "undecided": "undecided",
    "one run": "one run",
}
_METHOD = [
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


def describe_study(study: Comparisons, figures: Path, cohort: str) -> Section:
    """One paragraph to quote, one table, one figure; what else was compared is folded away."""
    details: list[Block] = [Bullets(_METHOD), _tabulate_others(study)]
    if any(row.question == "protocol" for row in study.comparisons):
        details.append(_tabulate_protocols(study))
    details.append(_tabulate_rates(study))
    blocks: list[Block] = [
        Paragraph(conclude(study, cohort)),
        Bullets([detail_protocol(study, protocol) for protocol in study.protocols]),
        _tabulate_controls(study),
        picture(study, figures),
        Folded("How it was compared, and what else", details),
    ]
    return Section(_TITLE, blocks)


def _name_row(study: Comparisons, row: Comparison) -> list[str]:
    rates = {(rate.protocol, rate.variant): rate.learning_rate for rate in study.tuning}
    how = _SETTINGS[row.setting]
    if row.setting != "published" and row.family not in study.tuned:
        published = "published, " if row.family in study.published else ""
        how = f"{published}the only one tried"
    rate = rates[row.second_protocol, row.second]
    return [row.second_protocol, f"{rate:g} ({how})", f"`{row.family}`"]


def _tabulate_controls(study: Comparisons) -> Table:
    hybrid = study.hybrid
    rows = [
        [
            *(*_name_row(study, row), percent(row.second_value)),
            *in_cells(difference_of(row), points),
            *(p_value(row.p_holm), describe_share(row), _VERDICTS[row.verdict]),
        ]
        for row in rows_of(study, study.quantities[0])
    ]
    header = ["protocol", "learning rate", "network", "accuracy", f"`{hybrid}` minus it"]
    return Table(
        f"Accuracy; `{hybrid}` against every other network of the study. Intervals are "
        "Student's, over seeds and patients; those of Table 1 and of the short answer are "
        "percentiles over patients, of the same trained networks.",
        [*header, "95 % interval", "p (Holm)", "share of the gap", f"`{hybrid}` is"],
        rows,
    )


def _tabulate_others(study: Comparisons) -> Table:
    rows = [
        [
            *(f"`{quantity}`", *_name_row(study, row), fraction(row.second_value, 3)),
            *in_cells(difference_of(row), signed),
            *(p_value(row.p_holm), _VERDICTS[row.verdict]),
        ]
        for quantity in study.quantities[1:]
        for row in rows_of(study, quantity)
    ]
    header = ["quantity", "protocol", "learning rate", "network", "its value", "difference"]
    return Table(
        "Other quantities, compared in the same way.",
        [*header, "95 % interval", "p (Holm)", f"`{study.hybrid}` is"],
        rows,
    )


def _tabulate_protocols(study: Comparisons) -> Table:
    rows = [
        [
            f"`{row.quantity}`",
            f"{row.first_protocol} minus {row.second_protocol}, {_SETTINGS[row.setting]}",
            *(f"`{row.family}`", fraction(row.first_value, 3), fraction(row.second_value, 3)),
            *(*in_cells(difference_of(row), signed), p_value(row.p_holm)),
        ]
        for row in study.comparisons
        if row.question == "protocol"
    ]
    return Table(
        "What a split is worth: each network under the first protocol minus itself under another "
        "one. The test slices differ, so nothing is paired.",
        ["quantity", "protocols", "network", "first", "second", "difference", "95 % interval", "p"],
        rows,
    )


def _tabulate_rates(study: Comparisons) -> Table:
    rows = []
    for rate in study.tuning:
        chosen = {"published": rate.is_published, "best": rate.is_best}
        rows.append(
            [
                *(rate.protocol, f"`{rate.family}`", f"{rate.learning_rate:g}"),
                *(percent(rate.validation_accuracy), fraction(rate.validation_loss, 3)),
                " and ".join(name for name, is_so in chosen.items() if is_so) or NOTHING,
            ]
        )
    header = ["protocol", "network", "learning rate", "validation accuracy", "validation loss"]
    return Table(
        "Learning rates; validation scores are means over seeds at the epoch that is kept.",
        [*header, "chosen as"],
        rows,
    )


def picture(study: Comparisons, figures: Path) -> Picture:
    """The forest plot, and what it does with intervals wider than its scale, if there are any."""
    rows = [row for row in study.comparisons if row.quantity == study.quantities[0]]
    ends = [bound for row in rows for bound in (row.low, row.high) if bound is not None]
    cut = " Intervals are cut at 100 points: too few seeds to exclude any difference there."
    networks = ", ".join(study.families)
    return Picture(
        figures / _FILE,
        "Differences in accuracy with 95 % intervals over seeds and patients; the grey band is the "
        f"margin, {percent(study.margin, 0)} either way, below which a difference is of no "
        "consequence. Orange: networks with a quantum layer; grey: without."
        + ("" if all(abs(bound) <= 1 for bound in ends) else cut),
        f"Forest plot, a row a network ({networks}), a panel a protocol; the table above holds "
        "its numbers.",
    )
