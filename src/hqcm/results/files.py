"""Result files: JSON and CSV that people and DVC read, the same bytes for the same values."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

Tables = dict[tuple[str, str], pd.DataFrame]
"""(variant, protocol) -> table."""
T = TypeVar("T")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write in the order given; whoever has no number for a key gives None, which is null.

    Raises:
        ValueError: a number is NaN or infinite; JSON has neither.
    """
    path.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text())


def table_path(folder: Path, variant: str, protocol: str) -> Path:
    """Where the table of one network under one protocol lies, all seeds together."""
    return folder / f"{variant}-{protocol}.csv"


def write_tables(folder: Path, tables: Mapping[tuple[str, str], pd.DataFrame]) -> None:
    """Write a table for each (variant, protocol) into a new folder."""
    folder.mkdir()
    for (variant, protocol), table in tables.items():
        table.to_csv(table_path(folder, variant, protocol), index=False)


def tabulate_each(
    study: Mapping[str, Mapping[str, T]], tabulate: Callable[[T], pd.DataFrame]
) -> Tables:
    """Tabulate what each network has left (its runs, say), by protocol and variant."""
    return {
        (variant, protocol): tabulate(left)
        for protocol, variants in study.items()
        for variant, left in variants.items()
    }
