"""95 % intervals by drawing groups of slices (patients) anew, with replacement."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.estimates import Estimate, ProtocolEstimates
from hqcm.contracts.params import Section
from hqcm.evaluation.intervals import Size, estimate, estimate_difference

Weights = NDArray[np.float64]
"""``(m, n_groups)``, how often each group counts; a row of ones is the data itself."""
Quantities = dict[str, NDArray[np.float64]]
"""Quantity -> ``(m,)``, its value under each row of weights, NaN where it is undefined."""

_BATCH = 250  # draws at a time: 250 x 1,137 weights are 2 MiB


class UncertaintyParams(Section):
    """Section `uncertainty`."""

    n_resamples: int = Field(ge=100)
    seed: int = Field(ge=0)


@dataclass(frozen=True)
class Measure:
    """What is measured of one network, as a function of how often each group counts."""

    quantities: Callable[[Weights], Quantities]
    sizes: Mapping[str, Size]


def estimate_protocol(
    measures: Mapping[str, Measure],
    pair: tuple[str, str],
    n_groups: int,
    params: UncertaintyParams,
) -> ProtocolEstimates:
    """Every quantity of every network, and the differences of the pair in the same draws.

    Args:
        measures: variant -> what is measured of it.
        pair: the two variants whose differences are taken, first minus second.
        n_groups: groups of the test slices.
        params: section `uncertainty`.
    """
    each = {name: draw_measure(measure, n_groups, params) for name, measure in measures.items()}
    networks = {name: estimate_network(drawn) for name, drawn in each.items()}
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
class Drawn:
    """The quantities of one network in the data (`values`) and in every draw, by name.

    Shape:
        - draws: ``(n_resamples,)`` each, NaN where undefined.
    """

    sizes: Mapping[str, Size]
    values: dict[str, float]
    draws: dict[str, NDArray[np.float64]]


def draw_measure(measure: Measure, n_groups: int, params: UncertaintyParams) -> Drawn:
    """Measure the data and every draw; measures of as many groups share their draws."""

    def stacked(weights: Weights) -> NDArray[np.float64]:
        found = measure.quantities(weights)
        return np.stack([found[name] for name in measure.sizes])

    values = stacked(np.ones((1, n_groups)))[:, 0].tolist()
    draws = draw_groups(stacked, n_groups, params)
    return Drawn(
        measure.sizes,
        dict(zip(measure.sizes, values, strict=True)),
        dict(zip(measure.sizes, draws, strict=True)),
    )


def estimate_network(drawn: Drawn) -> dict[str, Estimate]:
    """The estimates of one network, those that are defined."""
    return _defined(
        {
            name: estimate(drawn.values[name], drawn.draws[name], size)
            for name, size in drawn.sizes.items()
        }
    )


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
        weights = count_draws(np.atleast_2d(np.moveaxis(groups, axis, -1)), n_groups)
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
    found: NDArray[np.float64] = drawn.bootstrap_distribution
    return found


def count_draws(groups: NDArray[np.int64], n_groups: int) -> Weights:
    """How often each group stands in each row.

    Shape:
        - groups: ``(m, n_draws)``, 0 to n_groups - 1.
        - returns: ``(m, n_groups)``.
    """
    row = np.arange(len(groups))[:, None] * n_groups
    counts = np.bincount((row + groups).ravel(), minlength=len(groups) * n_groups)
    return counts.reshape(len(groups), n_groups).astype(np.float64)
