"""Which slices count as one patient: patients joined by the near-duplicates that they share."""

from pathlib import Path

import pandas as pd

from hqcm.contracts.duplicates import read_duplicates
from hqcm.contracts.predictions import StudyPredictions
from hqcm.contracts.slices import read_index
from hqcm.evaluation.groups import Groups, number_groups


def read_test_groups(
    prepared: Path, duplicates: Path, predictions: StudyPredictions
) -> dict[str, Groups]:
    """Each protocol's test slices by family, see `name_families`.

    Raises:
        KeyError: the store lacks one of the slices.
        ValueError: a slice of the store is in no duplicate group.
    """
    family = read_cohort(prepared, duplicates).set_index("slice_id")["family"]
    found = {}
    for protocol, variants in predictions.items():
        slice_ids = next(iter(variants.values()))[0].slice_id
        missing = set(slice_ids) - set(family.index)
        if missing:
            raise KeyError(f"{prepared}: holds no slice {min(missing)!r}")
        found[protocol] = number_groups(family.loc[slice_ids].to_numpy(str))
    return found


def read_cohort(prepared: Path, duplicates: Path) -> pd.DataFrame:
    """The prepared store's index and, in the column ``family``, what `name_families` says."""
    index = read_index(prepared)
    return index.assign(family=name_families(index, read_duplicates(duplicates)))


def name_families(index: pd.DataFrame, duplicates: pd.DataFrame) -> "pd.Series[str]":
    """The family of each slice, in the order of the index: what patients and pictures join.

    Two test slices are of one family also where only slices of other parts join them. A family
    bears the name of its first patient (file where none is known): without near-duplicates it
    is the patient, and draws of families are those of patients.

    Args:
        index: the prepared store's.
        duplicates: the duplicate group of each of its slices.

    Raises:
        ValueError: a slice is in no duplicate group.
    """
    from hqcm.preparation.grouping import find_families  # noqa: PLC0415  (slow: SciPy's graphs)

    return index["group_id"].groupby(find_families(index, duplicates)).transform("min")
