"""Attention maps at the resolution of the masks, as the loss sees them."""

import numpy as np
from numpy.typing import NDArray


def upsample(maps: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    r"""Bilinear, pixel centres aligned, edges held: :math:`W M W^\top`.

    What ``torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`` does,
    without torch.

    Shape:
        - maps: ``(..., cells, cells)``.
        - returns: ``(..., size, size)``, within the range of each map.
    """
    weights = interpolation_weights(maps.shape[-1], size)
    enlarged: NDArray[np.float64] = weights @ maps.astype(np.float64) @ weights.T
    return enlarged


def interpolation_weights(cells: int, size: int) -> NDArray[np.float64]:
    """Row i holds the weights that pixel i gives to each cell; a row sums to 1.

    Shape:
        - returns: ``(size, cells)``.
    """
    centre = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    lower = np.floor(centre).astype(int)
    upper = np.minimum(lower + 1, cells - 1)
    weights = np.zeros((size, cells))
    np.add.at(weights, (np.arange(size), lower), 1 - (centre - lower))
    np.add.at(weights, (np.arange(size), upper), centre - lower)
    return weights


def stretch(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each map min-max scaled to [0, 1]; a constant map, where nothing stands out, becomes 0.

    Shape:
        - maps: ``(..., rows, cols)``.
    """
    lowest = maps.min(axis=(-2, -1), keepdims=True)
    span = maps.max(axis=(-2, -1), keepdims=True) - lowest
    return np.divide(maps - lowest, span, out=np.zeros_like(maps), where=span > 0)
