"""Data flow: what came in, what was rejected, what was used where."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, count, count_classes, fraction, printed
from hqcm.reporting.results import Results
from hqcm.slices.split_file import PARTS
from hqcm.slices.store import SOURCES

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTIONS = {
    "trainingdatapro": "Source 1, DICOM",
    "figshare": "Source 2, MATLAB",
    "akter": "Source 3, images",
}


def describe_data(results: Results, claims: Claims) -> Section:
    """In a sentence, then by source and class, by part, and what was rejected and why."""
    rejected = tabulate_rejections(results)
    blocks: list[Block] = [
        Paragraph(tell_flow(results)),
        tabulate_sources(results, claims),
        tabulate_parts(results, claims),
        Folded("Each class of each source, part by part", [tabulate_flow(results)]),
    ]
    if rejected.rows:
        blocks += [rejected, Folded("Each rejected file", [list_rejections(results)])]
    return Section("Data flow", blocks)


def tell_flow(results: Results) -> str:
    """From files to parts."""
    parts = part_of_each(results).value_counts()
    n_left_out = len(results.index) - int(parts.sum())
    used = ", ".join(f"{count(int(parts.get(part, 0)))} {part}" for part in PARTS)
    return (
        f"Files rejected: {count(sum(map(len, results.rejections.values())))}, each with its "
        f"reason below. Slices read from the others: {count(len(results.index))}, all of them "
        f"prepared. Parts of the split, protocol `{results.study.protocols[0]}`: {used}; left out "
        f"by the protocol: {count(n_left_out)}."
    )


def part_of_each(results: Results) -> "pd.Series[str]":
    """The part of each slice, in the order of the index; undefined where it is in none."""
    return results.index["slice_id"].map(results.part)


def tabulate_sources(results: Results, claims: Claims) -> Table:
    """Prepared slices by source and class."""
    counts = count_classes(results.index["label"], results.index["source"], SOURCES)
    rows = [
        [
            f"{DESCRIPTIONS[name]} (`{name}`)",
            *_counts(counts[name]),
            _printed_count(claims, f"slices/{name}"),
            count(len(results.rejections[name])),
        ]
        for name in SOURCES
    ]
    n_rejected = sum(map(len, results.rejections.values()))
    sums = [sum(column) for column in zip(*counts.values(), strict=True)]
    total = ["all", *_counts(sums), _printed_count(claims, "slices/all"), count(n_rejected)]
    header = ["source", *CLASS_NAMES, "all, here", "all, paper", "files rejected"]
    return Table("Slices used, by source and class.", header, [*rows, total], n_totals=1)


def tabulate_parts(results: Results, claims: Claims) -> Table:
    """Slices of each part of the split, by class."""
    counts = count_classes(results.index["label"], part_of_each(results), PARTS)
    rows = [
        [
            name,
            *_counts(counts[name]),
            fraction(sum(counts[name]) / sum(map(sum, counts.values())), 3),
            printed(claims.find("none", f"split/{name}")),
        ]
        for name in PARTS
    ]
    protocol = results.study.protocols[0]
    header = ["part", *CLASS_NAMES, "all, here", "fraction, here", "fraction, paper"]
    return Table(f"Parts of the split, protocol `{protocol}`.", header, rows)


def tabulate_flow(results: Results) -> Table:
    """Slices of each source, class and part."""
    part, rows = part_of_each(results), []
    for source in SOURCES:
        for label, name in enumerate(CLASS_NAMES):
            member = (results.index["source"] == source) & (results.index["label"] == label)
            n_parts = [int((part[member] == each).sum()) for each in PARTS]
            n_all = int(member.sum())
            cells = [count(n) for n in (n_all, *n_parts, n_all - sum(n_parts))]
            rows.append([f"`{source}`", name, *cells])
    header = ["source", "class", "prepared", *PARTS, "left out"]
    return Table("Slices of each class of each source.", header, rows)


def tabulate_rejections(results: Results) -> Table:
    """Reasons and how many files each."""
    rows = [
        [f"`{name}`", str(reason), count(int(n))]
        for name, files in results.rejections.items()
        for reason, n in files["reason"].value_counts().sort_index().items()
    ]
    return Table("Files rejected, with the reason.", ["source", "reason", "files"], rows)


def list_rejections(results: Results) -> Table:
    """Every file by its path within the source's folder."""
    rows = [
        [f"`{name}`", f"`{row.file}`", str(row.reason)]
        for name, files in results.rejections.items()
        for row in files.itertuples()
    ]
    return Table("Files that gave no slice.", ["source", "file", "reason"], rows)


def _counts(row: Sequence[int]) -> list[str]:
    return [count(n) for n in (*row, sum(row))]


def _printed_count(claims: Claims, quantity: str) -> str:
    claim = claims.find("none", quantity)
    return NOTHING if claim is None else count(int(claim.value))
