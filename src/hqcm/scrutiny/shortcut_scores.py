"""What the stage `shortcuts` leaves: how far each clue leads to the class."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import FiniteFloat

from hqcm.contracts.params import Section, check_section
from hqcm.contracts.results import read_json

NOTHING, VISIBLE, EVERYTHING = "nothing", "border width and mean intensity", "all four"
"""Guessing the most frequent class of the training part; what a prepared slice still shows, that
is what a network can see; every clue at once."""


class Score(Section):
    """A score and its 95 % interval over patients, None where there is none."""

    value: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None


class Shortcut(Section):
    """How well one clue predicts the class of the test slices."""

    accuracy: Score
    balanced_accuracy: Score


Shortcuts = dict[str, dict[str, Shortcut]]
"""Protocol -> clue -> its scores; a clue of `clues.CLUES`, or one of the above."""


class _File(Section):
    protocols: Shortcuts


def dump_shortcuts(shortcuts: Mapping[str, Mapping[str, Shortcut]]) -> dict[str, object]:
    """As JSON holds them."""
    return {
        protocol: {clue: found.model_dump() for clue, found in clues.items()}
        for protocol, clues in shortcuts.items()
    }


def read_shortcuts(path: Path) -> Shortcuts:
    """Read what `dump_shortcuts` gave; raises `ValueError` where it is something else."""
    file = {"file": {"protocols": read_json(path)}}
    return check_section("file", _File, file, str(path)).protocols
