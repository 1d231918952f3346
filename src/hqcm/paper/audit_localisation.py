"""Audit of Table 2: can its statistics and Jaccard indices come from the test slices?

Of the statistics: what Wilcoxon's signed-rank statistic says about the number of pairs.
"""

from fractions import Fraction
from itertools import count, pairwise, takewhile
from math import erfc, sqrt

from hqcm.contracts.labels import HEALTHY
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network, Printed
from hqcm.paper.findings import NAMES, Finding, quote, show

_STATISTIC = "/wilcoxon/statistic"
_JACCARD = "/jaccard"


def audit_localisation(claims: Claims) -> list[Finding]:
    """A finding for each statistic, and one for the order of the indices of each network."""
    statistics = [_audit_statistic(claims, at) for at in _list_places(claims, "pair", _STATISTIC)]
    return statistics + [_audit_order(claims, network) for network in NAMES]


def _list_places(claims: Claims, network: Network, ending: str) -> list[str]:
    """The thresholds at which the paper prints something of a network: localisation/0.99."""
    quantities = [claim.quantity for _, about, claim in claims.each() if about == network]
    return [quantity.removesuffix(ending) for quantity in quantities if quantity.endswith(ending)]


def _audit_statistic(claims: Claims, place: str) -> Finding:
    """Whether the statistic at one threshold can be a rank sum of so many pairs."""
    statistic = claims.get("pair", f"{place}{_STATISTIC}")
    p_value = claims.get("pair", f"{place}/wilcoxon/p_value")
    value, n = Fraction(statistic.printed), sum(claims.released.counts)
    n_tumour, largest = n - claims.released.counts[HEALTHY], _largest_rank_sum(n)
    fewest = _fewest_pairs(value, smaller_sum=False)
    fewest_smaller = _fewest_pairs(value, smaller_sum=True)
    by_p, threshold = _pairs_with_p(value, p_value), place.rpartition("/")[2]
    return Finding(
        id=f"wilcoxon-{threshold}",
        question=f"Can {n:,} pairs give Wilcoxon's statistic at threshold {threshold}?",
        printed=quote(claims, [statistic, p_value]),
        calculation=[
            (
                "The ranks of n pairs are 1 to n, their sum is n (n + 1) / 2; ties and zero "
                "differences make it no larger."
            ),
            (
                f"All slices: {n:,} x {n + 1:,} / 2 = {largest:,}; those with tumour: "
                f"{n_tumour:,} x {n_tumour + 1:,} / 2 = {_largest_rank_sum(n_tumour):,}."
            ),
            (
                f"{statistic.printed} needs {fewest:,} pairs: {fewest:,} x {fewest + 1:,} / 2 = "
                f"{_largest_rank_sum(fewest):,}."
            ),
            (
                "A two-sided test takes the smaller of two rank sums, half of all ranks at most: "
                f"that needs {fewest_smaller:,} pairs."
            ),
            (
                f"With its p of {p_value.printed} (two-sided, normal approximation) it fits "
                f"{' or '.join(f'{pairs:,}' for pairs in by_p) or 'no number of'} pairs."
            ),
        ],
        result=f"{'Yes' if fewest <= n else 'No'}: the sum of all ranks is {largest:,}, "
        f"the statistic {statistic.printed}.",
        verdict="possible" if fewest <= n else "impossible as printed",
        figures={
            "largest_rank_sum": largest,
            "fewest_pairs": fewest,
            "fewest_pairs_two_sided": fewest_smaller,
            "pairs_by_p": by_p,
        },
    )


def _audit_order(claims: Claims, network: Network) -> Finding:
    """What it takes for the mean Jaccard index to rise with the threshold, as it does."""
    indices = {
        float(place.rpartition("/")[2]): claims.get(network, place + _JACCARD)
        for place in _list_places(claims, network, _JACCARD)
    }
    ordered = [index for _, index in sorted(indices.items())]
    rising = all(low.value < high.value for low, high in pairwise(ordered))
    least, share = ordered[0].printed, ordered[0].value / (1 + ordered[0].value)
    return Finding(
        id=f"jaccard-order-{network}",
        question=f"What makes the mean Jaccard index of {NAMES[network]} rise with the threshold?",
        printed=quote(claims, ordered),
        calculation=[
            f"With the threshold: {', '.join(index.printed for index in ordered)}.",
            (
                "A higher threshold only takes pixels off the map: h of the I that it shares with "
                "the mask, and m others."
            ),
            (
                "With U in map or mask, (I - h) / (U - m) > I / U = J needs h / m < J, that is "
                "h / (h + m) < J / (1 + J)."
            ),
            f"In an image of the mean index: {least} / (1 + {least}) = {show(share)}.",
        ],
        result=f"Fewer than {100 * share:.0f} % of the pixels taken off lie in the "
        "tumour: the map is far too large at low thresholds. Or empty on empty counts as 1."
        if rising
        else "It does not rise.",
        verdict="possible",
        figures={"largest_share": share},
    )


def _largest_rank_sum(n_pairs: int) -> int:
    return n_pairs * (n_pairs + 1) // 2


def _fewest_pairs(statistic: Fraction, *, smaller_sum: bool) -> int:
    # The smaller of both rank sums, as in a two-sided test, is half of all ranks at most.
    ranks = 2 * statistic if smaller_sum else statistic
    return next(n for n in count() if _largest_rank_sum(n) >= ranks)


def _two_sided_p(statistic: Fraction, n_pairs: int) -> float:
    """P of the smaller rank sum, by the normal approximation without ties.

    Source:
        Wilcoxon, Individual comparisons by ranking methods (1945); scipy's above 50 pairs.
    """
    mean = n_pairs * (n_pairs + 1) / 4
    deviation = sqrt(n_pairs * (n_pairs + 1) * (2 * n_pairs + 1) / 24)
    return erfc(abs(float(statistic) - mean) / deviation / sqrt(2))


def _pairs_with_p(statistic: Fraction, p_value: Printed) -> list[int]:
    """The numbers of pairs for which a smaller rank sum has the printed p."""
    low, high = p_value.bounds
    if low <= 0:  # any number of pairs is enough
        raise ValueError(f"{p_value.id}: p must be printed above 0; got {p_value.printed}")
    # With more pairs the same statistic lies further below its mean, so p falls.
    enough = count(_fewest_pairs(statistic, smaller_sum=True))
    falling = takewhile(lambda n_pairs: _two_sided_p(statistic, n_pairs) >= low, enough)
    return [n_pairs for n_pairs in falling if _two_sided_p(statistic, n_pairs) <= high]
