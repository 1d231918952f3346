"""Published folds: the author of source 2 gave each of its slices one of five to be tested in.

One table, ``slice_id, fold``; a slice whose fold is not known has no row.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

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
