"""The split file: which part of the data each slice belongs to.

One table, ``slice_id, part``, a row for every slice in the order of the prepared store.
"""

from pathlib import Path
from typing import Literal, get_args

import pandas as pd

_Part = Literal["train", "validation", "test"]
PARTS: tuple[_Part, ...] = get_args(_Part)
EXCLUDED = "excluded"
"""In place of a part: a slice that the protocol uses nowhere."""


def write_split(path: Path, split: pd.DataFrame) -> None:
    """Write the part of every slice, columns ``slice_id, part``."""
    split.to_csv(path, index=False)


def read_split(path: Path) -> "pd.Series[str]":
    """The part of every slice, by its id."""
    return pd.read_csv(path, dtype=str).set_index("slice_id")["part"]


def read_part(path: Path, part: _Part) -> list[str]:
    """Slice ids of one part, in the order of the file.

    Raises:
        ValueError: the part has no slice.
    """
    split = read_split(path)
    slice_ids = split.index[split == part].tolist()
    if not slice_ids:
        raise ValueError(f"{path}: part {part} must hold a slice or more; got none")
    return slice_ids
