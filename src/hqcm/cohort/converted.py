"""What a converter lists beside its store: files that it rejected, and published folds.

Rejected input is never dropped in silence: ``file, reason``. The author of source 2 has given each
slice one of five folds to be tested in: ``slice_id, fold``, no row where the fold is not known.

Names of files and patients are identities. They stay in `data/`; what is published has of a reason
what `requirement` leaves.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

N_FOLDS = 5
"""Folds are numbered from 1 to this."""


# What our own reasons begin with, ahead of what they quote of a file: what must be of which part.
_REQUIREMENT = re.compile(
    r"(?:after slice \d+: )?"
    r"((?:[A-Za-z_]+(?:[/ ][A-Za-z]+){0,4} )?must [^;:]+|is no [A-Za-z ]+ file)"
)
_EXCEPTION = re.compile("[A-Z][A-Za-z]+(?:Error|Exception)(?=:)")


class Rejection(NamedTuple):
    """A file that gave no slice, by its path within the source's folder, and why."""

    file: str
    reason: str


class Fold(NamedTuple):
    """The fold in which the source's author has tested a slice."""

    slice_id: str
    fold: int


def requirement(reason: str) -> str:
    """What a reason says without a word of the file: what must be, or what was raised.

    What was got may be a name, or bytes that a decoder choked on; the table of rejections has it.
    """
    if found := _REQUIREMENT.match(reason):
        return found[1]
    raised = _EXCEPTION.match(reason)
    return f"must be readable; got {raised[0] if raised else 'something else'}"


def write_table(
    path: Path,
    kind: type[Rejection | Fold],
    rows: Iterable[Rejection] | Iterable[Fold],
) -> None:
    """Write rejections or folds, in the order given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(kind._fields)
        writer.writerows(rows)


def read_rejections(path: Path) -> "pd.DataFrame":
    """Columns ``file`` and ``reason``."""
    import pandas as pd  # noqa: PLC0415  (slow to load; the converters only write)

    return pd.read_csv(path, dtype=str, keep_default_na=False)


def read_folds(path: Path) -> "pd.DataFrame":
    """Columns ``slice_id`` (text) and ``fold`` (int64)."""
    import pandas as pd  # noqa: PLC0415  (slow to load; the converters only write)

    return pd.read_csv(path, dtype={"slice_id": "str", "fold": "int64"})
