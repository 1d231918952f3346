"""Data flow: what came in, what was rejected, what was used where."""

from collections.abc import Sequence

import pandas as pd

from hqcm.cohort.converted import requirement
from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, count, fraction, printed
from hqcm.reporting.results import Results
from hqcm.slices.split_file import PARTS

_DESCRIPTIONS = {
    "trainingdatapro": "Source 1, DICOM",
    "figshare": "Source 2, MATLAB",
    "akter": "Source 3, images",
}


def describe_data(results: Results, claims: Claims) -> Section:
    """In a sentence, then by source and class, by part, and what was rejected and why."""
    blocks: list[Block] = [
        Paragraph(_tell_flow(results)),
        _tabulate_sources(results, claims),
        _tabulate_parts(results, claims),
        Folded("Each class of each source, part by part", [_tabulate_flow(results)]),
    ]
    return Section("Data flow", [*blocks, *_show_rejections(results)])


def _tell_flow(results: Results) -> str:
    parts = _part_of_each(results).value_counts()
    n_left_out = len(results.index) - int(parts.sum())
    used = ", ".join(f"{count(int(parts.get(part, 0)))} {part}" for part in PARTS)
    return (
        f"Files rejected: {count(sum(map(len, results.rejections.values())))}, counted by reason "
        f"below. Slices read from the others: {count(len(results.index))}, all of them "
        f"prepared. Parts of the split, protocol `{results.study.protocols[0]}`: {used}; left out "
        f"by the protocol: {count(n_left_out)}."
    )


def _part_of_each(results: Results) -> "pd.Series[str]":
    """In the order of the index; undefined where a slice is in none."""
    return results.index["slice_id"].map(results.part)


def _count_classes(
    labels: "pd.Series[int]", by: "pd.Series[str]", rows: Sequence[str]
) -> dict[str, list[int]]:
    """Slices of each class, in the order of the labels, for each of the `rows` of `by`."""
    counts = pd.crosstab(by, labels).reindex(index=[*rows], columns=range(N_CLASSES), fill_value=0)
    return {str(name): row.tolist() for name, row in counts.iterrows()}


def _tabulate_sources(results: Results, claims: Claims) -> Table:
    n_rejected = {name: len(files) for name, files in results.rejections.items()}
    counts = _count_classes(results.index["label"], results.index["source"], [*n_rejected])
    sums = [sum(column) for column in zip(*counts.values(), strict=True)]
    lines = [
        (f"{_DESCRIPTIONS[n]} (`{n}`)" if n in _DESCRIPTIONS else f"`{n}`", counts[n], n, n_files)
        for n, n_files in n_rejected.items()
    ]
    rows = []
    for says, row, quantity, n_files in [*lines, ("all", sums, "all", sum(n_rejected.values()))]:
        claim = claims.find("none", f"slices/{quantity}")
        paper = count(int(claim.value)) if claim else NOTHING
        rows.append([says, *_with_sum(row), paper, count(n_files)])
    header = ["source", *CLASS_NAMES, "all, here", "all, paper", "files rejected"]
    return Table("Slices used, by source and class.", header, rows, n_totals=1)


def _tabulate_parts(results: Results, claims: Claims) -> Table:
    counts = _count_classes(results.index["label"], _part_of_each(results), PARTS)
    n_all = sum(map(sum, counts.values()))
    rows = [
        [
            *(part, *_with_sum(counts[part]), fraction(sum(counts[part]) / n_all, 3)),
            printed(claims.find("none", f"split/{part}")),
        ]
        for part in PARTS
    ]
    caption = f"Parts of the split, protocol `{results.study.protocols[0]}`."
    header = ["part", *CLASS_NAMES, "all, here", "fraction, here", "fraction, paper"]
    return Table(caption, header, rows)


def _tabulate_flow(results: Results) -> Table:
    part, rows = _part_of_each(results), []
    for source in results.rejections:
        for label, name in enumerate(CLASS_NAMES):
            member = (results.index["source"] == source) & (results.index["label"] == label)
            n_parts = [int((part[member] == each).sum()) for each in PARTS]
            n_all = int(member.sum())
            cells = map(count, (n_all, *n_parts, n_all - sum(n_parts)))
            rows.append([f"`{source}`", name, *cells])
    header = ["source", "class", "prepared", *PARTS, "left out"]
    return Table("Slices of each class of each source.", header, rows)


def _show_rejections(results: Results) -> list[Block]:
    reasons = []
    for name, rejected in results.rejections.items():
        n_files = rejected["reason"].map(requirement).value_counts().sort_index()
        reasons += [[f"`{name}`", str(reason), count(n)] for reason, n in n_files.items()]
    if not reasons:
        return []
    caption = (
        "Files rejected, by reason. Names of files are identities: "
        "`data/interim/<source>/slices.rejected.csv` has each file and its whole reason."
    )
    return [Table(caption, ["source", "reason", "files"], reasons)]


def _with_sum(row: Sequence[int]) -> list[str]:
    return [count(n) for n in (*row, sum(row))]
