"""A paper whose numbers are true: Table 1 printed from two confusion matrices, and slips in it."""

from collections.abc import Mapping
from math import comb, erfc, sqrt
from typing import Any

from hqcm.paper.claims import Claims
from hqcm.paper.counts import ScoreTable
from hqcm.paper.entries import Network
from printed_tables import print_table

Numbers = dict[tuple[Network, str], str]
CLASSES = ("healthy", "meningioma", "glioma", "pituitary")

HYBRID = [[52, 1, 0, 1], [1, 43, 2, 0], [0, 1, 61, 2], [0, 1, 0, 66]]
CLASSICAL = [[51, 2, 0, 1], [4, 38, 1, 3], [1, 9, 47, 7], [0, 1, 1, 65]]
"""Of the same 231 slices: the rows have the same sums."""


def tell_the_truth(claims: Claims) -> Claims:
    """The paper as it would be with these results."""
    supports = [sum(row) for row in HYBRID]
    n = sum(supports)
    numbers: Numbers = {
        **numbers_of("hybrid", print_table(HYBRID)),
        **numbers_of("classical", print_table(CLASSICAL)),
        ("none", "slices/all"): str(round(n / 0.15)),
        ("none", "slices/figshare"): "708",
        ("none", "slices/figshare/glioma"): "0",
        ("none", "slices/figshare/pituitary"): "0",
    }
    for threshold, share in (("0.99", 0.42), ("0.90", 0.45), ("0.75", 0.5)):
        statistic = round(share * comb(n + 1, 2))
        place = f"localisation/{threshold}/wilcoxon"
        numbers["pair", f"{place}/statistic"] = f"{statistic}.0"
        numbers["pair", f"{place}/p_value"] = f"{two_sided(statistic, n):.4f}"
    told = claims.model_dump(by_alias=True)
    told["released"]["supports"] = dict(zip(CLASSES, supports, strict=True))
    return reprint(told, numbers)


def two_sided(statistic: float, n: int) -> float:
    z = (statistic - n * (n + 1) / 4) / sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return erfc(abs(z) / sqrt(2))


def numbers_of(network: Network, table: ScoreTable) -> Numbers:
    """What stands where in Table 1."""
    places = [f"per_class/{name}" for name in CLASSES] + ["macro", "weighted"]
    cells = [f"{place}/{score}" for place in places for score in ("precision", "recall", "f1")]
    printed = [cell.printed for cell in table.each()]
    quantities = [f"metrics/{cell}" for cell in [*cells, "accuracy"]]
    return {(network, quantity): text for quantity, text in zip(quantities, printed, strict=True)}


def reprint(told: Mapping[str, Any], numbers: Numbers) -> Claims:
    """The claims with other digits at some places."""
    groups = [
        {
            **group,
            "claims": [reprinted(claim, group["network"], numbers) for claim in group["claims"]],
        }
        for group in told["claims"]
    ]
    return Claims.model_validate({**told, "claims": groups})


def reprinted(claim: Mapping[str, Any], network: Network, numbers: Numbers) -> dict[str, Any]:
    return {**claim, "printed": numbers.get((network, claim["quantity"]), claim["printed"])}


def slip(claims: Claims, network: Network, quantity: str, printed: str) -> Claims:
    """One number misprinted."""
    assert claims.get(network, quantity).printed != printed
    return reprint(claims.model_dump(by_alias=True), {(network, quantity): printed})
