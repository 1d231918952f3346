"""The short answer, in every circumstance, and that every claim has one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hqcm.ledger.ledger import Ledger, judge
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Bullets, Paragraph
from hqcm.reporting.results import Judged, Results, judge_run
from hqcm.reporting.sections import study as section_study
from hqcm.reporting.sections.answer import (
    _BEYOND,
    _conclude,
    _describe_accuracy,
    _describe_gap,
    _describe_trend,
    _describe_untested,
    describe_answer,
)
from hqcm.results.intervals import Estimate, ProtocolEstimates
from toy_evidence import agree_with, estimate, with_differences
from toy_report import FULL_AUDIT, PARAMS


def judge_toy(results: Results, claims: Claims, cohort: str) -> Judged:
    return judge_run(results, claims, cohort)


def say(results: Results, claims: Claims, cohort: str) -> tuple[str, list[str]]:
    """The paragraph and the lines below it."""
    section = describe_answer(results, judge_toy(results, claims, cohort), PARAMS.localise)
    lead, lines = section.blocks
    assert isinstance(lead, Paragraph)
    assert isinstance(lines, Bullets)
    return lead.text, lines.items


def with_accuracies(results: Results, **accuracies: Estimate) -> Results:
    """Other accuracies of the two networks, and their difference as `gap`."""
    random = results.estimates["random"]
    networks = {
        variant: {**random.networks[variant], "metrics/accuracy": accuracies[role]}
        for role, variant in (("hybrid", "paper"), ("classical", "counterpart"))
    }
    differences = {"metrics/accuracy": accuracies["gap"]}
    changed = ProtocolEstimates(networks=networks, differences=differences)
    return replace(results, estimates={"random": changed})


@pytest.fixture
def near(results: Results) -> Results:
    """Accuracies as the paper has them."""
    return with_accuracies(
        results, hybrid=estimate(0.96), classical=estimate(0.87), gap=estimate(0.09, 0.02)
    )


def test_every_claim_about_a_number_is_answered_by_a_number(
    claims: Claims, results: Results
) -> None:
    ledger = judge_toy(results, claims, "phantom").ledger
    for entry in ledger.claims:
        answered = entry.kind == "number" and not entry.quantity.endswith("/jaccard")
        assert entry.value is not None or not answered, entry.id


def test_it_is_answered_in_five_lines(results: Results, claims: Claims) -> None:
    for cohort in ("phantom", "clinical"):
        _, lines = say(results, claims, cohort)
        assert [line.split(":")[0] for line in lines] == [
            *("Accuracy", "Hybrid minus classical accuracy", "Attention maps"),
            *("Printed numbers that cannot be true, whatever the data", "Not tested"),
        ]


def test_the_phantom_gives_no_verdict_and_says_what_would(results: Results, claims: Claims) -> None:
    lead, lines = say(results, claims, "phantom")
    assert "need the clinical cohort: `dvc exp run -S data.cohort=clinical`" in lead
    assert "64 simulated slices; the paper has 7,576. Each network was trained 2 times" in lead
    said = "\n".join(lines)
    assert "reproduced" not in said
    assert "86.72 % in the paper: impossible as printed" in said
    assert lines[-1] == "Not tested: 68 of 72 claims, all whose verdict depends on data."


def test_real_slices_give_verdicts_and_count_them(near: Results, claims: Claims) -> None:
    lead, lines = say(near, claims, "clinical")
    ledger = judge_toy(near, claims, "clinical").ledger
    n = ledger.n_by_verdict
    assert lead.startswith(
        f"Of 72 claims of the paper: {n['reproduced']} reproduced, {n['not reproduced']} not "
        f"reproduced, {n['inconclusive']} inconclusive, 4 impossible as printed, "
        f"{n['not tested on this cohort']} not tested on this cohort."
    )
    assert "64 real slices" in lead
    assert lines[0] == (
        "Accuracy: hybrid 96.0 % (95 % interval 95.9 to 96.1 %) here, 96.48 % in the paper: "
        "reproduced; classical 87.0 % (95 % interval 86.9 to 87.1 %) here, 86.72 % in the paper: "
        "impossible as printed."
    )


def test_a_verdict_nobody_reached_is_not_counted() -> None:
    n_by_verdict: dict[Any, int] = {"reproduced": 2, "not reproduced": 0, "inconclusive": 1}
    ledger = Ledger(cohort="clinical", n_by_verdict=n_by_verdict, claims=[])
    assert _conclude(ledger).startswith("Of 0 claims of the paper: 2 reproduced, 1 inconclusive. ")


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (
            estimate(0.09, 0.02),
            "+9.0 points (95 % interval over patients +7.0 to +11.0 points) here, +9.8 points",
        ),
        (estimate(0.09, 0.02), ": outside the noise of the test patients, the hybrid ahead."),
        (estimate(0.01, 0.02), ": within the noise of the test patients."),
        (estimate(-0.09, 0.02), "-9.0 points (95 % interval over patients -11.0 to -7.0 points)"),
        (estimate(-0.09, 0.02), ": the hybrid is not ahead."),
    ],
)
def test_the_gap_and_its_noise(near: Results, claims: Claims, gap: Estimate, said: str) -> None:
    random = near.estimates["random"]
    other = with_accuracies(
        near, **{r: random.networks[v]["metrics/accuracy"] for r, v in ROLES.items()}, gap=gap
    )
    for cohort in ("phantom", "clinical"):
        assert said in _describe_gap(other, judge_toy(other, claims, cohort).ledger)


ROLES: Mapping[str, str] = {"hybrid": "paper", "classical": "counterpart"}


def test_one_run_is_said_to_be_one(near: Results, claims: Claims) -> None:
    once = replace(near, study=near.study.model_copy(update={"seeds": [0]}))
    ledger = judge_toy(near, claims, "clinical").ledger
    assert _describe_gap(once, ledger).endswith("ahead; of another seed one run says nothing.")


def test_several_runs_name_the_other_interval(near: Results, claims: Claims) -> None:
    ledger = judge_toy(near, claims, "clinical").ledger
    assert near.n_seeds > 1
    assert _describe_gap(near, ledger).endswith(f"ahead.{_BEYOND}")
    assert f'"{section_study._TITLE}"' in _BEYOND


def test_what_was_not_measured_is_said(results: Results, claims: Claims) -> None:
    bare = replace(results, estimates={})
    ledger = judge_toy(bare, claims, "clinical").ledger
    assert _describe_accuracy(ledger).startswith("Accuracy: hybrid not measured here, 96.48 %")
    gap = _describe_gap(bare, ledger)
    assert gap.endswith(": not measured here, +9.8 points in the paper: not measured.")


def test_what_is_untested_is_named(claims: Claims) -> None:
    agreeing = agree_with(claims)
    names = ["localisation/0.99/jaccard", "metrics/accuracy", "metrics/per_class/glioma/recall"]
    measured = with_differences(agreeing, {name: estimate(0.1) for name in names})
    ledger = judge(claims, FULL_AUDIT, measured)
    assert _describe_untested(ledger) == (
        "Not tested: 4 of 72 claims: superior in all classes, low activation on healthy images, "
        "better separability, enhanced out-of-distribution generalisability."
    )
    tested = [entry for entry in ledger.claims if entry.verdict != "not tested on this cohort"]
    assert _describe_untested(ledger.model_copy(update={"claims": tested})) == (
        "Not tested: 0 of 68 claims."
    )


@pytest.mark.parametrize(
    ("low", "high", "verb"), [(0.2, 0.3, "rises"), (0.3, 0.2, "falls"), (0.3, 0.3, "stays")]
)
def test_the_trend_goes_from_the_lowest_threshold_to_the_highest(
    results: Results, claims: Claims, low: float, high: float, verb: str
) -> None:
    localisation = {"0.75": {"paper": low}, "0.99": {"paper": high}}
    other = replace(results, localisation=localisation)
    assert _describe_trend(other, claims, "0.75", "0.99") == (
        f"From threshold 0.75 to 0.99 the hybrid's index {verb} from {low:.3f} to {high:.3f} here; "
        "in the paper it rises from 0.376 to 0.432."
    )
