"""What is folded away below the study's answer: method, other quantities, learning rates."""

from collections.abc import Sequence

from hqcm.comparison.comparisons import Comparison, Comparisons
from hqcm.reporting.document import Block, Bullets, Table
from hqcm.reporting.formats import NOTHING, fraction, p_value, percent, signed, signed_between
from hqcm.reporting.study_rows import SETTINGS, VERDICTS, describe_rate, rows_of

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
