"""Is it the quantum layer? Every network against the hybrid one, as tables."""

from pathlib import Path

from hqcm.comparison.comparisons import Comparisons
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.formats import p_value, percent, points, points_between
from hqcm.reporting.study_detail import detail
from hqcm.reporting.study_differences import describe_share
from hqcm.reporting.study_rows import VERDICTS, describe_rate, rows_of
from hqcm.reporting.study_words import conclude, detail_protocol

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
