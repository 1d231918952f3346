"""Families of slices, each whole, over parts whose classes shall have given shares."""

import numpy as np
from numpy.typing import NDArray

_Counts = NDArray[np.int64]
_Reals = NDArray[np.float64]
_ROUNDING = 1e-9  # of the imbalance; a smaller gain is none


def assign_families(
    counts: _Counts, fractions: _Reals, generator: np.random.Generator
) -> NDArray[np.int64]:
    """A part for each family, so that the imbalance is small and no part is empty.

    The imbalance is chi-square like: squared deviations from the slices wanted of each class in
    each part, over the wanted. The largest families choose first; then families move or change
    places in pairs as long as that lowers the imbalance.

    Shape:
        - counts: ``(families, classes)``, slices.
        - fractions: ``(parts,)``, their sum 1.
        - returns: ``(families,)``, positions in `fractions`.

    Raises:
        ValueError: there are fewer families than parts.
    """
    if len(counts) < len(fractions):
        raise ValueError(
            f"every part must get a family or more (patients joined by shared slices); "
            f"got {len(counts)} families for {len(fractions)} parts"
        )
    wanted = np.outer(fractions, counts.sum(axis=0))
    weight = 1 / np.where(wanted > 0, wanted, 1)
    part = _place(counts, wanted, weight, generator)
    while _improve(part, counts, wanted, weight):
        pass
    return part


def _place(
    counts: _Counts, wanted: _Reals, weight: _Reals, generator: np.random.Generator
) -> NDArray[np.int64]:
    shuffled = generator.permutation(len(counts))
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    surplus, n_families = -wanted, np.zeros(len(wanted), np.int64)
    part = np.zeros(len(counts), np.int64)
    for n_placed, family in enumerate(order):
        cost = _cost(counts[family], surplus, weight)
        is_empty = n_families == 0
        if is_empty.sum() == len(counts) - n_placed:  # the last ones fill what is empty
            cost[~is_empty] = np.inf
        part[family] = cost.argmin()
        surplus[part[family]] += counts[family]
        n_families[part[family]] += 1
    return part


def _improve(part: NDArray[np.int64], counts: _Counts, wanted: _Reals, weight: _Reals) -> bool:
    """Make the best change there is, in place; a move is an exchange with nobody."""
    kinds, first = np.unique(np.column_stack([part, counts]), axis=0, return_index=True)
    n_parts, nobody = len(wanted), np.zeros_like(counts[:1])
    home = np.concatenate([kinds[:, 0], np.arange(n_parts)])
    slices = np.concatenate([kinds[:, 1:], nobody.repeat(n_parts, axis=0)])
    surplus = np.stack([counts[part == k].sum(axis=0) for k in range(n_parts)]) - wanted
    gained = slices[None, :] - slices[:, None]  # by the home of the row
    change = _cost(gained, surplus[home][:, None], weight[home][:, None])
    change = change + change.T
    change[home[:, None] == home] = 0
    is_nobody = np.arange(len(home)) >= len(kinds)
    is_last = (np.bincount(part, minlength=n_parts)[home] == 1) & ~is_nobody
    would_empty = is_last[:, None] & is_nobody
    change[would_empty | would_empty.T] = 0
    one, other = np.unravel_index(change.argmin(), change.shape)
    if change[one, other] > -_ROUNDING:
        return False
    for kind, new in ((one, home[other]), (other, home[one])):
        if kind < len(kinds):
            part[first[kind]] = new
    return True


def _cost(gained: _Counts, surplus: _Reals, weight: _Reals) -> _Reals:
    """How much the imbalance grows where some slices of each class arrive (or, below 0, leave)."""
    return (weight * (gained**2 + 2 * gained * surplus)).sum(axis=-1)
