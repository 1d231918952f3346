"""Every pinned package is in the list of licences, in the version that is pinned."""

import re

from pipeline_tree import ROOT

PINS = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")


def read_pins(name: str) -> dict[str, str]:
    """Package -> version; every line that names a package pins it."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    named = [line for line in lines if line and not line.startswith("-")]
    pins = [re.fullmatch(r"([\w.-]+)==([\w.+!-]+)", line) for line in named]
    assert all(pins), f"{name}: NAME==VERSION"
    return {normalise(pin[1]): pin[2] for pin in pins if pin}


def normalise(package: str) -> str:
    """As PyPI compares names."""
    return re.sub("[-_.]+", "-", package).lower()


def test_every_pinned_package_has_its_licence_listed() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    rows = [row for row in cells if len(row) == 3 and row[1][:1].isdigit()]
    licences = {(normalise(package), version): licence for package, version, licence in rows}
    assert len(licences) > 100
    for name in PINS[:2]:
        for pin in read_pins(name).items():
            assert licences.get(pin), f"{pin[0]} {pin[1]}: run `make licences`"


def test_the_tools_that_audit_are_pinned_and_stand_apart() -> None:
    assert read_pins(PINS[2]).keys() == {"cyclonedx-bom", "pip-audit", "pip-licenses"}
    assert not read_pins(PINS[2]).keys() & (read_pins(PINS[0]) | read_pins(PINS[1])).keys()
