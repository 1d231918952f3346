"""Each claim in words, on made-up numbers, in every outcome."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import Curves
from hqcm.ledger.ledger import _Outcome, _try_words
from hqcm.ledger.rules import Verdict
from hqcm.paper.claims import Claims, Differences, WordedClaim
from hqcm.results.intervals import Estimate
from toy_evidence import curve, estimate, with_differences, with_estimate

UP, DOWN, OPEN = estimate(0.05, 0.01), estimate(-0.05, 0.01), estimate(0.01, 0.05)
LEVEL = estimate(0.0, 0.0)
TWELVE = [
    f"metrics/per_class/{name}/{score}"
    for score in ("precision", "recall", "f1")
    for name in CLASS_NAMES
]
QUICK = curve([0.5, 0.9, 0.95], [1.0, 0.5, 0.3])
SLOW = curve([0.3, 0.5, 0.94], [2.0, 1.5, 0.4])


def claim_of(claims: Claims, name: str) -> WordedClaim:
    (found,) = (claim for claim in claims.in_words if claim.id == name)
    return found


def quantities_of(claim: WordedClaim) -> list[str]:
    assert isinstance(claim.criterion, Differences)
    return claim.criterion.each


def with_curves(evidence: Evidence, *pairs: Sequence[pd.DataFrame]) -> Evidence:
    return replace(evidence, curves=Curves(*zip(*pairs, strict=True)))


@pytest.mark.parametrize(
    "name", ["w-higher-accuracy", "w-glioma", "w-more-localised", "w-better-separability"]
)
@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (UP, "reproduced"),
        (DOWN, "not reproduced"),
        (LEVEL, "not reproduced"),
        (OPEN, "inconclusive"),
        (None, "not tested on this cohort"),
    ],
)
def test_a_difference_lies_above_0(
    claims: Claims, agreeing: Evidence, name: str, found: Estimate | None, verdict: Verdict
) -> None:
    claim = claim_of(claims, name)
    differences = {quantity: found for quantity in quantities_of(claim) if found}
    outcome = _try_words(claim, with_differences(agreeing, differences))
    assert outcome.ruling.verdict == verdict
    assert (outcome.found is None) is (found is None)


def superior(claims: Claims, agreeing: Evidence, *others: Estimate, n: int = 12) -> _Outcome:
    """All twelve up but for the first ones; and only so many measured."""
    found = dict(zip(TWELVE, [*others, *[UP] * 12][:12], strict=True))
    known = dict(list(found.items())[:n])
    claim = claim_of(claims, "w-superior-in-all-classes")
    return _try_words(claim, with_differences(agreeing, known))


def test_superior_is_superior_in_every_class_and_score(claims: Claims, agreeing: Evidence) -> None:
    claim = claim_of(claims, "w-superior-in-all-classes")
    assert quantities_of(claim) == TWELVE
    outcome = superior(claims, agreeing)
    assert outcome.ruling == ("reproduced", "12 of 12 hold")


def test_one_score_that_is_not_higher_refutes(claims: Claims, agreeing: Evidence) -> None:
    outcome = superior(claims, agreeing, LEVEL, OPEN)
    assert outcome.ruling == ("not reproduced", "10 of 12 hold; not so: healthy precision")
    assert outcome.found
    assert outcome.found.value == 0.0


def test_one_open_score_leaves_it_open(claims: Claims, agreeing: Evidence) -> None:
    outcome = superior(claims, agreeing, UP, OPEN)
    assert outcome.ruling == ("inconclusive", "11 of 12 hold; undecided: meningioma precision")


@pytest.mark.parametrize(
    ("first", "verdict", "reason"),
    [
        (UP, "not tested on this cohort", f"this run has no {TWELVE[11]}"),
        (DOWN, "not reproduced", "10 of 12 hold; not so: healthy precision"),
    ],
)
def test_a_missing_score_cannot_confirm(
    claims: Claims, agreeing: Evidence, first: Estimate, verdict: Verdict, reason: str
) -> None:
    assert superior(claims, agreeing, first, n=11).ruling == (verdict, reason)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({"separability/silhouette": UP, "separability/knn_accuracy": DOWN}, "not reproduced"),
        ({"separability/silhouette": UP, "separability/knn_accuracy": OPEN}, "inconclusive"),
        ({"separability/silhouette": UP}, "not tested on this cohort"),
    ],
)
def test_separability_takes_both_measures(
    claims: Claims, agreeing: Evidence, found: dict[str, Estimate], verdict: Verdict
) -> None:
    claim = claim_of(claims, "w-better-separability")
    assert _try_words(claim, with_differences(agreeing, found)).ruling.verdict == verdict


@pytest.mark.parametrize(
    ("protocol", "found", "verdict"),
    [
        ("source", UP, "reproduced"),
        ("source", DOWN, "not reproduced"),
        ("source", OPEN, "inconclusive"),
        ("random", UP, "not tested on this cohort"),
    ],
)
def test_another_source_needs_the_protocol_that_leaves_one_out(
    claims: Claims, agreeing: Evidence, protocol: str, found: Estimate, verdict: Verdict
) -> None:
    claim = claim_of(claims, "w-out-of-distribution")
    outcome = _try_words(claim, with_differences(agreeing, {"metrics/accuracy": found}, protocol))
    assert outcome.ruling.verdict == verdict
    if protocol == "random":
        assert outcome == (
            None,
            ("not tested on this cohort", "no network was trained under protocol source"),
        )


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.001, 0.001, "reproduced"),
        (0.01, 0.001, "not reproduced"),
        (0.004, 0.001, "inconclusive"),
    ],
)
def test_healthy_slices_stay_dark(
    claims: Claims, agreeing: Evidence, value: float, half: float, verdict: Verdict
) -> None:
    claim = claim_of(claims, "w-low-activation-on-healthy")
    name = "localisation/0.75/activated_fraction/healthy"
    other = with_estimate(agreeing, "counterpart", name, estimate(0.9))
    assert _try_words(claim, other).ruling.verdict == "not tested on this cohort"
    found = with_estimate(other, "paper", name, estimate(value, half))
    assert _try_words(claim, found).ruling.verdict == verdict


@pytest.mark.parametrize(
    ("pairs", "verdict", "value"),
    [
        ([(QUICK, SLOW)] * 3, "reproduced", -1),
        ([(SLOW, QUICK)] * 3, "not reproduced", 1),
        ([(QUICK, QUICK)] * 3, "not reproduced", 0),
        ([(QUICK, SLOW), (SLOW, QUICK), (QUICK, SLOW)], "inconclusive", -1 / 3),
        ([(QUICK, SLOW)] * 2, "inconclusive", -1),
    ],
)
def test_convergence_is_counted_in_epochs(
    claims: Claims,
    agreeing: Evidence,
    pairs: list[Sequence[pd.DataFrame]],
    verdict: Verdict,
    value: float,
) -> None:
    claim = claim_of(claims, "w-faster-convergence")
    outcome = _try_words(claim, with_curves(agreeing, *pairs))
    assert outcome.ruling.verdict == verdict
    assert outcome.found
    assert outcome.found.value == pytest.approx(value)
    if len(pairs) == 2:
        assert outcome.ruling.reason == "2 runs, no interval"


@pytest.mark.parametrize(
    ("pairs", "verdict", "value"),
    [
        ([(QUICK, SLOW)] * 3, "reproduced", 1),
        ([(SLOW, QUICK)] * 3, "not reproduced", 0),
        ([(QUICK, SLOW), (QUICK, SLOW), (QUICK, QUICK)], "inconclusive", 2 / 3),
        ([(QUICK, SLOW)], "inconclusive", 1),
    ],
)
def test_ahead_throughout_is_ahead_in_every_epoch(
    claims: Claims,
    agreeing: Evidence,
    pairs: list[Sequence[pd.DataFrame]],
    verdict: Verdict,
    value: float,
) -> None:
    outcome = _try_words(claim_of(claims, "w-ahead-throughout"), with_curves(agreeing, *pairs))
    assert outcome.ruling.verdict == verdict
    assert outcome.found
    assert outcome.found.value == pytest.approx(value)
