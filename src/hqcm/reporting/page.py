"""The report rendered twice: Markdown to compare, HTML to read."""

import base64
import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from hqcm.reporting.document import Document
from hqcm.reporting.figures.drawing import MASK_COLOUR, THRESHOLD_COLOUR

_SCRIPTS = (
    "sorting.js",
    "filter.js",
    "zoom.js",
    "swipe.js",
    "attention.js",
    "painting.js",
    "browser.js",
)
_INKS = {"mask": MASK_COLOUR, "active": THRESHOLD_COLOUR}
"""Colours of the attention browser that figures have as well."""


def render_markdown(document: Document) -> str:
    """For a repository's page: pictures by relative link, a sentence or a row a line."""
    return _environment(escaped=False).get_template("report.md.j2").render(document=document)


def render_page(document: Document, figures: Path) -> str:
    """One HTML file that needs nothing else: style, scripts, the `figures`; no network."""
    template = _environment(escaped=True).get_template("index.html.j2")
    return template.render(document=document, figures=figures, inks=_INKS, scripts=_SCRIPTS)


def _inline(text: str) -> Markup:
    """Escaped text with `names` set as code."""
    in_line = str(escape(" ".join(text.splitlines())))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", in_line))  # noqa: S704  (escaped)


def _plain(text: str) -> str:
    """Markdown of one line in which text stays text: no tags, no links; `names` are code."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.splitlines()))
    parts[::2] = [re.sub(r"[\\`]|<(?=[A-Za-z/!?])|\](?=[(\[:])", r"\\\g<0>", p) for p in parts[::2]]
    return "".join(parts)


def _data_uri(file: Path) -> str:
    """The figure itself, as SVG where there is one beside it."""
    file, kind = (file.with_suffix(".svg"), "svg+xml") if _is_vector(file) else (file, "png")
    return f"data:image/{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _is_vector(file: Path) -> bool:
    return file.with_suffix(".svg").exists()


def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("hqcm.reporting"),
        autoescape=escaped,  # noqa: S701  (Markdown has escapes of its own: `plain`)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "inline": _inline,
        "plain": _plain,
        "data_uri": _data_uri,
        "is_vector": _is_vector,
    }
    return environment
