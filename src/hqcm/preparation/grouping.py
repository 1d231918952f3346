"""What belongs together: twins of twins, and patients who share a picture."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def group_duplicates(slice_ids: Sequence[str], twins: pd.DataFrame) -> pd.DataFrame:
    """The duplicate group of every slice, named after its first; see `contracts.duplicates`."""
    place = pd.Index(slice_ids)
    one, other = (place.get_indexer(pd.Index(twins[name])) for name in ("slice_id", "twin_id"))
    group = _components(one, other, len(place))
    first = np.unique(group, return_index=True)[1]
    return pd.DataFrame({"slice_id": place, "duplicate_group": place[first[group]]})


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
            f"slice {missing.iloc[0]} must be in a duplicate group; got none, and none for "
            f"{len(missing)} of {len(index)} slices: run `dvc repro`, which fingerprints them"
        )
    patient, patients = pd.factorize(index["group_id"])
    copied, copies = pd.factorize(index["slice_id"].map(group_of))
    return _components(patient, len(patients) + copied, len(patients) + len(copies))[patient]


def _components(
    one: NDArray[np.int64], other: NDArray[np.int64], n_nodes: int
) -> NDArray[np.int64]:
    """The connected component of each node of a graph with these edges."""
    edges = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(n_nodes, n_nodes))
    return connected_components(edges, directed=False)[1].astype(np.int64)
