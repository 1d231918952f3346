"""Rendering, twice from one source."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from hqcm.reporting.browser import Browser
from hqcm.reporting.document import (
    Block,
    Bullets,
    Document,
    Folded,
    Paragraph,
    Picture,
    Section,
    Table,
)
from hqcm.reporting.page import render_markdown, render_page

TABLE = Table("Both `networks`.", ["class", "paper", "F1, here"], [["glioma", "a|b", "0.98"]])


@pytest.fixture(autouse=True)
def picture(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"\x89PNG")


@pytest.fixture
def document() -> Document:
    blocks: list[Block] = [
        Paragraph("Less < more & `study.seeds`."),
        Bullets(["first", "second"]),
        TABLE,
        Picture(Path("figures/one.png"), "Fig. 1: `one`.", 'A "figure".'),
    ]
    return Document("Title", "Lead.", [Section("Does it?", blocks), Section("Second", [])])


def test_markdown_has_a_row_a_line_and_relative_pictures(document: Document) -> None:
    assert render_markdown(document) == (
        "# Title\n\nLead.\n\n"
        "## Does it?\n\n"
        "Less < more & `study.seeds`.\n\n"
        "- first\n- second\n\n"
        "Both `networks`.\n\n"
        "| class | paper | F1, here |\n| --- | --- | ---: |\n| glioma | a\\|b | 0.98 |\n\n"
        '![A "figure".](figures/one.png)\n\n'
        "Fig. 1: `one`.\n\n"
        "## Second\n"
    )


def test_the_page_escapes_text_and_sets_names_as_code(document: Document, tmp_path: Path) -> None:
    page = render_page(document, tmp_path)
    assert "<p>Less &lt; more &amp; <code>study.seeds</code>.</p>" in page
    assert "<figcaption>Fig. 1: <code>one</code>.</figcaption>" in page
    assert 'alt="A &#34;figure&#34;."' in page
    assert '<a href="#does-it">Does it?</a>' in page
    assert '<section id="does-it" aria-labelledby="does-it-title"' in page


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</details></table><script>",
    "a|b|<b>c</b>",
    "x\n\n# heading\n<script>",
    "\u2028| a | b |",
    "[a](javascript:alert(1))",
    "![a](javascript:alert(1))",
    "](javascript:alert(1))",
    "[a][b]",
    "[b]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "`",
    "``<b>`",
    "\\`<script>`",
    "`a`<i>`",
    "\\",
    "{{ 7 * 7 }}",
    '" onmouseover="alert(1)',
    "<!-- ",
    "]]>",
)


DATA = {"scale": "raw", "thresholds": [0.5], "classes": [], "networks": {}}


def hostile_document(told: str) -> Document:
    table = Table(told, ["name", told], [[told, f"`{told}`"], ["after", told]])
    blocks: list[Block] = [
        *(Paragraph(told), Bullets([told, told]), table, Folded(told, [Paragraph(told)])),
        Picture(Path("figures/one.png"), told, told),
        Browser(told, told, {**DATA, "slices": [[told, 0, None]]}),
    ]
    return Document(told, told, [Section(told, blocks), Section("End", [])])


def tags(page: str) -> Counter[str]:
    """Opening tags of a page with their attributes' names, and where links lead."""
    found: Counter[str] = Counter()

    class Walker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found[" ".join([tag, *sorted(name for name, _ in attrs)])] += 1
            assert not any(f"{value}".startswith("javascript:") for _, value in attrs)

    Walker().feed(page)
    return found


@pytest.mark.parametrize("told", HOSTILE)
def test_text_stays_text_in_both_forms(told: str, tmp_path: Path) -> None:
    harmless, hostile = (hostile_document(text) for text in ("harmless", told))
    pages = [render_page(document, tmp_path) for document in (harmless, hostile)]
    assert drop(tags(pages[1]), "code") == drop(tags(pages[0]), "code")
    texts = [render_markdown(document) for document in (harmless, hostile)]
    assert [text.count("\n") for text in texts[1:]] == [texts[0].count("\n")]
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    rendered = [drop(tags(parser.render(text)), "code", "img") for text in texts]
    assert rendered[1] == rendered[0]


