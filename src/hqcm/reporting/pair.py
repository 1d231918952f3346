"""The pair of networks that the paper compares, by role instead of by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeVar

import pandas as pd

from hqcm.contracts.study import Cell, StudyParams

Role = Literal["hybrid", "classical"]
ROLES: Final[tuple[Role, Role]] = ("hybrid", "classical")
T = TypeVar("T")


def by_role(study: StudyParams, read: Callable[[str], T]) -> dict[Role, T]:
    """Role -> what `read` finds for the network of that role."""
    return {role: read(name) for role, name in zip(ROLES, study.pair, strict=True)}


def read_history(folder: Path, cell: Cell) -> pd.DataFrame:
    """The learning curve of one run, a row an epoch."""
    return pd.read_csv(folder / f"{cell.name}.csv")
