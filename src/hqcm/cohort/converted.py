"""Tables beside a slice store: rejected files, published folds, and pseudonyms.

Rejected input is never dropped in silence: ``file, reason``. The author of source 2 has given each
slice one of five folds to be tested in: ``slice_id, fold``, no row where the fold is not known.

Names of files and patients are identities. They stay in `data/`; what is published has a slice's
pseudonym in place of its id, ``slice_id, pseudonym``, and of a reason what `requirement` leaves.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

N_FOLDS = 5
"""Folds are numbered from 1 to this."""


# What our own reasons begin with, ahead of what they quote of a file: what must be of which part.
_REQUIREMENT = re.compile(
    r"(?:after slice \d+: )?"
    r"((?:[A-Za-z_]+(?:[/ ][A-Za-z]+){0,4} )?must [^;:]+|is no [A-Za-z ]+ file)"
)
_EXCEPTION = re.compile("[A-Z][A-Za-z]+(?:Error|Exception)(?=:)")
_PUBLISHED = {"slice_id": "slice", "twin_id": "twin"}


class Rejection(NamedTuple):
    """A file that gave no slice, by its path within the source's folder, and why."""

    file: str
    reason: str


class Fold(NamedTuple):
    """The fold in which the source's author has tested a slice."""

    slice_id: str
    fold: int


class Pseudonym(NamedTuple):
    """What a slice is called where it is published: made of its pixels alone, and unique."""

    slice_id: str
    pseudonym: str


def requirement(reason: str) -> str:
    """What a reason says without a word of the file: what must be, or what was raised.

    What was got may be a name, or bytes that a decoder choked on; the table of rejections has it.
    """
    if found := _REQUIREMENT.match(reason):
        return found[1]
    raised = _EXCEPTION.match(reason)
    return f"must be readable; got {raised[0] if raised else 'something else'}"


def write_table(
    path: Path,
    kind: type[Rejection | Fold | Pseudonym],
    rows: Iterable[Rejection] | Iterable[Fold] | Iterable[Pseudonym],
) -> None:
    """Write rejections, folds or pseudonyms, in the order given."""
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


def read_pseudonyms(path: Path) -> "pd.Series[str]":
    """The pseudonym of every slice, by its id."""
    import pandas as pd  # noqa: PLC0415  (slow to load; the stage that writes them needs none)

    return pd.read_csv(path, dtype=str).set_index("slice_id")["pseudonym"]


def hide_slices(table: "pd.DataFrame", pseudonyms: "pd.Series[str]") -> "pd.DataFrame":
    """A table as it may be published: pseudonyms for ids, in columns ``slice`` and ``twin``.

    Raises:
        ValueError: a slice has no pseudonym.
    """
    columns = [name for name in _PUBLISHED if name in table]
    hidden = table.assign(**{name: table[name].map(pseudonyms) for name in columns})
    n_missing = int(hidden[columns].isna().any(axis=1).sum())
    if n_missing:
        raise ValueError(
            f"every slice must have a pseudonym; got none for {n_missing} of {len(table)} rows: "
            "run `dvc repro`, which makes them"
        )
    return hidden.rename(columns=_PUBLISHED)
