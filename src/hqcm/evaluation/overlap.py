"""Attention maps against tumour masks: enlarged, thresholded, slice by slice and by subset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.contracts.params import Section
from hqcm.evaluation.bootstrap import divide
from hqcm.slices.stacks import Stack

AttentionScale = Literal["raw", "minmax"]
SCALES: tuple[AttentionScale, ...] = get_args(AttentionScale)
_EmptyMask = Literal["skip", "one", "zero"]
_EMPTY_VALUE: dict[_EmptyMask, float] = {"skip": np.nan, "one": 1.0, "zero": 0.0}
_BLOCK = 64  # slices at a time: 8 MiB of enlarged maps


class LocaliseParams(Section):
    """Section `localise`."""

    thresholds: list[float] = Field(min_length=1)
    attention_scale: AttentionScale
    empty_mask: _EmptyMask

    @field_validator("thresholds")
    @classmethod
    def _check_thresholds(cls, thresholds: list[float]) -> list[float]:
        names = {threshold_name(t) for t in thresholds}
        if len(names) < len(thresholds) or not all(0 < t <= 1 for t in thresholds):
            raise ValueError("must be in (0, 1] and differ in the first two decimals")
        return thresholds


def threshold_name(threshold: float) -> str:
    """How a threshold is written in files and tables."""
    return f"{threshold:.2f}"


@dataclass(frozen=True)
class Overlap:
    """What the thresholded maps of one network cover.

    Shape:
        - jaccard: ``(n, n_thresholds)``, [0, 1]; NaN where there is no mask, or where map and
          mask are both empty and such slices are skipped.
        - activated: ``(n, n_thresholds)``, fraction of the image's pixels, [0, 1].
        - is_active: ``(n, n_thresholds)``, 1 where any pixel is, else 0; a mean over seeds.
    """

    jaccard: NDArray[np.float64]
    activated: NDArray[np.float64]
    is_active: NDArray[np.float64]


def measure_overlap(
    attention: NDArray[np.float32],
    stack: Stack,
    thresholds: Sequence[float],
    scale: AttentionScale,
    empty_mask: _EmptyMask,
) -> Overlap:
    r"""Jaccard index :math:`|A_\tau \cap M| / |A_\tau \cup M|` of every slice and threshold.

    :math:`A_\tau` holds the pixels of the enlarged map that are at least :math:`\tau`.

    Shape:
        - attention: ``(n, cells, cells)``, [0, 1].

    Source:
        Section 4.6; it does not say whether a pixel equal to the threshold counts.
    """
    size = stack.masks.shape[-1]
    blocks = [
        _measure_block(
            display_map(attention[start : start + _BLOCK], size, scale),
            stack.masks[start : start + _BLOCK],
            thresholds,
        )
        for start in range(0, len(attention), _BLOCK)
    ]
    common, either, activated = (np.concatenate(part) for part in zip(*blocks, strict=True))
    jaccard = divide(common, either, empty=_EMPTY_VALUE[empty_mask])
    jaccard[~stack.has_mask] = np.nan
    return Overlap(jaccard, activated, (activated > 0).astype(np.float64))


def _measure_block(
    maps: NDArray[np.float64], masks: NDArray[np.bool_], thresholds: Sequence[float]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Common pixels, pixels of either and activated fraction, each ``(n, n_thresholds)``."""
    active = [maps >= threshold for threshold in thresholds]
    common = [np.count_nonzero(a & masks, axis=(1, 2)) for a in active]
    either = [np.count_nonzero(a | masks, axis=(1, 2)) for a in active]
    activated = [a.mean(axis=(1, 2)) for a in active]
    return np.stack(common, 1), np.stack(either, 1), np.stack(activated, 1)


def display_map(
    attention: NDArray[np.float32], size: int, scale: AttentionScale
) -> NDArray[np.float64]:
    """The maps as they are compared with the masks: enlarged, then stretched if so chosen."""
    maps = upsample(attention, size)
    return _stretch(maps) if scale == "minmax" else maps


def upsample(maps: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    r"""Bilinear, pixel centres aligned, edges held: :math:`W M W^\top`.

    What ``torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`` does,
    without torch.

    Shape:
        - maps: ``(..., cells, cells)``.
        - returns: ``(..., size, size)``, within the range of each map.
    """
    weights = _interpolation_weights(maps.shape[-1], size)
    return weights @ maps.astype(np.float64) @ weights.T


def _interpolation_weights(cells: int, size: int) -> NDArray[np.float64]:
    """``(size, cells)``: row i holds the weights that pixel i gives to each cell, in all 1."""
    centre = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    lower = np.floor(centre).astype(int)
    upper = np.minimum(lower + 1, cells - 1)
    weights = np.zeros((size, cells))
    np.add.at(weights, (np.arange(size), lower), 1 - (centre - lower))
    np.add.at(weights, (np.arange(size), upper), centre - lower)
    return weights


def _stretch(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each map min-max scaled to [0, 1]; a constant map, where nothing stands out, becomes 0."""
    lowest = maps.min(axis=(-2, -1), keepdims=True)
    span = maps.max(axis=(-2, -1), keepdims=True) - lowest
    return divide(maps - lowest, span, empty=0.0)


def _subsets(labels: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    """Which slices belong to each subset."""
    classes = {name: labels == label for label, name in enumerate(CLASS_NAMES)}
    return {"all": np.full(labels.shape, fill_value=True), "tumour": labels != HEALTHY, **classes}


def with_tumour(stack: Stack) -> NDArray[np.bool_]:
    """The slices of Table 2: a tumour by label, and a mask that is not empty."""
    return _subsets(stack.labels)["tumour"] & stack.masks.any(axis=(1, 2))


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
        for subset, member in _subsets(stack.labels).items()
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
