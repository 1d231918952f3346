"""The runs of a study that are kept: small, in git, enough to judge every comparison anew.

In a folder: `slices.csv`, a row a slice of the cohort (its pseudonym, the family it is drawn with,
its source and true class), and two files a run, ``<variant>-<protocol>-<seed>``: `.npz` with the
rows of its test slices in that table and their logits, `.json` with how it was trained. No name of
a patient or file is in them (docs/decisions/0027).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.params import Section, check_section
from hqcm.contracts.study import Cell
from hqcm.results.files import read_json, write_json

_SLICES = "slices.csv"


class Course(Section):
    """How a run was trained.

    base: the network that the variant equals but for its learning rate.
    validation_accuracy, validation_loss: of the epoch whose weights were kept.
    made_from: what determines the run, each name with its MD5 or its value.
    """

    variant: str
    protocol: str
    seed: int
    base: str
    learning_rate: float
    best_epoch: int
    n_epochs: int
    validation_accuracy: float
    validation_loss: float
    device: str
    precision: str
    made_from: dict[str, Any]

    @property
    def cell(self) -> Cell:
        """The run's place in its study."""
        return Cell(self.variant, self.protocol, self.seed)


class Kept(NamedTuple):
    """A run: how it was trained, and what it says of its test slices.

    Shape:
        - rows: ``(n,)`` int64, rows of the table of slices, rising.
        - logits: ``(n, 4)`` float32.
    """

    course: Course
    rows: NDArray[np.int64]
    logits: NDArray[np.float32]


def write_slices(folder: Path, slices: pd.DataFrame) -> None:
    """Write the cohort: columns ``slice, family, source, label``, one row a slice."""
    folder.mkdir(parents=True, exist_ok=True)
    slices[["slice", "family", "source", "label"]].to_csv(folder / _SLICES, index=False)


def read_slices(folder: Path) -> pd.DataFrame:
    """Read what `write_slices` wrote; `family` and `label` are integers."""
    return pd.read_csv(folder / _SLICES, dtype={"slice": "str", "source": "str"})


def write_run(folder: Path, kept: Kept) -> None:
    """Write a run, whole or not at all; same run, same bytes."""
    path = folder / kept.course.cell.name
    partial = path.with_name(f".partial-{path.name}.npz")
    np.savez_compressed(partial, rows=kept.rows.astype(np.int32), logits=kept.logits)
    partial.replace(f"{path}.npz")
    partial = path.with_name(f".partial-{path.name}.json")
    write_json(partial, kept.course.model_dump())
    partial.replace(f"{path}.json")


def read_course(folder: Path, cell: Cell) -> Course | None:
    """How a run was trained; None where it is not kept."""
    path = folder / f"{cell.name}.json"
    return _read_course(path) if path.exists() else None


def read_runs(folder: Path) -> list[Kept]:
    """Every run, in the order of names.

    Raises:
        ValueError: a file is not as its schema has it.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            rows, logits = arrays["rows"].astype(np.int64), arrays["logits"]
        found.append(Kept(_read_course(path), rows, logits))
    return found


def _read_course(path: Path) -> Course:
    return check_section("run", Course, {"run": read_json(path)}, str(path))
