"""What the thresholded attention maps cover, subset by subset."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.contracts.stacks import Stack
from hqcm.evaluation.overlap import Overlap, threshold_name


def subsets(labels: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    """Which slices belong to each subset."""
    classes = {name: labels == label for label, name in enumerate(CLASS_NAMES)}
    return {"all": np.full(labels.shape, fill_value=True), "tumour": labels != HEALTHY, **classes}


def with_tumour(stack: Stack) -> NDArray[np.bool_]:
    """The slices of Table 2: a tumour by label, and a mask that is not empty."""
    return subsets(stack.labels)["tumour"] & stack.masks.any(axis=(1, 2))


def tabulate_overlap(
    measured: Mapping[str, Overlap], stack: Stack, thresholds: Sequence[float]
) -> list[dict[str, Any]]:
    """A row a subset of the slices (all, tumour, each class), threshold and variant.

    `mean_jaccard` is over the `n_jaccard` slices where it is defined; `activated_fraction` is
    the mean fraction of pixels and `activated_share` the share of the `n_slices` slices with
    any pixel at or above the threshold: on healthy slices, the false activation.
    """
    return [
        {
            "subset": subset,
            "threshold": threshold_name(threshold),
            "variant": variant,
            **_summarise(overlap, member, t),
        }
        for subset, member in subsets(stack.labels).items()
        for t, threshold in enumerate(thresholds)
        for variant, overlap in measured.items()
    ]


def _summarise(overlap: Overlap, member: NDArray[np.bool_], t: int) -> dict[str, Any]:
    jaccard = overlap.jaccard[member, t]
    return {
        "mean_jaccard": _mean(jaccard[~np.isnan(jaccard)]),
        "n_jaccard": np.count_nonzero(~np.isnan(jaccard)),
        "activated_fraction": _mean(overlap.activated[member, t]),
        "activated_share": _mean(overlap.is_active[member, t]),
        "n_slices": len(jaccard),
    }


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None
