"""The test slices of each protocol, by what is drawn as one: families."""

from pathlib import Path

from hqcm.cohort.families import read_cohort
from hqcm.evaluation.bootstrap import Groups, number_groups
from hqcm.results.predictions import StudyPredictions


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
