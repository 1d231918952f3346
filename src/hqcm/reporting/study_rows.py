"""Rows of the study's tables: which comparisons, at which learning rate, with which verdict."""

from hqcm.comparison.comparisons import Comparison, Comparisons, Setting
from hqcm.comparison.judging import Verdict

SETTINGS: dict[Setting, str] = {"published": "published", "best": "own best"}
VERDICTS: dict[Verdict, str] = {
    "first ahead": "ahead",
    "second ahead": "behind",
    "no difference": "no difference",
    "undecided": "undecided",
    "one run": "one run",
}


def rows_of(found: Comparisons, quantity: str) -> list[Comparison]:
    """Comparisons of networks, protocol by protocol."""
    return [
        row
        for protocol in found.protocols
        for setting in found.settings
        for row in found.select("network", setting, quantity, protocol)
    ]


def describe_rate(found: Comparisons, row: Comparison) -> str:
    """Which learning rate a row is about."""
    rates = {(rate.protocol, rate.variant): rate.learning_rate for rate in found.tuning}
    how = SETTINGS[row.setting]
    if row.setting != "published" and row.family not in found.tuned:
        published = "published, " if row.family in found.published else ""
        how = f"{published}the only one tried"
    return f"{rates[row.second_protocol, row.second]:g} ({how})"
