"""From a claim's quantity to the number that answers it."""

from dataclasses import replace

import pytest

from hqcm.ledger.evidence import Evidence
from hqcm.paper.entries import Network
from toy_evidence import estimate, with_differences, with_estimate


@pytest.mark.parametrize(
    ("network", "quantity", "value", "rests_on"),
    [
        ("hybrid", "metrics/accuracy", 0.9648, "1137 slices"),
        ("classical", "metrics/per_class/glioma/recall", 0.69, "1137 slices"),
        ("hybrid", "localisation/0.90/jaccard", 0.39353, "1137 slices"),
        ("pair", "localisation/0.75/wilcoxon/statistic", 950092.0, "857 pairs"),
        ("pair", "localisation/0.99/wilcoxon/p_value", 0.0017, "857 pairs"),
        ("classical", "history/first/train_loss", 2.43, "1 runs"),
        ("none", "slices/all", 7576, "7576 slices"),
        ("none", "slices/figshare", 3064, "3064 slices"),
        ("none", "slices/figshare/glioma", 1426, "1426 slices"),
        ("none", "slices/akter/glioma", 0, "0 slices"),
        ("none", "split/validation", 1136 / 7576, "7576 slices"),
    ],
)
def test_each_kind_of_quantity(
    agreeing: Evidence, network: Network, quantity: str, value: float, rests_on: str
) -> None:
    found = agreeing.look_up(network, quantity)
    assert found
    assert found.value == pytest.approx(value)
    assert f"{found.n} {found.unit}" == rests_on
    assert (found.low is not None) is quantity.startswith(("metrics", "localisation/0.90"))


def test_an_estimate_of_nothing_else_is_taken(agreeing: Evidence) -> None:
    other = with_estimate(agreeing, "counterpart", "separability/silhouette", estimate(0.3))
    found = other.look_up("classical", "separability/silhouette")
    assert found
    assert found.value == 0.3
    assert other.look_up("hybrid", "separability/silhouette") is None


@pytest.mark.parametrize(
    ("network", "quantity"),
    [
        ("hybrid", "metrics/auroc/macro"),
        ("pair", "localisation/0.50/wilcoxon/statistic"),
        ("classical", "localisation/0.50/jaccard"),
    ],
)
def test_what_this_run_does_not_have(agreeing: Evidence, network: Network, quantity: str) -> None:
    assert agreeing.look_up(network, quantity) is None
    assert agreeing.difference(quantity) is None


def test_without_estimates_there_is_none(agreeing: Evidence) -> None:
    assert replace(agreeing, estimates={}).look_up("hybrid", "metrics/accuracy") is None


def test_a_test_of_ties_alone_has_no_p(agreeing: Evidence) -> None:
    ties = {"statistic": 0.0, "p_value": None, "n": 9, "n_zero": 9, "effect": None}
    tied = replace(agreeing, tests={"0.99": {"wilcoxon": ties}})
    assert tied.look_up("pair", "localisation/0.99/wilcoxon/p_value") is None
    assert tied.effect("localisation/0.99/wilcoxon/p_value") is None
    assert agreeing.effect("localisation/0.99/wilcoxon/p_value") == 0.2


def test_differences_belong_to_a_protocol(agreeing: Evidence) -> None:
    first = with_differences(agreeing, {"metrics/accuracy": estimate(0.1)})
    both = with_differences(first, {"metrics/accuracy": estimate(-0.2)}, "source")
    for protocol, value in ((None, 0.1), ("random", 0.1), ("source", -0.2)):
        found = both.difference("metrics/accuracy", protocol)
        assert found
        assert found.value == value
    assert both.difference("metrics/accuracy", "patient") is None


@pytest.mark.parametrize("network", ["pair", "none"])
def test_a_score_belongs_to_a_network(agreeing: Evidence, network: Network) -> None:
    with pytest.raises(ValueError, match=f"must be of hybrid or classical; got {network}"):
        agreeing.look_up(network, "metrics/accuracy")


def test_a_quantity_of_no_kind_is_named(agreeing: Evidence) -> None:
    with pytest.raises(ValueError, match=r"must start with metrics, .*; got accuracy"):
        agreeing.look_up("hybrid", "accuracy")


@pytest.mark.parametrize(("cohort", "simulated"), [("phantom", True), ("clinical", False)])
def test_the_phantom_is_simulated(agreeing: Evidence, cohort: str, *, simulated: bool) -> None:
    assert replace(agreeing, cohort=cohort).is_simulated is simulated
