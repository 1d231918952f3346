"""Data flow: what came in, what was rejected, what was used."""

from collections.abc import Sequence

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.parts import PARTS
from hqcm.contracts.slices import SOURCES
from hqcm.paper.claims import Claims
from hqcm.reporting.counts import count_classes
from hqcm.reporting.document import Block, Paragraph, Section, Table
from hqcm.reporting.formats import NOTHING, count, fraction
from hqcm.reporting.printed import printed
from hqcm.reporting.results import Results

DESCRIPTIONS = {
    "trainingdatapro": "Source 1, DICOM",
    "figshare": "Source 2, MATLAB",
    "akter": "Source 3, images",
}


def describe_data(results: Results, claims: Claims) -> Section:
    """Sources and classes, parts, and rejected files with their reasons."""
    blocks: list[Block] = [tabulate_sources(results, claims), tabulate_parts(results, claims)]
    rejected = tabulate_rejections(results)
    blocks.append(rejected if rejected.rows else Paragraph("No file was rejected."))
    return Section("Data flow", blocks)


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
    return Table("Slices used, by source and class.", header, [*rows, total])


def tabulate_parts(results: Results, claims: Claims) -> Table:
    """Slices of each part of the split, by class."""
    part = results.index["slice_id"].map(results.part)
    counts = count_classes(results.index["label"], part, PARTS)
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


def tabulate_rejections(results: Results) -> Table:
    """Reasons and how many files each."""
    rows = [
        [f"`{name}`", str(reason), count(int(n))]
        for name, files in results.rejections.items()
        for reason, n in files["reason"].value_counts().sort_index().items()
    ]
    return Table("Files rejected, with the reason.", ["source", "reason", "files"], rows)


def _counts(row: Sequence[int]) -> list[str]:
    return [count(n) for n in (*row, sum(row))]


def _printed_count(claims: Claims, quantity: str) -> str:
    claim = claims.find("none", quantity)
    return NOTHING if claim is None else count(int(claim.value))
