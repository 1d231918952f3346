"""Groups of slices: their sums, and means whose groups can be drawn anew."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hqcm.evaluation.bootstrap import Measure, Quantities, Weights
from hqcm.evaluation.intervals import Size

Groups = NDArray[np.int64]
"""``(n,)``, the number of each slice's group, 0 to the number of groups - 1."""


def number_groups(group_id: NDArray[np.str_]) -> Groups:
    """Numbers in the order of the names."""
    return np.unique(group_id, return_inverse=True)[1].astype(np.int64)


def count_groups(groups: Groups) -> int:
    """How many there are."""
    return int(groups.max()) + 1


def size_of(member: NDArray[np.bool_], groups: Groups) -> Size:
    """Slices of a subset, and groups that have any."""
    return Size(int(np.count_nonzero(member)), len(np.unique(groups[member])))


def sum_groups(values: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Sum over the slices of each group.

    Shape:
        - values: ``(n, ...)``.
        - returns: ``(n_groups, ...)``.
    """
    sums = np.zeros((count_groups(groups), *values.shape[1:]))
    np.add.at(sums, groups, values)
    return sums


def measure_means(values: Mapping[str, NDArray[np.float64]], groups: Groups) -> Measure:
    """The mean of each quantity over the slices that have one.

    Args:
        values: quantity -> ``(n,)``, NaN where a slice has none.
        groups: the group of each slice.
    """
    table = np.stack([*values.values()], axis=1)
    is_defined = ~np.isnan(table)
    totals = sum_groups(np.nan_to_num(table), groups)
    counts = sum_groups(is_defined.astype(np.float64), groups)

    def quantities(weights: Weights) -> Quantities:
        means = divide(weights @ totals, weights @ counts)
        return dict(zip(values, means.T, strict=True))

    sizes = [size_of(member, groups) for member in is_defined.T]
    return Measure(quantities, dict(zip(values, sizes, strict=True)))


def divide(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quotient, NaN where nothing is counted below."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
