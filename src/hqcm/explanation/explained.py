"""What the stage `explain` leaves of the compared pair."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.estimates import Estimates
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_protocol
from hqcm.evaluation.groups import Groups, count_groups
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.explanation.traced import Traced, measure_explanation, tabulate_curves


class SlicesTested(NamedTuple):
    """The test slices of a protocol and the group of each."""

    protocol: str
    stack: Stack
    groups: Groups


class Explained(NamedTuple):
    """Areas and Jaccard indices, curves, and variant -> a Grad-CAM for each of the slices."""

    intervals: Estimates
    curves: pd.DataFrame
    slice_ids: Sequence[str]
    grad_cams: dict[str, NDArray[np.float32]]


def summarise(
    tested: SlicesTested,
    traced: Mapping[str, Traced],
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> Explained:
    """Means over the slices with a tumour, with intervals over patients.

    Args:
        tested: the slices that were looked at.
        traced: the hybrid network, then the classical one.
        localise: section `localise`.
        uncertainty: section `uncertainty`.
    """
    measures = {
        name: measure_explanation(each, tested.stack, tested.groups, localise)
        for name, each in traced.items()
    }
    first, second = traced
    found = estimate_protocol(measures, (first, second), count_groups(tested.groups), uncertainty)
    return Explained(
        intervals={tested.protocol: found},
        curves=tabulate_curves(traced),
        slice_ids=tested.stack.slice_id,
        grad_cams={name: each.maps["grad_cam"] for name, each in traced.items()},
    )
