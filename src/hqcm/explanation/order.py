"""In which order the pixels of a slice are deleted or inserted."""

import numpy as np
from numpy.typing import NDArray

from hqcm.evaluation.upsampling import upsample

Ranks = NDArray[np.int32]
"""``(n, size * size)``, row by row: 0 is the pixel that comes first."""


def rank_pixels(maps: NDArray[np.floating], noise: NDArray[np.float64]) -> Ranks:
    """By falling value; among equal ones by falling noise, then row by row.

    So a map without any difference is as good as the random one, and no better.

    Shape:
        - maps, noise: ``(n, size, size)``.
    """
    return np.stack([_rank(*each) for each in zip(maps, noise, strict=True)])


def draw_noise(n: int, cells: int, size: int, seed: int) -> NDArray[np.float64]:
    """Random maps as coarse as the attention maps: lone pixels would be another experiment.

    Shape:
        - returns: ``(n, size, size)``, [0, 1].
    """
    return upsample(np.random.default_rng(seed).random((n, cells, cells)), size)


def _rank(values: NDArray[np.floating], noise: NDArray[np.float64]) -> Ranks:
    order = np.lexsort((-noise.ravel(), -values.ravel()))  # the last key counts first; stable
    ranks = np.empty(order.shape, np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks
