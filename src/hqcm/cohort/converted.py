"""What a converter lists beside its store: files that it rejected, and published folds.

Rejected input is never dropped in silence: ``file, reason``. The author of source 2 has given each
slice one of five folds to be tested in: ``slice_id, fold``, no row where the fold is not known.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

N_FOLDS = 5
"""Folds are numbered from 1 to this."""


class Rejection(NamedTuple):
    """A file that gave no slice, by its path within the source's folder, and why."""

    file: str
    reason: str


class Fold(NamedTuple):
    """The fold in which the source's author has tested a slice."""

    slice_id: str
    fold: int


def write_table(
    path: Path, kind: type[Rejection | Fold], rows: Iterable[Rejection] | Iterable[Fold]
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
