"""Attention maps against tumour masks, slice by slice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from hqcm.contracts.params import Section
from hqcm.contracts.predictions import StudyPredictions
from hqcm.contracts.stacks import Stack, read_stack
from hqcm.evaluation.upsampling import stretch, upsample

AttentionScale = Literal["raw", "minmax"]
SCALES: tuple[AttentionScale, ...] = get_args(AttentionScale)
EmptyMask = Literal["skip", "one", "zero"]
EMPTY_VALUE: dict[EmptyMask, float] = {"skip": np.nan, "one": 1.0, "zero": 0.0}
_BLOCK = 64  # slices at a time: 8 MiB of enlarged maps


class LocaliseParams(Section):
    """Section `localise`."""

    thresholds: list[float] = Field(min_length=1)
    attention_scale: AttentionScale
    empty_mask: EmptyMask

    @field_validator("thresholds")
    @classmethod
    def _check_thresholds(cls, thresholds: list[float]) -> list[float]:
        if len({threshold_name(t) for t in thresholds}) < len(thresholds) or not all(
            0 < t <= 1 for t in thresholds
        ):
            raise ValueError("must be in (0, 1] and differ in the first two decimals")
        return thresholds


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


def threshold_name(threshold: float) -> str:
    """How a threshold is written in files and tables."""
    return f"{threshold:.2f}"


def read_test_stacks(prepared: Path, predictions: StudyPredictions) -> dict[str, Stack]:
    """Images and masks of each protocol's test slices, in the order of its predictions."""
    return {
        protocol: read_stack(prepared, next(iter(variants.values()))[0].slice_id.tolist())
        for protocol, variants in predictions.items()
    }


def measure_overlap(
    attention: NDArray[np.float32],
    stack: Stack,
    thresholds: Sequence[float],
    scale: AttentionScale,
    empty_mask: EmptyMask,
) -> Overlap:
    r"""Jaccard index :math:`|A_\tau \cap M| / |A_\tau \cup M|` of every slice and threshold.

    :math:`A_\tau` holds the pixels of the enlarged map that are at least :math:`\tau`.

    Shape:
        - attention: ``(n, cells, cells)``, [0, 1].

    Source:
        Section 4.6; it does not say whether a pixel equal to the threshold counts.
    """
    blocks = [
        _measure_block(maps, masks, thresholds) for maps, masks in _blocks(attention, stack, scale)
    ]
    common, either, activated = (np.concatenate(part) for part in zip(*blocks, strict=True))
    with_area = either > 0
    jaccard = np.full(common.shape, EMPTY_VALUE[empty_mask])
    np.divide(common, either, out=jaccard, where=with_area)
    jaccard[~stack.has_mask] = np.nan
    return Overlap(jaccard, activated, (activated > 0).astype(np.float64))


def display_map(
    attention: NDArray[np.float32], size: int, scale: AttentionScale
) -> NDArray[np.float64]:
    """The maps as they are compared with the masks: enlarged, then stretched if so chosen."""
    maps = upsample(attention, size)
    return stretch(maps) if scale == "minmax" else maps


def _blocks(
    attention: NDArray[np.float32], stack: Stack, scale: AttentionScale
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    for start in range(0, len(attention), _BLOCK):
        block = slice(start, start + _BLOCK)
        yield display_map(attention[block], stack.masks.shape[-1], scale), stack.masks[block]


def _measure_block(
    maps: NDArray[np.float64], masks: NDArray[np.bool_], thresholds: Sequence[float]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Common pixels, pixels of either and activated fraction, each ``(n, n_thresholds)``."""
    active = [maps >= threshold for threshold in thresholds]
    common = [np.count_nonzero(a & masks, axis=(1, 2)) for a in active]
    either = [np.count_nonzero(a | masks, axis=(1, 2)) for a in active]
    activated = [a.mean(axis=(1, 2)) for a in active]
    return np.stack(common, 1), np.stack(either, 1), np.stack(activated, 1)
