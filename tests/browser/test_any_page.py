"""What holds of every page, the toy's and the committed one."""

from pathlib import Path
from typing import Any

import pytest

from browser_options import AXE, SCHEMES, WIDTHS_PX

OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true"
ROOM = "[document.scrollingElement.scrollWidth, innerWidth]"
LARGEST = 8_000_000  # bytes that a phone opens without delay
PAPER_PX = 718  # A4 within margins of 1 cm


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
