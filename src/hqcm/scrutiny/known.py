"""Known: test slices whose picture or whose patient is in training."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.duplicates import read_twins
from hqcm.contracts.predictions import StudyPredictions
from hqcm.contracts.slices import read_index
from hqcm.scrutiny.leaks import find_leaks, read_parts

Known = NDArray[np.bool_]
"""``(n,)``, whether training knows each test slice."""


def read_known(
    prepared: Path, twins: Path, split: Path, predictions: StudyPredictions
) -> dict[str, Known]:
    """Protocol -> whether each test slice has a near-duplicate or its patient in training.

    Args:
        prepared: the store of prepared slices.
        twins: the pairs of near-duplicates.
        split: the folder of splits, a file for each protocol.
        predictions: protocol -> variant -> runs; the slices come in their order.
    """
    index, pairs = read_index(prepared), read_twins(twins)
    found = {}
    for protocol, part in read_parts(split, list(predictions)).items():
        leaks = find_leaks(index, part, pairs).set_index("slice_id")
        is_known = leaks["has_twin"] | leaks["has_patient"]
        slice_ids = next(iter(predictions[protocol].values()))[0].slice_id
        found[protocol] = is_known.loc[slice_ids].to_numpy(np.bool_)
    return found
