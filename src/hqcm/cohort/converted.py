"""Rejected input is listed beside the store, never dropped in silence.

Published folds: the author of source 2 gave each of its slices one of five to be tested in.

One table, ``slice_id, fold``; a slice whose fold is not known has no row.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Rejection(NamedTuple):
    """A file that gave no slice, by its path within the source's folder, and why."""

    file: str
    reason: str


def write_rejections(path: Path, rejections: Iterable[Rejection]) -> None:
    """Write ``file, reason``, sorted by file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Rejection._fields)
        writer.writerows(sorted(rejections))


def read_rejections(path: Path) -> "pd.DataFrame":
    """Columns ``file`` and ``reason``."""
    import pandas as pd  # noqa: PLC0415  (slow to load; the converters only write)

    return pd.read_csv(path, dtype=str, keep_default_na=False)


N_FOLDS = 5
"""Folds are numbered from 1 to this."""


def write_folds(path: Path, folds: Iterable[tuple[str, int]]) -> None:
    """Write the slices' ids and their folds, in the order given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("slice_id", "fold"))
        writer.writerows(folds)


def read_folds(path: Path) -> "pd.DataFrame":
    """Columns ``slice_id`` (text) and ``fold`` (int64)."""
    import pandas as pd  # noqa: PLC0415  (slow to load; the converters only write)

    return pd.read_csv(path, dtype={"slice_id": "str", "fold": "int64"})
