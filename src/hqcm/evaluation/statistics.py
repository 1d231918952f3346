"""From draws of a quantity to its estimate, intervals of shares, and paired tests."""

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.results.intervals import Estimate, Interval

CONFIDENCE = 0.95
MAX_UNDEFINED = 0.1  # e^-2, more, is the share of draws without either of two groups; e^-3 of three
_DIGITS = 6  # kept; the last ones of a matrix product depend on the machine


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
    return round(float(value), _DIGITS) + 0.0


def round_interval(found: Interval) -> Interval:
    """Value and bounds as they are kept."""
    low, high = (None if end is None else rounded(end) for end in (found.low, found.high))
    return Interval(value=rounded(found.value), low=low, high=high)


def wilson_interval(fraction: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion, inside [0, 1] even at 0 and 1.

    Raises:
        ValueError: the fraction is outside [0, 1] or nothing was counted.
    """
    if not 0 <= fraction <= 1 or n < 1:
        raise ValueError(f"fraction must be in [0, 1] and n at least 1; got {fraction} of {n}")
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    centre = fraction + z**2 / (2 * n)
    spread = z * float(np.sqrt(fraction * (1 - fraction) / n + z**2 / (4 * n**2)))
    scale = 1 + z**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def wilcoxon_signed_rank(first: NDArray[np.float64], second: NDArray[np.float64]) -> dict[str, Any]:
    r"""Two-sided Wilcoxon test of ``first - second``; pairs that tie are left out of the ranks.

    `statistic` is the smaller of the rank sums :math:`W_+` and :math:`W_-`; `effect` is the
    matched rank-biserial correlation :math:`(W_+ - W_-) / (W_+ + W_-)`, positive where `first`
    is the larger; it and `p_value` are None where all pairs tie. `n` pairs, `n_zero` tie.

    Shape:
        - first, second: ``(n,)``, finite.

    Raises:
        ValueError: the two differ in length.

    Source:
        zero_method "wilcox" of `scipy.stats.wilcoxon`; effect: Kerby, The simple difference
        formula, Comprehensive Psychology 3 (2014).
    """
    from scipy import stats  # noqa: PLC0415  (slow to load; the report only needs the intervals)

    _require_pairs(first, second)
    difference = first - second
    nonzero = difference[difference != 0]
    n, n_zero = len(difference), len(difference) - len(nonzero)
    found: dict[str, Any] = dict.fromkeys(("statistic", "p_value", "n", "n_zero", "effect"))
    found.update(statistic=0.0, n=n, n_zero=n_zero)
    if len(nonzero):
        ranks = stats.rankdata(np.abs(nonzero))
        above, below = float(ranks[nonzero > 0].sum()), float(ranks[nonzero < 0].sum())
        found["statistic"] = min(above, below)
        found["p_value"] = float(stats.wilcoxon(nonzero, zero_method="wilcox").pvalue)
        found["effect"] = (above - below) / (above + below)
    return found


def mcnemar_exact(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[int, int, float]:
    """Two-sided exact McNemar test of two networks on the same slices.

    Shape:
        - first, second: ``(n,)``, whether each is right about a slice.

    Returns:
        Slices that only the first gets right, those that only the second does, and the p value,
        1 where the two never disagree.

    Raises:
        ValueError: the two differ in length.

    Source:
        McNemar, Note on the sampling error of the difference between correlated proportions,
        Psychometrika 12 (1947), with binomial probabilities: `scipy.stats.binomtest`.
    """
    from scipy import stats  # noqa: PLC0415  (slow to load; the report only needs the intervals)

    _require_pairs(first, second)
    n_first = int(np.count_nonzero(first & ~second))
    n_second = int(np.count_nonzero(second & ~first))
    n = n_first + n_second
    return n_first, n_second, float(stats.binomtest(n_first, n).pvalue) if n else 1.0


def _require_pairs(first: NDArray[Any], second: NDArray[Any]) -> None:
    if first.shape != second.shape:
        raise ValueError(f"pairs must be equal in number; got {first.shape} and {second.shape}")
