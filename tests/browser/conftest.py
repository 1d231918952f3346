"""The page in a real browser: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_tree import ROOT
from toy_report import Evaluated, toy_study, write_toy_page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install -r requirements-dev.txt"
)

COMMITTED = ROOT / "reports" / "published" / "index.html"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser for all tests of the session; they skip where none is installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    """The toy study with its page."""
    evaluated = toy_study(tmp_path_factory.getbasetemp())
    write_toy_page(evaluated)
    return evaluated


@pytest.fixture(scope="session", params=["toy", "committed"])
def page_file(request: pytest.FixtureRequest) -> Path:
    """The pages that must hold what is promised of any."""
    if request.param == "committed":
        return COMMITTED
    evaluated: Evaluated = request.getfixturevalue("toy")
    return evaluated.folder / "index.html"


class Opened:
    """A page that has been opened, and what happened to it."""

    def __init__(self, browser: Any, file: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Any]:
    """Opens a file with the options of a browser context; closed after the test."""
    opened: list[Opened] = []

    def open_file(file: Path, **context: Any) -> Opened:
        opened.append(Opened(chromium, file, **context))
        return opened[-1]

    yield open_file
    for each in opened:
        each.context.close()


@pytest.fixture
def page(open_page: Any, toy: Evaluated) -> Any:
    """The toy page at the size of a desk."""
    return open_page(toy.folder / "index.html", viewport={"width": 1440, "height": 900}).page
