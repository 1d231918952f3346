"""The report as sections of blocks, rendered twice: Markdown to compare, HTML to read.

In every text, back quotes mark names of parameters, files and commands.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

NUMBER = re.compile(r"[-+<]? ?[0-9]|\u2013$")


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
    """A header and rows of text; a column whose header ends in `here` holds our numbers."""

    caption: str
    header: list[str]
    rows: list[list[str]]
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(
                    f"table {self.caption!r}: a row must have {len(self.header)} cells; got {row}"
                )

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers only, and so stand flush right."""
        return [
            all(NUMBER.match(cell) for cell in column) for column in zip(*self.rows, strict=True)
        ]


@dataclass(frozen=True)
class Picture:
    """A figure: its file, what it shows, and what it looks like to someone who cannot see it."""

    file: Path
    caption: str
    alt: str
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True)
class Folded:
    """Blocks that a reader opens by their summary."""

    summary: str
    blocks: "list[Block]"
    kind: ClassVar[str] = "folded"


Block = Paragraph | Bullets | Table | Picture | Folded


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


def render_markdown(document: Document) -> str:
    """For a repository's page: pictures by relative link, a sentence or a row a line."""
    return _environment(escaped=False).get_template("report.md.j2").render(document=document)


def render_page(document: Document) -> str:
    """One HTML file that needs nothing else: style and pictures inside, no script, no network."""
    return _environment(escaped=True).get_template("index.html.j2").render(document=document)


def inline(text: str) -> Markup:
    """Escaped text with `names` set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped)


def data_uri(file: Path) -> str:
    """A PNG as text to embed."""
    return f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"


def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("hqcm.reporting"),
        autoescape=escaped,  # noqa: S701  (Markdown is no HTML; the page is escaped)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"inline": inline, "data_uri": data_uri}
    return environment
