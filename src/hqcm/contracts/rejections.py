"""Rejected input is listed beside the store, never dropped in silence."""

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
