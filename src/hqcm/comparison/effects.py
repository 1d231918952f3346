"""A difference with its interval and p value, from how runs and patients vary.

Then what follows from it: how much of the gap between two networks a third one closes, and what
may be said of a difference.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from hqcm.comparison.comparisons import Verdict
from hqcm.evaluation.statistics import CONFIDENCE, wilson_interval
from hqcm.results.intervals import Interval

Values = NDArray[np.float64]


class Sampled(NamedTuple):
    """A quantity of one network under one protocol, or the paired difference of two of them.

    Shape:
        - runs: ``(n_seeds,)``, its value for each seed, in the data.
        - draws: ``(n_seeds, n_resamples)``, for each seed in each draw of groups (patients);
          NaN where undefined.
    """

    runs: Values
    draws: Values
    n_groups: int

    @property
    def value(self) -> float:
        """Its mean over seeds."""
        return float(self.runs.mean())

    def plus(self, other: "Sampled", factor: float = 1.0) -> "Sampled":
        """This and `factor` times another, paired by seed and by draw of groups."""
        return Sampled(
            self.runs + factor * other.runs, self.draws + factor * other.draws, self.n_groups
        )

    def minus(self, other: "Sampled") -> "Sampled":
        """Paired difference."""
        return self.plus(other, -1.0)

    def negated(self) -> "Sampled":
        """The other way round."""
        return Sampled(-self.runs, -self.draws, self.n_groups)


class Variance(NamedTuple):
    """How much a mean varies, and the degrees of freedom with which that is known."""

    value: float
    n_free: int


class Effect(Interval):
    """A difference; no interval and no p value where neither seeds nor groups can vary."""

    p_value: float | None


def assess(*parts: Sampled) -> Effect:
    r"""The sum of independent parts, against zero.

    :math:`\hat d \pm t\,s` with :math:`s^2` the sum of the parts' variances between seeds and
    between groups and :math:`t` Student's at Welch and Satterthwaite's degrees of freedom, so
    that three seeds count as three. The p value, two-sided, belongs to the same t.

    Args:
        parts: one where the difference is paired by seed and slice; else the first sample and
            the second one negated.

    Source:
        Satterthwaite, An approximate distribution of estimates of variance components,
        Biometrics Bulletin 2 (1946).
    """
    value = sum(part.value for part in parts)
    variances = [variance for part in parts for variance in _decompose(part)]
    if not variances:
        return Effect(value=value, low=None, high=None, p_value=None)
    error, n_free = pool(variances)
    if error == 0:
        # The same in every run and group: no more is known than their number. The interval is as
        # wide as Wilson's of a share of 0 in as many, p that of the sign test.
        n_units = min(part.n_groups if part.n_groups > 1 else len(part.runs) for part in parts)
        reach = wilson_interval(0.0, n_units)[1]
        p_value = 1.0 if value == 0 else 2 * 0.5**n_units
    else:
        reach = _quantile(n_free) * error
        p_value = _tail_probability(value / error, n_free)
    return Effect(value=value, low=value - reach, high=value + reach, p_value=p_value)


def _decompose(sampled: Sampled) -> list[Variance]:
    r"""The variance of a mean over seeds, as far as seeds and groups can vary.

    Between seeds :math:`s^2 / S`, what drawing S - 1 of the S seeds with replacement gives; between
    groups the variance of the mean over the draws of a cluster bootstrap. Chance that belongs to
    a seed and a group together counts in both, so the sum errs on the wide side.

    Source:
        Rao and Wu, Resampling inference with complex survey data, JASA 83 (1988); Owen, The
        pigeonhole bootstrap, Ann. Appl. Stat. 1 (2007).
    """
    found = []
    n_seeds = len(sampled.runs)
    if n_seeds > 1:
        found.append(Variance(float(sampled.runs.var(ddof=1)) / n_seeds, n_seeds - 1))
    if sampled.n_groups > 1:
        between = np.nanvar(sampled.draws.mean(axis=0), ddof=1)
        found.append(Variance(float(between), sampled.n_groups - 1))
    return found


def pool(variances: Sequence[Variance]) -> tuple[float, float]:
    """Standard error and degrees of freedom of a sum."""
    # Below a billionth there is nothing but rounding.
    values = np.array([v.value if v.value > 1e-18 else 0.0 for v in variances])  # noqa: PLR2004
    if not values.any():
        return 0.0, float(sum(v.n_free for v in variances))
    n_free = np.array([v.n_free for v in variances])
    return float(np.sqrt(values.sum())), float(values.sum() ** 2 / (values**2 / n_free).sum())


def _quantile(n_free: float) -> float:
    """Student's t that a share of `CONFIDENCE` stays below in magnitude."""
    return float(stdtrit(n_free, (1 + CONFIDENCE) / 2))


def _tail_probability(t: float, n_free: float) -> float:
    """Of a magnitude of t or more."""
    return float(2 * stdtr(n_free, -abs(t)))


def adjust_holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's p values, in the order given; what has none is no test.

    Source:
        Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6 (1979).
    """
    tested = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    reached = 0.0
    for rank, (p, i) in enumerate(tested):
        reached = max(reached, min(1.0, (len(tested) - rank) * p))
        adjusted[i] = reached
    return adjusted


def recover(part: Sampled, gap: Sampled) -> Interval | None:
    r"""`part` over `gap`: 0 at the lower network, 1 at the upper one.

    Both paired by seed and slice; None where the gap is not established.

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
    t = _quantile(pool(_decompose(rest))[1])
    # (a - f b)^2 <= t^2 Var(a - f b), a quadratic in f with the coefficients of 1, f and f^2.
    of_part, of_gap, of_both = (pool(_decompose(x))[0] ** 2 for x in (part, gap, part.plus(gap)))
    shared = (of_both - of_part - of_gap) / 2
    constant = part.value**2 - t**2 * of_part
    linear = -2 * (part.value * gap.value - t**2 * shared)
    square = gap.value**2 - t**2 * of_gap
    if square <= 0:
        return None
    half_width = np.sqrt(max(linear**2 - 4 * square * constant, 0.0)) / (2 * square)
    centre = -linear / (2 * square)
    return Interval(value=value, low=float(centre - half_width), high=float(centre + half_width))


def judge(effect: Interval, p_holm: float | None, n_seeds: int, margin: float) -> Verdict:
    """The verdict on first minus second.

    Args:
        effect: the difference with its interval.
        p_holm: adjusted for the other comparisons of its table.
        n_seeds: runs of each network.
        margin: below it a difference is of no consequence.
    """
    if n_seeds == 1:
        return "one run"
    if effect.low is None or effect.high is None or p_holm is None:
        return "undecided"
    if p_holm < 1 - CONFIDENCE:
        return "first ahead" if effect.value > 0 else "second ahead"
    return "no difference" if -margin < effect.low and effect.high < margin else "undecided"
