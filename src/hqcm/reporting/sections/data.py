"""Data flow: what came in, what was rejected, what was used where; licences, how to cite."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from hqcm.cohort.converted import requirement
from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES, Cohort
from hqcm.paper.claims import Claims
from hqcm.paper.sources import count_by_class, tabulate_missing
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import NOTHING, count, fraction, printed
from hqcm.reporting.results import Results
from hqcm.slices.split_file import PARTS

_DESCRIPTIONS = {
    "trainingdatapro": "Source 1, DICOM",
    "figshare": "Source 2, MATLAB",
    "akter": "Source 3, images",
}

_SOURCE_1 = (
    "Source 1, TrainingDataPro dicom-brain-dataset: CC BY-NC-ND 4.0; neither the files nor "
    "conversions of them may be passed on."
)
_SOURCE_2 = (
    "Source 2, Jun Cheng, brain tumor dataset, figshare, doi:10.6084/m9.figshare.1512427: "
    "CC BY 4.0."
)
_SOURCE_3 = (
    "Source 3, Akter et al., Expert Systems with Applications 238 (2024) 122347: no licence found."
)
_PHANTOM = (
    "Phantom cohort: simulated on the ICBM 2009a template (Fonov et al., NeuroImage 47, 2009, "
    "S102), as shipped with nilearn."
)


def describe_data(results: Results, claims: Claims, figures: Path, cohort: Cohort) -> Section:
    """In a sentence; by source, class and part, and what was rejected and why, in folds.

    Of real slices also how many are missing of those that the paper used.
    """
    tables = [_tabulate_sources(results, claims), _tabulate_parts(results, claims)]
    if cohort == "clinical":
        header, rows = tabulate_missing(count_by_class(results.index), results.sources)
        caption = "Slices found, of those that the paper used (`make clinical` prints this too)."
        tables.insert(1, Table(caption, header, rows, n_totals=2))
    samples = Picture(
        figures / "fig06-samples.png",
        "Fig. 6: prepared slices of each class at equal steps through the sorted slice ids, with "
        "the source below; the tumour mask is outlined in yellow.",
        "Four rows of brain slices, one row a class: healthy, meningioma, glioma, pituitary.",
    )
    blocks: list[Block] = [
        Paragraph(_tell_flow(results)),
        _picture_distribution(results, figures),
        Folded("By source and class, by part", [*tables]),
        Folded("Fig. 6: some slices", [samples]),
    ]
    return Section("Data", [*blocks, *_show_rejections(results)])


def _picture_distribution(results: Results, folder: Path) -> Picture:
    n = results.index["label"].value_counts()
    classes = ", ".join(f"{count(n.get(i, 0))} {name}" for i, name in enumerate(CLASS_NAMES))
    return Picture(
        folder / "fig05-distribution.png",
        "Fig. 5: slices of each class, stacked by source.",
        f"Stacked bars of the classes: {classes} slices.",
    )


def _tell_flow(results: Results) -> str:
    parts = _part_of_each(results).value_counts()
    n_left_out = len(results.index) - int(parts.sum())
    used = ", ".join(f"{count(int(parts.get(part, 0)))} {part}" for part in PARTS)
    return (
        f"Files rejected: {count(sum(map(len, results.rejections.values())))}. Slices read: "
        f"{count(len(results.index))}. Split `{results.study.protocols[0]}`: {used}; left out by "
        f"the protocol: {count(n_left_out)}."
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


def _show_rejections(results: Results) -> list[Block]:
    reasons = [
        [f"`{name}`", str(reason), count(n)]
        for name, rejected in results.rejections.items()
        for reason, n in rejected["reason"].map(requirement).value_counts().sort_index().items()
    ]
    if not reasons:
        return []
    caption = "Files rejected; their names: `data/interim/SOURCE/slices.rejected.csv`."
    return [Folded("Rejected files", [Table(caption, ["source", "reason", "files"], reasons)])]


def _with_sum(row: Sequence[int]) -> list[str]:
    return [count(n) for n in (*row, sum(row))]


def describe_citation(claims: Claims, citation: str) -> Section:
    """The paper, this reproduction, and what may be passed on."""
    paper = claims.paper
    cited = f"The paper: {paper.authors}, {paper.title}, {paper.version}, {paper.year}. {paper.url}"
    ours = f"This reproduction: {citation} (`CITATION.cff`); none of it by the paper's authors."
    return Section(
        "How to cite, licences", [Bullets([cited, ours, _SOURCE_1, _SOURCE_2, _SOURCE_3, _PHANTOM])]
    )
