"""How much of the gap between two networks a third one closes."""

from typing import NamedTuple

import numpy as np

from hqcm.comparison.effects import Sampled, assess, decompose, pool, quantile


class Share(NamedTuple):
    """A fraction of the gap, with its interval: 0 at the lower network, 1 at the upper one."""

    value: float
    low: float
    high: float


def recover(part: Sampled, gap: Sampled) -> Share | None:
    r"""`part` over `gap`, both paired by seed and slice; None where the gap is not established.

    Fieller's interval: the fractions :math:`f` for which :math:`a - f b` is within t standard
    errors of zero, the errors as in `assess`. It has an end only where the gap itself is more
    than t standard errors above zero.

    Source:
        Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954).
    """
    found = assess(gap)
    if found.low is None or found.low <= 0:
        return None
    value = part.value / gap.value
    rest = part.plus(gap, -value)
    t = quantile(pool(decompose(rest))[1])
    # (a - f b)^2 <= t^2 Var(a - f b), a quadratic in f with the coefficients of 1, f and f^2.
    of_part, of_gap, of_both = (_error(x) ** 2 for x in (part, gap, part.plus(gap)))
    shared = (of_both - of_part - of_gap) / 2
    constant = part.value**2 - t**2 * of_part
    linear = -2 * (part.value * gap.value - t**2 * shared)
    square = gap.value**2 - t**2 * of_gap
    if square <= 0:
        return None
    half_width = np.sqrt(max(linear**2 - 4 * square * constant, 0.0)) / (2 * square)
    centre = -linear / (2 * square)
    return Share(value, float(centre - half_width), float(centre + half_width))


def _error(sampled: Sampled) -> float:
    return pool(decompose(sampled))[0]
