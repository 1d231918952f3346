"""Every claim of the paper has a quantity here that answers it."""

from typing import Any

from hqcm.paper.claims import Claims
from hqcm.reporting.results import Results
from hqcm.reporting.section_training import find_milestone


def test_every_claim_about_a_result_is_answered_by_a_result(
    claims: Claims, results: Results
) -> None:
    for _, network, claim in claims.each():
        kind, _, path = claim.quantity.partition("/")
        if network == "pair":
            assert _walk(results.localisation, path) is not ...
        elif kind == "metrics" and network != "none":
            assert 0 <= _walk(results.metrics[network], path) <= 1
        elif kind == "localisation" and network != "none":
            threshold = path.removesuffix("/jaccard")
            assert 0 <= results.localisation[threshold][results.variant(network)] <= 1
        elif kind == "history" and network != "none":
            assert find_milestone(results, network, claim.quantity) > 0
        else:
            assert (kind in {"slices", "split"}, network) == (True, "none")


def _walk(tree: Any, path: str) -> Any:
    for key in path.split("/"):
        tree = tree[key]
    return tree
