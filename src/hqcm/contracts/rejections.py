"""Rejected input is listed beside the store, never dropped in silence."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd


class Rejection(NamedTuple):
    """A file that gave no slice, by its path within the source's folder, and why."""

    file: str
    reason: str


def write_rejections(path: Path, rejections: Iterable[Rejection]) -> None:
    """Write ``file, reason``, sorted by file."""
    rows = pd.DataFrame(sorted(rejections), columns=list(Rejection._fields))
    rows.to_csv(path, index=False)


def read_rejections(path: Path) -> pd.DataFrame:
    """Columns ``file`` and ``reason``."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)
