"""Sorting and enlarging, by mouse and by keyboard."""

import re
from typing import Any

import pytest

from hqcm.reporting.figures.drawing import MASK_COLOUR, THRESHOLD_COLOUR
from pipeline_tree import PACKAGE
from toy_report import Evaluated

TEMPLATES = PACKAGE / "reporting" / "templates"
CELLS = """([column, caption]) => {
    const region = [...document.querySelectorAll('main .scroll')].find((each) =>
        document.getElementById(each.getAttribute('aria-labelledby'))?.textContent
            .startsWith(caption));
    return [...region.querySelectorAll('tbody tr')].map((row) => row.cells[column].textContent);
}"""
OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true"
# Whatever is wider than its place has a cue above it.
CUES = """() => [...document.querySelectorAll('.scroll, nav ul')].every((region) =>
    region.scrollWidth - region.clientWidth - region.scrollLeft < 2
    || region.previousElementSibling.checkVisibility())"""
MADE_UP = """(cells) => {
    const table = document.createElement('table');
    table.innerHTML = '<thead><tr><th class="number">n</th></tr></thead><tbody></tbody>' +
        '<tfoot><tr><td>0</td></tr></tfoot>';
    for (const cell of cells) {
        table.tBodies[0].insertRow().insertCell().textContent = cell;
    }
    document.querySelector('main').replaceChildren(table);
}"""


@pytest.fixture
def page(page: Any) -> Any:
    """With every fold open."""
    page.evaluate(OPEN_FOLDS)
    return page


def table(page: Any, caption: str) -> Any:
    return page.get_by_role("region", name=caption).locator("table").first


def test_a_click_sorts_up_down_and_back(page: Any) -> None:
    header = table(page, "Parts of the split").locator("th").nth(5)
    button = header.locator("button")

    def column() -> list[str]:
        cells: list[str] = page.evaluate(CELLS, [5, "Parts of the split"])
        return cells

    before = column()
    assert before == ["16", "8", "40"]
    for order, cells in (
        ("ascending", ["8", "16", "40"]),
        ("descending", ["40", "16", "8"]),
        ("none", before),
    ):
        button.click()
        assert header.get_attribute("aria-sort") == order
        assert column() == cells


def test_the_keyboard_sorts_as_well(page: Any) -> None:
    header = table(page, "Parts of the split").locator("th").first
    header.locator("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert header.get_attribute("aria-sort") == "descending"
    assert page.evaluate(CELLS, [0, "Parts of the split"]) == ["validation", "train", "test"]


def test_only_one_column_is_said_to_be_sorted(page: Any) -> None:
    headers = table(page, "Parts of the split").locator("th[aria-sort]")
    for i in (1, 2):
        headers.nth(i).locator("button").click()
    orders = [headers.nth(i).get_attribute("aria-sort") for i in range(headers.count())]
    assert orders.count("ascending") == 1


def test_totals_stay_at_the_foot(page: Any) -> None:
    found = table(page, "Hybrid network (HQCM-EBTC)")
    found.locator("th button").first.click()
    assert found.locator("tfoot th").all_inner_texts() == ["macro average", "weighted average"]
    assert found.locator("tbody tr").count() == 4


@pytest.mark.parametrize(
    ("cells", "rising"),
    [
        (["7,576", "96.8 %", "\u2013", "0.43"], ["0.43", "96.8 %", "7,576", "\u2013"]),
        (["0.0001", "< 0.0001", "0.00005"], ["0.00005", "< 0.0001", "0.0001"]),
        (["+9.8 points", "-0.4 points", "10"], ["-0.4 points", "+9.8 points", "10"]),
        (["0.94 (0.90 to 0.97)", "0.9 (0.1 to 1)"], ["0.9 (0.1 to 1)", "0.94 (0.90 to 0.97)"]),
        (["1e-20", "3", "1e+5"], ["1e-20", "3", "1e+5"]),
    ],
)
def test_numbers_are_sorted_as_numbers(page: Any, cells: list[str], rising: list[str]) -> None:
    page.evaluate(MADE_UP, [*cells, *["\u2013"] * 2])
    page.add_script_tag(path=TEMPLATES / "sorting.js")
    button = page.locator("main th button")
    read = "[...document.querySelectorAll('tbody td')].map((cell) => cell.textContent)"
    button.click()
    assert [cell for cell in page.evaluate(read) if cell != "\u2013"] == [
        cell for cell in rising if cell != "\u2013"
    ]
    assert page.evaluate(read)[-1] == "\u2013"
    button.click()
    assert page.evaluate(read)[-1] == "\u2013"
    assert page.evaluate(read)[0] == [cell for cell in rising if cell != "\u2013"][-1]


def test_a_figure_is_enlarged_and_the_focus_returns(page: Any) -> None:
    button = page.get_by_role("button", name="Enlarge Fig. 6")
    dialog = page.locator("dialog")
    assert not dialog.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    assert dialog.is_visible()
    image = dialog.locator("img")
    assert image.get_attribute("alt").startswith("Four rows of brain slices")
    assert image.evaluate("(image) => image.getBoundingClientRect().width") > 880
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert button.evaluate("(button) => button === document.activeElement")


def test_a_click_on_a_figure_enlarges_it_and_close_closes(page: Any) -> None:
    page.locator("figure.picture img").first.click()
    assert page.locator("dialog").is_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    assert not page.locator("dialog").is_visible()


def test_intervals_break_lines_on_a_phone_so_that_the_table_fits(
    open_page: Any, toy: Evaluated
) -> None:
    page = open_page(toy.folder / "index.html", viewport={"width": 360, "height": 800}).page
    page.evaluate(OPEN_FOLDS)
    for caption in ("Area under the ROC curve", "Less is better"):
        region = page.get_by_role("region", name=re.compile(f"^{caption}"))
        needed, given = region.evaluate("(region) => [region.scrollWidth, region.clientWidth]")
        assert needed <= given


def test_what_is_cut_says_so_until_its_end_is_in_sight(open_page: Any, toy: Evaluated) -> None:
    page = open_page(toy.folder / "index.html", viewport={"width": 360, "height": 800}).page
    page.evaluate(OPEN_FOLDS)
    page.wait_for_function(CUES)
    region = page.locator(".picture:not(.narrow) .scroll").first
    hint = region.locator("xpath=preceding-sibling::p[1]")
    assert hint.inner_text().startswith("more to the right")
    region.evaluate("(region) => region.scrollTo(region.scrollWidth, 0)")
    hint.wait_for(state="hidden")


def test_a_table_of_verdicts_is_narrowed_to_one(page: Any) -> None:
    row = "<tr><th>a</th><td>{}</td></tr>"
    body = "".join(row.format(verdict) for verdict in ["reproduced"] * 3 + ["inconclusive"] * 7)
    head = "<thead><tr><th>claim</th><th>verdict</th></tr></thead>"
    made = f"<div><table>{head}<tbody>{body}</tbody></table></div>"
    page.evaluate("(made) => { document.querySelector('main').innerHTML = made; }", made)
    page.add_script_tag(path=TEMPLATES / "filter.js")
    page.get_by_label("show").select_option("reproduced")
    assert page.locator("main tbody tr:visible").count() == 3
    page.get_by_label("show").select_option("")
    assert page.locator("main tbody tr:visible").count() == 10


def test_the_colours_of_the_browser_are_those_of_the_figures(page: Any) -> None:
    read = "(name) => getComputedStyle(document.body).getPropertyValue('--' + name)"
    for name, colour in (("mask", MASK_COLOUR), ("active", THRESHOLD_COLOUR)):
        assert page.evaluate(read, name) == colour
