"""From the draws of a quantity to its estimate, also where every draw is the same."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.estimates import Estimate
from hqcm.evaluation.statistics import CONFIDENCE, wilson_interval

MAX_UNDEFINED = 0.1  # e^-2, more, is the share of draws without either of two groups; e^-3 of three
DIGITS = 6  # kept; the last ones of a matrix product depend on the machine


class Size(NamedTuple):
    """What stands behind a quantity: slices, and groups they belong to."""

    n: int
    n_groups: int


def estimate(value: float, drawn: NDArray[np.float64], size: Size) -> Estimate | None:
    """The percentile interval of a quantity; None where there is none.

    Where every draw is 0, or every draw 1, the draws know nothing of patients not seen: then
    the interval is Wilson's, with as many trials as there are groups.

    Args:
        value: the quantity in the data.
        drawn: ``(n_resamples,)``, its values in the draws, NaN where undefined.
        size: what stands behind it.
    """
    found = _percentile_interval(value, drawn, size)
    if found is None or found.low < found.high or found.value not in {0, 1}:
        return found
    return _with_bounds(found, *wilson_interval(found.value, size.n_groups))


def estimate_difference(
    value: float,
    drawn: NDArray[np.float64],
    size: Size,
    pair: tuple[Estimate | None, Estimate | None],
) -> Estimate | None:
    """As `estimate`, for first minus second.

    Where no draw tells the two apart, the bounds follow from theirs (`pair`), as if the two
    were independent.

    Source:
        Newcombe, Interval estimation for the difference between independent proportions,
        Stat. Med. 17 (1998), method 10.
    """
    found = _percentile_interval(value, drawn, size)
    first, second = pair
    if found is None or first is None or second is None or found.low < found.high:
        return found
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return _with_bounds(found, value - below, value + above)


def _percentile_interval(value: float, drawn: NDArray[np.float64], size: Size) -> Estimate | None:
    """None where the data do not define the quantity or it comes from a single group.

    And where more than a tenth of the draws leave it undefined; other such draws are left out.
    """
    if size.n_groups == 1 or np.isnan(value) or np.isnan(drawn).mean() > MAX_UNDEFINED:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Estimate(value=rounded(value), low=rounded(low), high=rounded(high), **size._asdict())


def _with_bounds(found: Estimate, low: float, high: float) -> Estimate:
    return found.model_copy(update={"low": rounded(low), "high": rounded(high)})


def rounded(value: float) -> float:
    """As it is kept, never -0.0."""
    return round(float(value), DIGITS) + 0.0
