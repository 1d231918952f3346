"""What belongs together: twins of twins are a duplicate group, patients who share one a family."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cohort.duplicates import read_duplicates
from hqcm.slices.store import read_index


def read_cohort(prepared: Path, duplicates: Path) -> pd.DataFrame:
    """The prepared store's index and, in the column ``family``, what `_name_families` says."""
    index = read_index(prepared)
    return index.assign(family=_name_families(index, read_duplicates(duplicates)))


def _name_families(index: pd.DataFrame, duplicates: pd.DataFrame) -> "pd.Series[str]":
    """The family of each slice, in the order of the index: what patients and pictures join.

    Two test slices are of one family also where only slices of other parts join them. A family
    bears the name of its first patient (file where none is known): without near-duplicates it
    is the patient, and draws of families are those of patients.
    """
    return index["group_id"].groupby(find_families(index, duplicates)).transform("min")


def find_families(index: pd.DataFrame, duplicates: pd.DataFrame) -> NDArray[np.int64]:
    """Number slices so that neither a patient nor a duplicate group is in two families.

    Args:
        index: a store's, with ``slice_id`` and ``group_id``.
        duplicates: the duplicate group of each of its slices, in any order.

    Raises:
        ValueError: a slice is in no duplicate group.
    """
    group_of = duplicates.set_index("slice_id")["duplicate_group"]
    missing = index.loc[~index["slice_id"].isin(group_of.index), "slice_id"]
    if len(missing):
        raise ValueError(
            f"every slice must be in a duplicate group; got none for "
            f"{len(missing)} of {len(index)} slices: run `dvc repro`, which fingerprints them"
        )
    patient, patients = pd.factorize(index["group_id"])
    copied, copies = pd.factorize(index["slice_id"].map(group_of))
    return _components(patient, len(patients) + copied, len(patients) + len(copies))[patient]


def group_duplicates(slice_ids: Sequence[str], twins: pd.DataFrame) -> pd.DataFrame:
    """The duplicate group of every slice, named after its first; see `hqcm.cohort.duplicates`."""
    place = pd.Index(slice_ids)
    one, other = (place.get_indexer(pd.Index(twins[name])) for name in ("slice_id", "twin_id"))
    group = _components(one, other, len(place))
    first = np.unique(group, return_index=True)[1]
    return pd.DataFrame({"slice_id": place, "duplicate_group": place[first[group]]})


def _components(
    one: NDArray[np.int64], other: NDArray[np.int64], n_nodes: int
) -> NDArray[np.int64]:
    """The connected component of each node of a graph with these edges."""
    from scipy.sparse import coo_array  # noqa: PLC0415  (slow to load; most stages of a cohort
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  need none of it)

    edges = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(n_nodes, n_nodes))
    return connected_components(edges, directed=False)[1].astype(np.int64)