def drop(counts: Counter[str], *names: str) -> dict[str, int]:
    """Names between back quotes are code, whoever has written them."""
    return {tag: n for tag, n in counts.items() if tag.partition(" ")[0] not in names}


def test_our_columns_are_marked_and_numbers_stand_flush_right(
    document: Document, tmp_path: Path
) -> None:
    page = render_page(document, tmp_path)
    assert re.search(r'<td data-head="F1, here" class="number here">0.98</td>', page)
    assert re.search(r'<td data-head="paper" class="">a\|b</td>', page)
    assert re.search(r'<th scope="row">glioma</th>', page)


def test_the_page_needs_no_other_file(document: Document, tmp_path: Path) -> None:
    page = render_page(document, tmp_path)
    assert 'src="data:image/png;base64,iVBORw=="' in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert not re.search(r"url\(|@import|\b(fetch|import|XMLHttpRequest|WebSocket)\b", page)


def test_every_tag_is_closed(document: Document, tmp_path: Path) -> None:
    void = {"meta", "link", "img"}
    open_tags: list[str] = []

    class Walker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            del attrs
            if tag not in void:
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Walker().feed(render_page(document, tmp_path))
    assert open_tags == []


NESTED = Folded("`outer` < 1", [TABLE, Folded("inner", [TABLE, Bullets(["one step"])])])


def test_a_fold_holds_blocks_and_folds_in_both_forms(tmp_path: Path) -> None:
    document = Document("Title", "Lead.", [Section("Folds", [NESTED, Paragraph("After.")])])
    table = (
        "Both `networks`.\n\n"
        "| class | paper | F1, here |\n| --- | --- | ---: |\n| glioma | a\\|b | 0.98 |\n\n"
    )
    assert render_markdown(document) == (
        "# Title\n\nLead.\n\n## Folds\n\n"
        "<details>\n<summary><code>outer</code> &lt; 1</summary>\n\n" + table + ""
        "<details>\n<summary>inner</summary>\n\n" + table + "- one step\n\n"
        "</details>\n\n</details>\n\nAfter.\n"
    )
    page = render_page(document, tmp_path)
    assert "<summary><code>outer</code> &lt; 1</summary>" in page
    assert page.index("outer") < page.index("inner") < page.index("one step")
    assert page.rindex("</details>") < page.index("After.")


def test_every_id_of_the_page_stands_once_and_every_label_leads_to_one(tmp_path: Path) -> None:
    blocks: list[Block] = [NESTED, NESTED, TABLE]
    page = render_page(Document("Title", "Lead.", [Section("Folds", blocks)]), tmp_path)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 2 + 2 * 2 + 1
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page)) < set(ids)


def test_a_table_of_text_only_is_set_as_prose(tmp_path: Path) -> None:
    words = Table("t", ["question", "verdict"], [["is it so?", "possible"]])
    page = render_page(Document("Title", "Lead.", [Section("Tables", [words, TABLE])]), tmp_path)
    assert page.count('<table class="prose">') == page.count("<table>") == 1


@pytest.mark.parametrize(
    ("cells", "numeric"),
    [
        (["0.98", "7,576", "96.5 %"], True),
        (["-0.4", "+9.8 points", "< 0.0001", "\N{EN DASH}"], True),
        (["0.98", "one run"], False),
        (["\N{EN DASH} none"], False),
    ],
)
def test_a_column_is_numeric_when_all_its_cells_are(cells: list[str], *, numeric: bool) -> None:
    assert Table("t", ["column"], [[cell] for cell in cells]).numeric == [numeric]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"table 't': a row must have 2 cells; got \['a'\]"):
        Table("t", ["one", "two"], [["a"]])
