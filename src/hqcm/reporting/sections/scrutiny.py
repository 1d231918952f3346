"""What may make the scores too good: test slices that training knows, and shortcuts.

Does the test part leak, by picture or by patient, and does a network do better on the slices that
are known? Can the class be guessed without the brain, from clues alone?
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hqcm.comparison.comparisons import Familiarity
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import count, difference_of, in_cells, percent, points, tell
from hqcm.reporting.results import Results
from hqcm.scrutiny.leakage import LeakCounts, ProtocolLeaks
from hqcm.scrutiny.shortcuts import EVERYTHING, VISIBLE

_LEAKS = (
    "A near-duplicate is the same picture, as it is, mirrored, flipped or turned. Patients are "
    "known in sources 1 and 2; slices of source 3 by their picture only, so counts are lower "
    "bounds."
)
_CAVEAT = (
    "Accuracy on slices that training knows against the others, which are different slices and may "
    "be easier or harder by themselves. Intervals: 95 %, over patients and, where there are "
    "several, seeds."
)
_CLUES = (
    "A random forest is told what stands in the row and never sees the slice; it learns on the "
    "training part and guesses the test part. What it scores, a network may score without looking "
    "at the tumour. Intervals: 95 %, bootstrap over patients."
)


def describe_leakage(
    leaks: Mapping[str, ProtocolLeaks], familiarity: Sequence[Block], figures: Path
) -> Section:
    """A sentence a protocol, the first one's counts by source and class, and pairs to look at.

    `familiarity` says how the networks do on the slices that are known.
    """
    protocol = next(iter(leaks))
    table, *others = [_tabulate_leaks(name, leaks[name]) for name in leaks]
    return Section(
        "Does the test part leak?",
        [
            *tell_leaks(leaks),
            _picture_twins(protocol, leaks[protocol], figures),
            Folded("By source and class", [Paragraph(_LEAKS), table, *others]),
            *(
                [Folded("Accuracy on the slices that are known", [*familiarity])]
                * bool(familiarity)
            ),
        ],
    )


def tell_leaks(leaks: Mapping[str, ProtocolLeaks]) -> list[Block]:
    """A sentence a protocol."""
    return [Bullets([_tell_leaks(name, leaks[name]) for name in leaks])]


def _tell_leaks(protocol: str, leaks: ProtocolLeaks) -> str:
    known = leaks.all
    if not known.n_either:
        return (
            f"Protocol `{protocol}`: no. None of {count(known.n_test)} test slices has a "
            "near-duplicate or another slice of its patient in training."
        )
    either, twin, patient = (
        f"{count(n)} ({percent(n / known.n_test)})"
        for n in (known.n_either, known.n_twin, known.n_patient)
    )
    n_turned = known.n_twin - leaks.orientations.get("same", 0)
    return (
        f"Protocol `{protocol}`: yes. Training knows {either} of {count(known.n_test)} test "
        f"slices: {twin} have a near-duplicate there ({count(n_turned)} of them mirrored, flipped "
        f"or turned), {patient} another slice of their patient."
    )


def _tabulate_leaks(protocol: str, leaks: ProtocolLeaks) -> Table:
    rows = [
        [f"`{source}`", name, *_show_counts(counts)]
        for source, classes in leaks.by_source.items()
        for name, counts in classes.items()
    ]
    return Table(
        f"Test slices that training knows, protocol `{protocol}`; {count(leaks.n_train)} slices "
        "in training.",
        ["source", "class", "test slices", "near-duplicate", "same patient", "either", "share"],
        [*rows, ["all", "all", *_show_counts(leaks.all)]],
        n_totals=1,
    )


def _show_counts(counts: LeakCounts) -> list[str]:
    numbers = [counts.n_test, counts.n_twin, counts.n_patient, counts.n_either]
    return [*map(count, numbers), percent(counts.n_either / counts.n_test)]


def _picture_twins(protocol: str, leaks: ProtocolLeaks, figures: Path) -> Picture | Paragraph:
    """The pairs; in words where there is none, for then no figure is drawn."""
    if not leaks.all.n_twin:
        return Paragraph(
            f"No test slice has a near-duplicate in training, protocol `{protocol}`, so there are "
            "no pairs to show."
        )
    seen = ", ".join(f"{count(n)} {name}" for name, n in leaks.orientations.items())
    return Picture(
        figures / "twins.png",
        f"Test slices, each beside its closest near-duplicate in training, split `{protocol}`; r: "
        "correlation of their pixels. Chosen by rule: equal steps through all pairs.",
        f"Pairs of brain slices that show the same picture; all pairs by orientation: {seen}.",
    )


def describe_familiarity(familiarity: Sequence[Familiarity], pair: tuple[str, str]) -> list[Block]:
    """The compared pair; nothing where no slice is known."""
    if not familiarity:
        return []
    rows = [
        [
            *(row.protocol, f"`{row.variant}`"),
            *(count(row.known_n_slices), count(row.known_n_groups), percent(row.known_value)),
            *(count(row.other_n_slices), count(row.other_n_groups), percent(row.other_value)),
            *in_cells(difference_of(row), points),
        ]
        for row in familiarity
        if row.variant in pair
    ]
    kinds = ["known", "patients", "accuracy", "others", "patients", "accuracy"]
    return [
        Paragraph(_CAVEAT),
        Table(
            "Accuracy on test slices that training knows, by picture or patient, and on the "
            "others; difference: known minus others.",
            ["protocol", "network", *kinds, "difference", "95 % interval"],
            rows,
        ),
    ]


def describe_shortcuts(results: Results) -> Section:
    """In a sentence, then a table a protocol."""
    told = _tell_shortcuts(results, next(iter(results.shortcuts)))
    table, *others = [_tabulate_shortcuts(results, protocol) for protocol in results.shortcuts]
    return Section(
        "Can the class be guessed without the brain?",
        [Paragraph(told), Folded("Every clue", [Paragraph(_CLUES), table, *others])],
    )


def _tell_shortcuts(results: Results, protocol: str) -> str:
    clues, networks = results.shortcuts[protocol], results.estimates_of(protocol).networks
    seen, every = (tell(clues[name].accuracy, percent) for name in (VISIBLE, EVERYTHING))
    reached = ", ".join(
        f"`{name}` {percent(networks[name]['metrics/accuracy'].value)}"
        for name in results.study.pair
        if "metrics/accuracy" in networks.get(name, {})
    )
    return (
        f"Protocol `{protocol}`, accuracy: {VISIBLE} alone {seen}, with source and native size "
        f"{every}" + (f"; the networks: {reached}." if reached else ".")
    )


def _tabulate_shortcuts(results: Results, protocol: str) -> Table:
    rows = [
        [clue, *in_cells(found.accuracy)] for clue, found in results.shortcuts[protocol].items()
    ]
    for name in results.study.variants:
        found = results.estimates_of(protocol).networks.get(name, {})
        rows.append([f"network `{name}`", *in_cells(found.get("metrics/accuracy"))])
    return Table(
        f"The class from what is beside the brain, and from the slice; protocol `{protocol}`.",
        ["what is known", "accuracy", "95 % interval"],
        rows,
    )
