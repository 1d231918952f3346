"""Does a network do better on test slices that training knows? Words and a table."""

from collections.abc import Sequence

from hqcm.comparison.familiarity import Familiarity
from hqcm.reporting.document import Block, Bullets, Paragraph, Table
from hqcm.reporting.formats import count, percent, points, points_between

CAVEAT = (
    "Do the networks do better on the slices that training knows? The difference is not what "
    "knowing does: the two kinds are different slices, in other shares from sources and classes "
    "that may be easier or harder by themselves. Intervals are 95 %, over patients and, where "
    "there are several, seeds, as in the comparison of the networks."
)


def describe_familiarity(found: Sequence[Familiarity], pair: tuple[str, str]) -> list[Block]:
    """The compared pair in sentences, then every network; nothing where no slice is known."""
    if not found:
        return []
    told = [tell_familiarity(row) for row in found if row.variant in pair]
    return [Paragraph(CAVEAT), Bullets(told), tabulate_familiarity(found)]


def tell_familiarity(row: Familiarity) -> str:
    """Both accuracies, and whether other patients would show the difference too."""
    return (
        f"Protocol `{row.protocol}`, `{row.variant}`: {percent(row.known_value)} accuracy on "
        f"{count(row.known_n_slices)} known slices, {percent(row.other_value)} on "
        f"{count(row.other_n_slices)} others, {points(row.difference)}"
        f"{_tell_bounds(row)}: {_conclude(row)}."
    )


def tabulate_familiarity(found: Sequence[Familiarity]) -> Table:
    """A row a network and protocol."""
    kinds = ["known", "patients", "accuracy", "others", "patients", "accuracy"]
    return Table(
        "Accuracy on test slices that training knows, by picture or patient, and on the others; "
        "difference: known minus others.",
        ["protocol", "network", *kinds, "difference", "95 % interval"],
        [
            [
                row.protocol,
                f"`{row.variant}`",
                count(row.known_n_slices),
                count(row.known_n_groups),
                percent(row.known_value),
                count(row.other_n_slices),
                count(row.other_n_groups),
                percent(row.other_value),
                points(row.difference),
                points_between(row.low, row.high),
            ]
            for row in found
        ],
    )


def _tell_bounds(row: Familiarity) -> str:
    if row.low is None or row.high is None:
        return ""
    return f" (95 % interval {points_between(row.low, row.high)})"


def _conclude(row: Familiarity) -> str:
    if row.low is None or row.high is None:
        return "too few patients to tell"
    if row.low > 0:
        return "better on the known ones"
    return "worse on the known ones" if row.high < 0 else "no difference is shown"
