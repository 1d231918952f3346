"""95 % intervals by drawing groups of slices (patients) anew, with replacement.

A quantity is a function of how often each group counts. What it needs of the slices is summed
within each group once; a draw is then a row of weights, the data itself a row of ones.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.params import Section
from hqcm.evaluation.statistics import Size, estimate, estimate_difference, rounded
from hqcm.results.intervals import Estimate, Estimates, Interval, ProtocolEstimates
from hqcm.results.predictions import Predictions, StudyPredictions

Groups = NDArray[np.int64]
"""``(n,)``, the number of each slice's group, 0 to the number of groups - 1."""
Weights = NDArray[np.float64]
"""``(m, n_groups)``, how often each group counts; a row of ones is the data itself."""
Quantities = dict[str, NDArray[np.float64]]
"""Quantity -> ``(m,)``, its value under each row of weights, NaN where it is undefined."""

_BATCH = 250  # draws at a time: 250 x 1,137 weights are 2 MiB


class UncertaintyParams(Section):
    """Section `uncertainty`: 100 to 1,000,000 draws."""

    n_resamples: int = Field(ge=100, le=1_000_000)
    seed: int = Field(ge=0)


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


def divide(
    above: NDArray[Any], below: NDArray[Any], *, empty: float = np.nan
) -> NDArray[np.float64]:
    """Quotient; `empty` where nothing is counted below."""
    return np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)


@dataclass(frozen=True)
class Measure:
    """What is measured of one network, as a function of how often each group counts."""

    quantities: Callable[[Weights], Quantities]
    sizes: Mapping[str, Size]


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


def estimate_study(
    predictions: StudyPredictions,
    groups: Mapping[str, Groups],
    measure: Callable[[Sequence[Predictions], Groups], Measure],
    pair: tuple[str, str],
    params: UncertaintyParams,
) -> Estimates:
    """`estimate_protocol` of every protocol, whose test slices are in these `groups`.

    `measure` says what is measured of the runs of a network.
    """
    return {
        protocol: estimate_protocol(
            {name: measure(runs, groups[protocol]) for name, runs in variants.items()},
            pair,
            count_groups(groups[protocol]),
            params,
        )
        for protocol, variants in predictions.items()
    }


def estimate_protocol(
    measures: Mapping[str, Measure], pair: tuple[str, str], n_groups: int, params: UncertaintyParams
) -> ProtocolEstimates:
    """Every quantity of every network, and in the same draws the pair's first minus second.

    `measures`: variant -> what is measured of it, on test slices of `n_groups` groups.
    """
    each = {name: draw_measure(measure, n_groups, params) for name, measure in measures.items()}
    networks = {name: _estimate_network(drawn) for name, drawn in each.items()}
    first, second = pair
    differences = {
        name: estimate_difference(
            each[first].values[name] - each[second].values[name],
            each[first].draws[name] - each[second].draws[name],
            size,
            (networks[first].get(name), networks[second].get(name)),
        )
        for name, size in each[first].sizes.items()
    }
    return ProtocolEstimates(networks=networks, differences=_defined(differences))


@dataclass(frozen=True)
class _Drawn:
    """The quantities of one network in the data (`values`) and in every draw, by name."""

    sizes: Mapping[str, Size]
    values: dict[str, float]
    draws: dict[str, NDArray[np.float64]]  # each (n_resamples,), NaN where undefined

    def interval(self, name: str) -> Interval:
        """One quantity, defined in the data; without bounds where the draws give none."""
        found = estimate(self.values[name], self.draws[name], self.sizes[name])
        low, high = found.bounds if found else (None, None)
        return Interval(value=rounded(self.values[name]), low=low, high=high)


def draw_measure(measure: Measure, n_groups: int, params: UncertaintyParams) -> _Drawn:
    """Measure the data and every draw; measures of as many groups share their draws."""

    def stacked(weights: Weights) -> NDArray[np.float64]:
        found = measure.quantities(weights)
        return np.stack([found[name] for name in measure.sizes])

    values = stacked(np.ones((1, n_groups)))[:, 0].tolist()
    draws = draw_groups(stacked, n_groups, params)
    return _Drawn(
        measure.sizes,
        dict(zip(measure.sizes, values, strict=True)),
        dict(zip(measure.sizes, draws, strict=True)),
    )


def _estimate_network(drawn: _Drawn) -> dict[str, Estimate]:
    """The estimates of one network, those that are defined."""
    sizes = drawn.sizes.items()
    found = {name: estimate(drawn.values[name], drawn.draws[name], size) for name, size in sizes}
    return _defined(found)


def _defined(found: Mapping[str, Estimate | None]) -> dict[str, Estimate]:
    return {name: kept for name, kept in found.items() if kept is not None}


def draw_groups(
    statistic: Callable[[Weights], NDArray[np.float64]], n_groups: int, params: UncertaintyParams
) -> NDArray[np.float64]:
    """The values of a statistic over resamples of whole groups.

    Shape:
        - statistic: ``(m, n_groups)`` weights -> ``(k, m)``.
        - returns: ``(k, n_resamples)``; the same draws for the same `n_groups` and params.

    Source:
        `scipy.stats.bootstrap`, handed the groups' numbers; cluster bootstrap as in Field and
        Welsh, Bootstrapping clustered data, J. R. Stat. Soc. B 69 (2007).
    """
    from scipy import stats  # noqa: PLC0415  (slow to load; the report needs the params only)

    def of_groups(groups: NDArray[np.int64], axis: int) -> NDArray[np.float64]:
        weights = _count_draws(np.atleast_2d(np.moveaxis(groups, axis, -1)), n_groups)
        found = statistic(weights)
        return found if groups.ndim > 1 else found[:, 0]

    if n_groups == 1:  # which scipy refuses; one group is drawn again and again
        return np.repeat(statistic(np.ones((1, 1))), params.n_resamples, axis=1)
    with warnings.catch_warnings():
        # scipy's own interval is undefined where one draw is; ours leaves that draw out.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        drawn: Any = stats.bootstrap(
            (np.arange(n_groups),),
            of_groups,
            n_resamples=params.n_resamples,
            batch=_BATCH,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(params.seed),
        )
    return drawn.bootstrap_distribution


def _count_draws(groups: NDArray[np.int64], n_groups: int) -> Weights:
    """How often each group stands in each row: ``(m, n_draws)`` to ``(m, n_groups)``."""
    row = np.arange(len(groups))[:, None] * n_groups
    counts = np.bincount((row + groups).ravel(), minlength=len(groups) * n_groups)
    return counts.reshape(len(groups), n_groups).astype(np.float64)
