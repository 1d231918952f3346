"""What the paper leaves open, and what is done about it here."""

from hqcm.reporting.deviations import HEADER
from hqcm.reporting.document import Folded, Paragraph, Section, Table
from hqcm.reporting.results import Results

INTRODUCTION = (
    "Each choice has a number, by which the code and `params.yaml` refer to it; change its key for "
    "another reading."
)


def describe_deviations(results: Results) -> Section:
    """Every choice, with its number and its key."""
    table = Table("Choices that the paper leaves to its reader.", HEADER, results.deviations)
    fold = Folded(f"All {len(table.rows)} choices", [table])
    return Section("What the paper leaves open", [Paragraph(INTRODUCTION), fold])
