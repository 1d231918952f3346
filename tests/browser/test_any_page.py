"""What holds of every page, the toy's and the committed one."""

from pathlib import Path
from typing import Any

import pytest

from browser_options import AXE, SCHEMES, WIDTHS_PX

OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true"
ROOM = "[document.scrollingElement.scrollWidth, innerWidth]"
LARGEST = 8_000_000  # bytes that a phone opens without delay
PAPER_PX = 718  # A4 within margins of 1 cm


MOST_WORDS, MOST_TABLES, MOST_UNFOLDED = 2_500, 12, 5_000
COUNT = """() => [document.body.innerText.split(/\\s+/).length,
    [...document.querySelectorAll('table')].filter((table) => table.checkVisibility()).length]"""


def viewport(width_px: int) -> dict[str, int]:
    return {"width": width_px, "height": 900}


def test_it_opens_without_complaint_and_asks_for_nothing(page_file: Path, open_page: Any) -> None:
    opened = open_page(page_file)
    for section in opened.page.query_selector_all("section"):
        section.scroll_into_view_if_needed()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [page_file.as_uri()]


def test_it_is_small(page_file: Path) -> None:
    assert page_file.stat().st_size < LARGEST


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_nothing_overflows(page_file: Path, open_page: Any, width_px: int, scheme: str) -> None:
    page = open_page(page_file, viewport=viewport(width_px), color_scheme=scheme).page
    page.evaluate(OPEN_FOLDS)
    needed, given = page.evaluate(ROOM)
    assert needed <= given


@pytest.mark.parametrize(("width_px", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing(page_file: Path, open_page: Any, width_px: int, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci --prefix tests/browser)")
    page = open_page(page_file, viewport=viewport(width_px), color_scheme=scheme).page
    page.evaluate(OPEN_FOLDS)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["testEngine"]["name"] == "axe-core"
    assert [
        (violation["id"], node["html"][:200], node["failureSummary"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ] == []


def test_without_scripts_everything_is_there(page_file: Path, open_page: Any) -> None:
    with_scripts = open_page(page_file).page
    page = open_page(page_file, java_script_enabled=False).page
    for tag in ("main table tbody tr", "main figure", "main h2", "main details"):
        assert page.locator(tag).count() == with_scripts.locator(tag).count()
    assert page.locator("main tbody:not(details tbody)").first.is_visible()
    assert page.locator("main button:visible").count() == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_print_shows_folds_on_white_within_the_paper(
    page_file: Path, open_page: Any, scheme: str
) -> None:
    page = open_page(page_file, viewport=viewport(PAPER_PX), color_scheme=scheme).page
    page.emulate_media(media="print", color_scheme=scheme)
    needed, given = page.evaluate(ROOM)
    assert needed <= given
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    fold = page.locator("details table").first
    assert fold.bounding_box()["height"] > 0
    assert not page.locator("nav").is_visible()
    assert page.pdf()[:5] == b"%PDF-"


@pytest.fixture
def folded(page_file: Path) -> Path:
    if "more to the right" not in page_file.read_text(encoding="utf-8"):
        pytest.skip("published before the page was folded: make publish")
    return page_file


def test_it_is_short(folded: Path, open_page: Any) -> None:
    page = open_page(folded, viewport=viewport(1280)).page
    words, tables = page.evaluate(COUNT)
    assert words <= MOST_WORDS
    assert tables <= MOST_TABLES
    page.evaluate(OPEN_FOLDS)
    assert page.evaluate(COUNT)[0] <= MOST_UNFOLDED


@pytest.mark.parametrize("width_px", [360, 768, 1280])
def test_the_contents_stay_in_sight(folded: Path, open_page: Any, width_px: int) -> None:
    page = open_page(folded, viewport=viewport(width_px)).page
    page.locator("section").last.scroll_into_view_if_needed()
    box = page.locator("nav").bounding_box()
    assert 0 <= box["y"] < 100


def test_the_finding_stands_first(folded: Path, open_page: Any) -> None:
    page = open_page(folded, viewport=viewport(1280)).page
    first, second = (page.locator("section").nth(i).inner_text() for i in (0, 1))
    assert "Published study, real MRI" in first
    assert "Your run" in second
