"""What Wilcoxon's signed-rank statistic says about the number of pairs."""

from fractions import Fraction
from itertools import count, takewhile
from math import erfc, sqrt

from hqcm.paper.entries import Printed


def largest_rank_sum(n_pairs: int) -> int:
    """All ranks on one side: 1 + 2 + ... + n."""
    return n_pairs * (n_pairs + 1) // 2


def fewest_pairs(statistic: Fraction, *, smaller_sum: bool) -> int:
    """The smallest number of pairs that can give a statistic.

    Args:
        statistic: as printed.
        smaller_sum: whether it is the smaller of both rank sums, as in a two-sided test: then it
            is half of all ranks at most.
    """
    ranks = 2 * statistic if smaller_sum else statistic
    return next(n for n in count() if largest_rank_sum(n) >= ranks)


def two_sided_p(statistic: Fraction, n_pairs: int) -> float:
    """P of the smaller rank sum, by the normal approximation without ties.

    Source:
        Wilcoxon, Individual comparisons by ranking methods (1945); what `scipy.stats.wilcoxon`
        takes for more than 50 pairs.
    """
    mean = n_pairs * (n_pairs + 1) / 4
    deviation = sqrt(n_pairs * (n_pairs + 1) * (2 * n_pairs + 1) / 24)
    return erfc(abs(float(statistic) - mean) / deviation / sqrt(2))


def pairs_with_p(statistic: Fraction, p_value: Printed) -> list[int]:
    """The numbers of pairs for which a smaller rank sum has the printed p.

    With more pairs the same statistic lies further below its mean, so p falls.

    Raises:
        ValueError: p is printed as 0: any number of pairs is enough.
    """
    low, high = p_value.bounds
    if low <= 0:
        raise ValueError(f"{p_value.id}: p must be printed above 0; got {p_value.printed}")
    enough = count(fewest_pairs(statistic, smaller_sum=True))
    falling = takewhile(lambda n_pairs: two_sided_p(statistic, n_pairs) >= low, enough)
    return [n_pairs for n_pairs in falling if two_sided_p(statistic, n_pairs) <= high]
