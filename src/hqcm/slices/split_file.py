"""The split file: which part of the data each slice belongs to."""

from pathlib import Path
from typing import Literal, get_args

import pandas as pd

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
EXCLUDED = "excluded"
"""In place of a part: a slice that the protocol uses nowhere."""


def read_part(path: Path, part: Part) -> list[str]:
    """Slice ids of one part, in the order of the file (columns ``slice_id, part``).

    Raises:
        ValueError: the part has no slice.
    """
    split = pd.read_csv(path, dtype=str)
    slice_ids = split.loc[split["part"] == part, "slice_id"].tolist()
    if not slice_ids:
        raise ValueError(f"{path}: part {part} must hold a slice or more; got none")
    return slice_ids
