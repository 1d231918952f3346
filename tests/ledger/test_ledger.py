"""The ledger: what the rule says, what the audit knows, and what the cohort allows."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hqcm.ledger.evidence import Evidence
from hqcm.ledger.ledger import Entry, Ledger, judge
from hqcm.ledger.rules import VERDICTS
from hqcm.paper.claims import Claims
from hqcm.results.files import read_json, write_json
from toy_evidence import IMPOSSIBLE, audit_of, estimate, index_of, with_differences, with_estimate

AUDIT = audit_of(IMPOSSIBLE)
REFUTED = {
    *("t1-classical-accuracy", "t2-pair-0.99-statistic", "t2-pair-0.90-statistic"),
    "t2-pair-0.75-statistic",
}


@pytest.fixture(scope="module")
def ledger(claims: Claims, agreeing: Evidence) -> Ledger:
    return judge(claims, AUDIT, agreeing)


def numbers_of(ledger: Ledger) -> list[Entry]:
    return [entry for entry in ledger.claims if entry.kind == "number"]


def test_a_run_that_agrees_reproduces_what_can_be_true(ledger: Ledger) -> None:
    assert {entry.comparison for entry in numbers_of(ledger)} == {"reproduced"}
    impossible = {entry.id for entry in ledger.claims if entry.verdict == "impossible as printed"}
    assert impossible == REFUTED
    assert {entry.verdict for entry in numbers_of(ledger) if entry.id not in impossible} == {
        "reproduced"
    }


def test_the_audit_settles_a_number_whatever_was_measured(
    claims: Claims, agreeing: Evidence
) -> None:
    far = with_estimate(agreeing, "counterpart", "metrics/accuracy", estimate(0.2))
    entry = judge(claims, AUDIT, far).get("t1-classical-accuracy")
    assert (entry.comparison, entry.verdict) == ("not reproduced", "impossible as printed")
    assert entry.reason == "by the audit: `any-supports-classical`, `both-accuracies`"


def test_only_an_impossible_finding_settles(claims: Claims, agreeing: Evidence) -> None:
    milder = audit_of(dict.fromkeys(IMPOSSIBLE, "contradiction"))
    entry = judge(claims, milder, agreeing).get("t2-pair-0.99-statistic")
    assert entry.verdict == "reproduced"
    assert entry.reason.endswith("; the paper contradicts itself: `wilcoxon-0.99`")
    clear = audit_of(dict.fromkeys(IMPOSSIBLE, "possible"))
    assert "impossible as printed" not in {
        entry.verdict for entry in judge(claims, clear, agreeing).claims
    }
    assert "audit" not in judge(claims, clear, agreeing).get("t1-classical-accuracy").reason


def test_simulated_patients_say_nothing_of_the_paper(
    claims: Claims, agreeing: Evidence, ledger: Ledger
) -> None:
    phantom = judge(claims, AUDIT, replace(agreeing, cohort="phantom"))
    assert phantom.cohort == "phantom"
    assert {entry.verdict for entry in phantom.claims if entry.id not in REFUTED} == {
        "not tested on this cohort"
    }
    assert {
        entry.id for entry in phantom.claims if entry.verdict == "impossible as printed"
    } == REFUTED
    for entry, clinical in zip(phantom.claims, ledger.claims, strict=True):
        assert entry.comparison == clinical.comparison
        assert (entry.value, entry.low, entry.high) == (clinical.value, clinical.low, clinical.high)
    accuracy = phantom.get("t1-hybrid-accuracy")
    assert accuracy.reason == (
        "simulated patients; here, the interval lies inside 0.93475 to 0.99485"
    )


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.96, 0.01, "reproduced"),
        (0.93, 0.01, "inconclusive"),
        (0.90, 0.01, "not reproduced"),
        (1.0, 0.001, "not reproduced"),
    ],
)
def test_an_accuracy_that_comes_out_elsewhere(
    claims: Claims, agreeing: Evidence, value: float, half: float, verdict: str
) -> None:
    other = with_estimate(agreeing, "paper", "metrics/accuracy", estimate(value, half))
    entry = judge(claims, AUDIT, other).get("t1-hybrid-accuracy")
    assert entry.verdict == verdict
    assert entry.found
    assert (entry.found.value, entry.found.low, entry.found.high) == (value, entry.low, entry.high)


def test_files_that_are_missing_leave_a_count_untested(claims: Claims, agreeing: Evidence) -> None:
    fewer = replace(agreeing, index=index_of({("figshare", 1): 13, ("trainingdatapro", 0): 276}))
    ledger = judge(claims, AUDIT, fewer)
    assert ledger.get("s41-figshare-meningioma").verdict == "not tested on this cohort"
    assert ledger.get("s41-figshare-meningioma").reason == "695 of 708 are not here"
    assert ledger.get("s41-trainingdatapro").verdict == "not reproduced"


def test_a_p_value_knows_whom_it_favours(claims: Claims, agreeing: Evidence) -> None:
    tests = {
        name: {"wilcoxon": {**test["wilcoxon"], "effect": -0.2}}
        for name, test in agreeing.tests.items()
    }
    ledger = judge(claims, AUDIT, replace(agreeing, tests=tests))
    verdicts = [ledger.get(f"t2-pair-{t}-p").verdict for t in ("0.99", "0.90", "0.75")]
    assert verdicts == ["not reproduced", "not reproduced", "reproduced"]


def test_what_was_not_measured_is_not_tested(claims: Claims, agreeing: Evidence) -> None:
    bare = judge(claims, AUDIT, replace(agreeing, estimates={}, tests={}))
    for name in ("t1-hybrid-accuracy", "t2-hybrid-0.99", "t2-pair-0.99-p", "w-glioma"):
        entry = bare.get(name)
        assert entry.verdict == "not tested on this cohort"
        assert entry.reason.startswith("this run has no ")
        assert (entry.value, entry.low, entry.high, entry.n, entry.found) == (None,) * 5


def test_the_paper_s_own_tables_are_held_against_its_words(
    claims: Claims, agreeing: Evidence
) -> None:
    name = "w-superior-in-all-classes"
    entry = judge(claims, AUDIT, with_differences(agreeing, {})).get(name)
    assert entry.reason.endswith("; the paper contradicts itself: `superior-scores`")


def test_verdicts_are_counted(ledger: Ledger) -> None:
    assert tuple(ledger.n_by_verdict) == VERDICTS
    found = Counter(entry.verdict for entry in ledger.claims)
    assert ledger.n_by_verdict == {verdict: found[verdict] for verdict in VERDICTS}


def test_the_same_bytes_twice_and_back(
    claims: Claims, agreeing: Evidence, ledger: Ledger, tmp_path: Path
) -> None:
    for name, found in (("one", ledger), ("two", judge(claims, AUDIT, agreeing))):
        write_json(tmp_path / name, found.model_dump())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert Ledger.model_validate(read_json(tmp_path / "one")) == ledger


def test_a_finding_that_the_audit_lacks_is_named(claims: Claims, agreeing: Evidence) -> None:
    fewer = audit_of({name: "possible" for name in IMPOSSIBLE if name != "wilcoxon-0.90"})
    with pytest.raises(ValueError, match=r"must hold wilcoxon-0.90; got any-supports-classical, "):
        judge(claims, fewer, agreeing)


def test_a_claim_that_the_ledger_lacks_is_named(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match=r"must hold t9; got 72 others"):
        ledger.get("t9")


def test_the_paper_s_audit_has_every_finding_that_a_claim_cites(claims: Claims) -> None:
    published = Path(__file__).parents[2] / "reports" / "published" / "results" / "audit.json"
    found = {finding["id"]: finding["verdict"] for finding in read_json(published)["findings"]}
    cited = {name for _, _, claim in claims.each() for name in claim.audit}
    cited |= {name for claim in claims.in_words for name in claim.audit}
    assert {name: found[name] for name in cited} == IMPOSSIBLE
