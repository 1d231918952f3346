"""Leaks: test slices whose picture, or whose patient, the networks have trained on.

A picture leaks through a near-duplicate in the training part, mirrored or turned or not, a
patient through another of their slices there. Such a test slice is *known* to training.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cohort.duplicates import TWIN_COLUMNS, invert, read_twins
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json, write_json
from hqcm.results.predictions import StudyPredictions
from hqcm.slices.split_file import read_split
from hqcm.slices.store import read_index

Parts = dict[str, "pd.Series[str]"]
"""Protocol -> the part of each slice, by its id."""


class LeakCounts(Section):
    """Test slices, and those of them that training knows something of."""

    n_test: int
    n_twin: int  # their picture, mirrored or turned or not
    n_patient: int  # another slice of their patient
    n_either: int


class ProtocolLeaks(Section):
    """One protocol: in all, by source and class, and how the test slices lie on their twins."""

    n_train: int
    all: LeakCounts
    by_source: dict[str, dict[str, LeakCounts]]
    orientations: dict[str, int]


class _File(Section):
    protocols: dict[str, ProtocolLeaks]


def read_parts(folder: Path, protocols: Sequence[str]) -> Parts:
    """The splits that the stage `split` has left."""
    return {name: read_split(folder / f"{name}.csv") for name in protocols}


def audit_splits(
    index: pd.DataFrame, parts: Parts, twins: pd.DataFrame
) -> tuple[dict[str, ProtocolLeaks], pd.DataFrame]:
    """What leaks from the training part to the test part of each split.

    Args:
        index: the prepared store's.
        parts: the splits.
        twins: pairs of near-duplicates, see `hqcm.cohort.duplicates`.

    Returns:
        The counts of each protocol; and a row for each test slice with a twin in training,
        columns ``protocol`` and those of `TWIN_COLUMNS`: the test slice, the training slice
        closest to it, and the orientation in which the test slice is that one.
    """
    leaks = {name: _find_leaks(index, part, twins) for name, part in parts.items()}
    counts = {
        name: _count_leaks(tested, int((parts[name] == "train").sum()))
        for name, tested in leaks.items()
    }
    pairs = pd.concat(
        [tested[tested["has_twin"]].assign(protocol=name) for name, tested in leaks.items()]
    )
    return counts, pairs[["protocol", *TWIN_COLUMNS]]


def _find_leaks(index: pd.DataFrame, part: "pd.Series[str]", twins: pd.DataFrame) -> pd.DataFrame:
    """A row for each test slice, in the order of the index.

    Returns:
        Columns ``slice_id, source, label, has_patient, has_twin`` and, where it has a twin,
        ``twin_id, orientation, correlation`` of the closest.
    """
    part_of = index["slice_id"].map(part)
    trained, tested = index[part_of == "train"], index[part_of == "test"]
    slices = tested[["slice_id", "source", "label"]].assign(
        has_patient=tested["group_id"].isin(trained["group_id"])
    )
    leaks = slices.merge(_closest(twins, tested, trained), on="slice_id", how="left")
    return leaks.assign(has_twin=leaks["twin_id"].notna())


def _closest(twins: pd.DataFrame, tested: pd.DataFrame, trained: pd.DataFrame) -> pd.DataFrame:
    other_way = twins.rename(columns={"slice_id": "twin_id", "twin_id": "slice_id"})
    other_way["orientation"] = other_way["orientation"].map(invert)
    pairs = pd.concat([twins, other_way])
    is_tested = pairs["slice_id"].isin(tested["slice_id"])
    is_trained = pairs["twin_id"].isin(trained["slice_id"])
    order = pairs[is_tested & is_trained].sort_values(
        ["correlation", "twin_id"], ascending=[False, True]
    )
    return order.drop_duplicates("slice_id")


def _count_leaks(leaks: pd.DataFrame, n_train: int) -> ProtocolLeaks:
    """How many test slices leak, in all and of each class of each source that has any."""
    by_source: dict[str, dict[str, LeakCounts]] = {}
    for source in leaks["source"].unique():
        for label, name in enumerate(CLASS_NAMES):
            members = leaks[(leaks["source"] == source) & (leaks["label"] == label)]
            if len(members):
                by_source.setdefault(source, {})[name] = _count(members)
    orientations = leaks["orientation"].value_counts().sort_index()
    return ProtocolLeaks(
        n_train=n_train,
        all=_count(leaks),
        by_source=by_source,
        orientations={str(name): int(n) for name, n in orientations.items()},
    )


def _count(leaks: pd.DataFrame) -> LeakCounts:
    return LeakCounts(
        n_test=len(leaks),
        n_twin=int(leaks["has_twin"].sum()),
        n_patient=int(leaks["has_patient"].sum()),
        n_either=int((leaks["has_twin"] | leaks["has_patient"]).sum()),
    )


def write_leaks(path: Path, leaks: Mapping[str, ProtocolLeaks]) -> None:
    """Write protocol -> counts as JSON; same counts, same bytes."""
    write_json(path, {name: counts.model_dump() for name, counts in leaks.items()})


def read_leaks(path: Path) -> dict[str, ProtocolLeaks]:
    """Read what `write_leaks` wrote; raises `ValueError` where it is something else."""
    file = {"file": {"protocols": read_json(path)}}
    return check_section("file", _File, file, str(path)).protocols


def read_pairs(path: Path, pseudonyms: "pd.Series[str]") -> pd.DataFrame:
    """The pairs of `audit_splits`, published by their pseudonyms, by slice ids again."""
    slice_id, pairs = pd.Series(pseudonyms.index, pseudonyms), pd.read_csv(path)
    names = {"slice_id": pairs["slice"].map(slice_id), "twin_id": pairs["twin"].map(slice_id)}
    return pairs.assign(**names)


def read_known(
    prepared: Path, twins: Path, split: Path, predictions: StudyPredictions
) -> dict[str, NDArray[np.bool_]]:
    """Protocol -> whether each test slice has a near-duplicate or its patient in training.

    The slices come in the order of the predictions.
    """
    index, pairs = read_index(prepared), read_twins(twins)
    is_known = {}
    for protocol, part in read_parts(split, list(predictions)).items():
        leaks = _find_leaks(index, part, pairs).set_index("slice_id")
        slice_ids = next(iter(predictions[protocol].values()))[0].slice_id
        either = leaks["has_twin"] | leaks["has_patient"]
        is_known[protocol] = either.loc[slice_ids].to_numpy(np.bool_)
    return is_known
