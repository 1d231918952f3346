"""A comparison of the networks is judged by its interval over seeds and patients."""

import pytest

from hqcm.comparison.comparisons import Comparisons
from hqcm.ledger.ledger import Entry, judge, judge_over_seeds
from hqcm.paper.claims import Claims
from toy_comparison import compare_toys, invent_rates
from toy_evidence import agree_with, estimate, with_differences
from toy_report import FULL_AUDIT

LEVEL, BEHIND = 0.85, 0.70
UP = estimate(0.1)
NAMES = ["metrics/accuracy", "metrics/per_class/glioma/recall"]


def tune(plain: float, slow: float) -> Comparisons:
    """A hybrid at 0.85 against a counterpart at its published rate and at its best one."""
    families = {"paper": {"paper": 0.9}, "plain": {"plain": 0.7, "plain_slow": 0.8}}
    return compare_toys(
        {"paper": LEVEL},
        {"plain": plain, "plain_slow": slow},
        rates=invent_rates(["random"], families),
    )


def judge_one(claims: Claims, compared: Comparisons, name: str, cohort: str = "clinical") -> Entry:
    evidence = with_differences(agree_with(claims, cohort), dict.fromkeys(NAMES, UP))
    return judge_over_seeds(judge(claims, FULL_AUDIT, evidence), claims, compared).get(name)


def test_it_has_two_verdicts(claims: Claims) -> None:
    entry = judge_one(claims, tune(BEHIND, LEVEL), "w-higher-accuracy")
    assert entry.verdict == entry.comparison == "reproduced"
    assert entry.tuned == "inconclusive"
    row = tune(BEHIND, LEVEL).find("published", "metrics/accuracy")
    assert row
    assert (entry.value, entry.low, entry.high) == (row.difference, row.low, row.high)


def test_an_interval_over_patients_alone_decides_nothing(claims: Claims) -> None:
    entry = judge_one(claims, tune(BEHIND, BEHIND), "w-glioma")
    assert (entry.verdict, entry.tuned) == ("inconclusive", "inconclusive")
    assert entry.reason == "no interval over seeds and patients is known"
    assert entry.value == pytest.approx(0.1)


def test_one_seed_decides_nothing(claims: Claims) -> None:
    once = compare_toys({"paper": LEVEL}, {"plain": BEHIND}, seeds=[0])
    entry = judge_one(claims, once, "w-higher-accuracy")
    assert (entry.verdict, entry.tuned) == ("inconclusive", None)
    assert entry.reason == "one seed: its variation is unknown"


def test_an_impossible_interval_is_none(claims: Claims) -> None:
    compared = tune(BEHIND, LEVEL)
    wide = [
        row.model_copy(update={"low": -2.8, "high": 3.2}) if row.setting == "published" else row
        for row in compared.comparisons
    ]
    entry = judge_one(
        claims, compared.model_copy(update={"comparisons": wide}), "w-higher-accuracy"
    )
    assert entry.reason == "too few runs: 4 seeds bound nothing"
    assert (entry.low, entry.high, entry.verdict) == (None, None, "inconclusive")


def test_simulated_patients_stay_untested(claims: Claims) -> None:
    entry = judge_one(claims, tune(BEHIND, BEHIND), "w-higher-accuracy", cohort="phantom")
    assert entry.verdict == "not tested on this cohort"
    assert (entry.comparison, entry.tuned) == ("reproduced", "reproduced")


def test_a_network_without_its_published_rate(claims: Claims) -> None:
    families = {"paper": {"paper": 0.9}, "plain": {"plain_slow": 0.8}}
    found = compare_toys(
        {"paper": LEVEL}, {"plain_slow": BEHIND}, rates=invent_rates(["random"], families)
    )
    entry = judge_one(claims, found, "w-higher-accuracy")
    assert entry.comparison == "inconclusive"
    assert entry.reason == "neither network was trained at its published learning rate"
    assert entry.tuned == "reproduced"


def test_what_compares_no_networks_stays(claims: Claims) -> None:
    ledger = judge(claims, FULL_AUDIT, agree_with(claims))
    after = judge_over_seeds(ledger, claims, tune(BEHIND, LEVEL))
    assert after.get("t1-hybrid-accuracy") == ledger.get("t1-hybrid-accuracy")
    assert after.get("w-faster-convergence") == ledger.get("w-faster-convergence")
    assert sum(after.n_by_verdict.values()) == len(after.claims)
