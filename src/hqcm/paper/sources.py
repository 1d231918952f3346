"""The sources as `data/paper/sources.yaml` has them, and what is missing of the paper's slices."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Self

import pandas as pd
from pydantic import Field, model_validator

from hqcm.contracts.labels import CLASS_NAMES, N_CLASSES
from hqcm.contracts.params import Section, check_section, read_yaml

_Range = Annotated[list[int], Field(min_length=2, max_length=2)]


class Archive(Section):
    """A file of a source: what its publisher says of it, and the files N.mat that it holds."""

    name: str = Field(pattern=r"^[\w-]+\.(zip|mat)$")
    id: int
    size: int = Field(ge=1)
    md5: str | None = Field(None, pattern="^[0-9a-f]{32}$")
    holds: _Range | None = None

    @property
    def is_packed(self) -> bool:
        """Whether it is an archive; else it is a file as it is used."""
        return self.holds is not None

    @property
    def numbers(self) -> set[int]:
        """The N of its files."""
        return {*range(self.holds[0], self.holds[1] + 1)} if self.holds else set()


class Licence(Section):
    """Whether files of a source, or conversions of them, may be given to others."""

    name: str
    may_pass_on: bool


class Client(Section):
    """The publisher's own package, and what it calls the source."""

    package: str
    handle: str


class Source(Section):
    """What the paper used of a source, and where that is published."""

    slices: dict[str, int]
    page: str
    licence: Licence
    pattern: str
    address: str = ""
    archives: list[Archive] = Field(default_factory=list)
    client: Client | None = None

    @model_validator(mode="after")
    def _names_classes_and_a_way(self) -> Self:
        if strange := {*self.slices} - {*CLASS_NAMES}:
            raise ValueError(
                f"slices must be of {', '.join(CLASS_NAMES)}; got {', '.join(sorted(strange))}"
            )
        if (self.client is None) != bool(self.address and self.archives):
            raise ValueError("client must be given, or address and archives; got both or neither")
        return self

    @property
    def by_class(self) -> list[int]:
        """Slices of the paper, in the order of the labels."""
        return [self.slices.get(name, 0) for name in CLASS_NAMES]


def load_sources(path: Path) -> dict[str, Source]:
    """The sources by name, in their order.

    Raises:
        ValueError: a key is unknown, missing or mistyped.
    """
    loaded = read_yaml(path)["sources"]
    return {name: check_section(name, Source, loaded, str(path)) for name in loaded}


def count_by_class(index: pd.DataFrame) -> dict[str, list[int]]:
    """Slices of each source in the order of the labels, from the index of a store."""
    counts = pd.crosstab(index["source"], index["label"])
    counts = counts.reindex(columns=range(N_CLASSES), fill_value=0)
    return {str(name): row.tolist() for name, row in counts.iterrows()}


def tabulate_missing(
    found: Mapping[str, Sequence[int]], sources: Mapping[str, Source]
) -> tuple[list[str], list[list[str]]]:
    """What is there of what the paper used, by source and class.

    Args:
        found: slices by class of each source, in the order of the labels; a source may lack.
        sources: what the paper used.

    Returns:
        A header, and rows of cells `87 of 275`: a source each, then all, then what is missing.
        Where there is more than the paper used, nothing is missing.
    """
    none = [0] * N_CLASSES
    here = [[*found.get(name, none)] for name in sources]
    paper = [source.by_class for source in sources.values()]
    missing = [[max(p - h, 0) for h, p in zip(*pair, strict=True)] for pair in _pair(here, paper)]
    here, paper, missing = (_with_sums(each) for each in (here, paper, missing))
    rows = [
        [name, *(f"{h:,} of {p:,}" for h, p in zip(*pair, strict=True)), f"{lost[-1]:,}"]
        for name, pair, lost in zip([*sources, "all"], _pair(here, paper), missing, strict=True)
    ]
    rows.append(["missing", *(f"{n:,}" for n in missing[-1]), f"{missing[-1][-1]:,}"])
    return ["source", *CLASS_NAMES, "all", "missing"], rows


def _pair(here: list[list[int]], paper: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    return [*zip(here, paper, strict=True)]


def _with_sums(counts: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]
