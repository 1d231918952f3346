"""Does the test part leak? Test slices whose picture or patient training knows.

Does a network do better on test slices that training knows? Words and a table.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hqcm.comparison.comparisons import Familiarity
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import count, percent, points, points_between
from hqcm.scrutiny.leakage import LeakCounts, ProtocolLeaks

TITLE = "Does the test part leak?"
FILE = "twins.png"
METHOD = (
    "A score on slices that leak says how well a network remembers, not how well it would do on a "
    "new patient. A near-duplicate is the same picture, as it is, mirrored, flipped or turned, "
    "which the stage `fingerprint` has found by pixels. Patients are known in sources 1 and 2; "
    "slices of source 3 are known by their picture only, so their counts are lower bounds under "
    "every protocol."
)


def describe_leakage(
    leaks: Mapping[str, ProtocolLeaks], familiarity: Sequence[Block], figures: Path
) -> Section:
    """A sentence a protocol, the first one's counts by source and class, and pairs to look at.

    Args:
        leaks: protocol -> its counts.
        familiarity: how the networks do on the slices that are known.
        figures: the folder of pictures.
    """
    first, *others = leaks
    blocks: list[Block] = [
        Bullets([tell_leaks(name, found) for name, found in leaks.items()]),
        Paragraph(METHOD),
        tabulate_leaks(first, leaks[first]),
        *familiarity,
        _picture(first, leaks[first], figures),
    ]
    if others:
        tables: list[Block] = [tabulate_leaks(name, leaks[name]) for name in others]
        blocks.append(Folded("The other protocols by source and class", tables))
    return Section(TITLE, blocks)


def tell_leaks(protocol: str, found: ProtocolLeaks) -> str:
    """How many test slices are known from training, and how."""
    known = found.all
    if not known.n_either:
        return (
            f"Protocol `{protocol}`: no. None of {count(known.n_test)} test slices has a "
            "near-duplicate or another slice of its patient in training."
        )
    return (
        f"Protocol `{protocol}`: yes. Training knows {_share(known.n_either, known)} of "
        f"{count(known.n_test)} test slices: {_share(known.n_twin, known)} have a near-duplicate "
        f"there ({count(known.n_twin - found.orientations.get('same', 0))} of them mirrored, "
        f"flipped or turned), {_share(known.n_patient, known)} another slice of their patient."
    )


def tabulate_leaks(protocol: str, found: ProtocolLeaks) -> Table:
    """Test slices of each class of each source."""
    rows = [
        [f"`{source}`", name, *_cells(counts)]
        for source, classes in found.by_source.items()
        for name, counts in classes.items()
    ]
    return Table(
        f"Test slices that training knows, protocol `{protocol}`; {count(found.n_train)} slices "
        "in training.",
        ["source", "class", "test slices", "near-duplicate", "same patient", "either", "share"],
        [*rows, ["all", "all", *_cells(found.all)]],
        n_totals=1,
    )


def _cells(counts: LeakCounts) -> list[str]:
    numbers = [counts.n_test, counts.n_twin, counts.n_patient, counts.n_either]
    return [*map(count, numbers), percent(counts.n_either / counts.n_test)]


def _share(n: int, known: LeakCounts) -> str:
    return f"{count(n)} ({percent(n / known.n_test)})"


def _picture(protocol: str, found: ProtocolLeaks, figures: Path) -> Picture | Paragraph:
    """The pairs; in words where there is none, for the stage `figures` then draws none."""
    if not found.all.n_twin:
        return Paragraph(
            f"No test slice has a near-duplicate in training, protocol `{protocol}`, so there are "
            "no pairs to show."
        )
    seen = ", ".join(f"{count(n)} {name}" for name, n in found.orientations.items())
    return Picture(
        figures / FILE,
        f"Test slices, each beside its closest near-duplicate in training, protocol `{protocol}`. "
        "Above a pair: what lays the test slice on its twin, and the correlation of their pixels "
        "in the band of detail that is compared. Chosen by rule, not by eye: at equal steps "
        "through all pairs, sorted by orientation and id.",
        f"Pairs of brain slices that show the same picture; all pairs by orientation: {seen}.",
    )


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
