"""The test slices of each protocol, what of them is drawn as one (families), and a few of many."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hqcm.cohort.families import read_cohort
from hqcm.evaluation.bootstrap import Groups, number_groups
from hqcm.results.predictions import StudyPredictions
from hqcm.slices.stacks import Stack, read_stack


@dataclass(frozen=True)
class TestSlices:
    """The test slices of one protocol, in the order of its predictions.

    `stack` holds images, masks and labels; `groups` the family of each slice.
    """

    __test__ = False  # else pytest takes a class of this name for tests

    stack: Stack
    groups: Groups


def equal_steps(n: int, n_chosen: int) -> NDArray[np.int64]:
    """Positions at equal steps through `n`, first and last among them; all where no more are asked.

    Of a single one asked, the first.

    Shape:
        - returns: ``(min(n, n_chosen),)``, rising.
    """
    return np.linspace(0, n - 1, min(n, n_chosen)).round().astype(np.int64)


def read_test_slices(
    prepared: Path, duplicates: Path, predictions: StudyPredictions
) -> dict[str, TestSlices]:
    """Protocol -> its test slices, for what looks at pixels; raises like `read_test_groups`."""
    groups = read_test_groups(prepared, duplicates, predictions)
    return {
        protocol: TestSlices(read_stack(prepared, _slice_ids(predictions, protocol)), found)
        for protocol, found in groups.items()
    }


def read_slices(prepared: Path, duplicates: Path, slice_ids: list[str]) -> TestSlices:
    """Slices of one protocol by their ids; raises like `read_test_groups`."""
    stack = read_stack(prepared, slice_ids)
    family = read_cohort(prepared, duplicates).set_index("slice_id")["family"]
    return TestSlices(stack, number_groups(family.loc[slice_ids].to_numpy(str)))


def read_test_groups(
    prepared: Path, duplicates: Path, predictions: StudyPredictions
) -> dict[str, Groups]:
    """Protocol -> the family of each test slice alone, see `read_cohort`; no pixel is read.

    Raises:
        KeyError: the store lacks one of the slices.
        ValueError: a slice of the store is in no duplicate group.
    """
    family = read_cohort(prepared, duplicates).set_index("slice_id")["family"]
    found = {}
    for protocol in predictions:
        slice_ids = _slice_ids(predictions, protocol)
        missing = set(slice_ids) - set(family.index)
        if missing:
            raise KeyError(
                f"{prepared}: must hold all of {len(slice_ids)} slices; lacks {len(missing)}"
            )
        found[protocol] = number_groups(family.loc[slice_ids].to_numpy(str))
    return found


def _slice_ids(predictions: StudyPredictions, protocol: str) -> list[str]:
    """Every run of a protocol has the same ones."""
    return next(iter(predictions[protocol].values()))[0].slice_id.tolist()
