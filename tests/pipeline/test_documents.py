"""What people read in the repository: short, and no number that is not in a committed file."""

import re
from pathlib import Path

import pandas as pd
import pytest

from hqcm.contracts.params import read_yaml
from hqcm.reporting.verdicts import describe_rivals, read_verdicts
from pipeline_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
VERDICTS = ROOT / "data" / "measured" / "verdicts.json"
MOST_LINES = 90
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*")
# Where README's numbers come from, beside the verdicts.
SOURCES = (
    *("params.yaml", "data/paper/claims.yaml", "pyproject.toml", "docs/paper.md"),
    *("docs/decisions/0022-a-default-run-that-repeats.md", "reports/published/report.md"),
)


def test_the_readme_fits_a_screen_or_two_and_says_early_what_it_is_not_for() -> None:
    lines = README.splitlines()
    assert len(lines) <= MOST_LINES
    start = " ".join(lines[:8])
    for said in ("MRI", "patients", "simulated", "not for diagnosis", "researchers"):
        assert said in start


def test_the_readme_has_the_verdicts_word_for_word() -> None:
    verdicts = read_verdicts(VERDICTS)
    for row in verdicts.rows:
        assert f"| {row.claim} | {row.found} | {row.verdict} |" in README
    assert f"![Forest plot: {describe_rivals(verdicts)}.](reports/study/tuned.svg)" in README


def test_the_readme_quotes_the_ratio_of_the_first_losses() -> None:
    table = pd.read_csv(ROOT / "data" / "measured" / "readings.csv")
    table = table[table["cohort"] == "clinical"]
    ratios = (table["classical_loss"] / table["hybrid_loss"]).groupby(table["reading"])
    lowest, highest = ratios.min(), ratios.max()
    for reading, sentence in {
        "base": "we find {:.2f} to {:.2f} times",
        "released": "with the released weights {:.1f} to {:.1f}",
        "former": "or {:.1f} to {:.1f} with the ReLU",
    }.items():
        assert sentence.format(lowest[reading], highest[reading]) in README
    loss = read_yaml(ROOT / "data" / "paper" / "readings.yaml")["printed"]["loss"]
    assert f"at {loss['classical'] / loss['hybrid']:.2f} times" in README


def test_every_number_of_the_readme_is_in_a_committed_file() -> None:
    known = {
        number
        for path in [VERDICTS, *(ROOT / name for name in SOURCES)]
        for number in NUMBER.findall(path.read_text(encoding="utf-8"))
    }
    known |= {number.lstrip("+-") for number in known} | {"0014", "0021"}  # names of records
    measured = "1.43", "1.86", "1.62", "4.9", "9.3", "2.2", "2.9"  # held by the test above
    text = re.sub(r"!\[[^]]*\]|\]\([^)]*\)", "", README)  # held above; addresses are no numbers
    strange = {
        number
        for number in NUMBER.findall(text)
        if number.replace(",", "") not in known and number not in {*known, *measured}
    }
    assert strange == set()


LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
        file = (path.parent / target) if target else path
        assert file.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
            assert anchor in anchors


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert re.findall(r"\]\((0[^)]+)\)", index) == records
    for name in records:
        title = (folder / name).read_text(encoding="utf-8").partition("\n")[0]
        assert f"[{title.partition('. ')[2]}]({name})" in index


def test_the_gaps_of_the_paper_are_numbered_on() -> None:
    text = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| D-")]
    assert [row[2:6] for row in rows] == [f"D-{n:02d}" for n in range(1, len(rows) + 1)]
    assert {row.count(" | ") for row in rows} == {3}
