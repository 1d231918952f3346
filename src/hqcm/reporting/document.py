"""The report as sections of blocks.

In every text, back quotes mark names of parameters, files and commands.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hqcm.reporting.browser import Browser

_NUMBER = re.compile(r"[-+<]? ?[0-9]|\u2013$")


@dataclass(frozen=True)
class Paragraph:
    """Prose."""

    text: str
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True)
class Bullets:
    """Sentences that stand side by side."""

    items: list[str]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True)
class Table:
    """A header and rows of text; a column whose header ends in `here` holds our numbers.

    The last `n_totals` rows stay at the foot when a reader sorts the others.
    """

    caption: str
    header: list[str]
    rows: list[list[str]]
    n_totals: int = 0
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(
                    f"table {self.caption!r}: a row must have {len(self.header)} cells; got {row}"
                )

    @property
    def body(self) -> list[list[str]]:
        """Rows that can be sorted."""
        return self.rows[: len(self.rows) - self.n_totals]

    @property
    def totals(self) -> list[list[str]]:
        """Rows at the foot."""
        return self.rows[len(self.body) :]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers only, and so stand flush right."""
        return [
            all(_NUMBER.match(cell) for cell in column) for column in zip(*self.rows, strict=True)
        ]


@dataclass(frozen=True)
class Picture:
    """A figure: its file, what it shows, and what it looks like to someone who cannot see it.

    The file is named from where the report lies; one that is narrow fits a phone as it is.
    """

    file: Path
    caption: str
    alt: str
    is_narrow: bool = False
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True)
class Folded:
    """Blocks that a reader opens by their summary."""

    summary: str
    blocks: "list[Block]"
    kind: ClassVar[str] = "folded"


Block = Paragraph | Bullets | Table | Picture | Browser | Folded


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: list[Block]

    @property
    def anchor(self) -> str:
        """What links within the page point at."""
        return re.sub(r"\W+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True)
class Document:
    """The report."""

    title: str
    lead: str
    sections: list[Section]
