"""The short answer: does it reproduce?"""

from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.evaluation.statistics import wilson_interval
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit
from hqcm.reporting.compared import ROLES, Role
from hqcm.reporting.document import Bullets, Paragraph, Section
from hqcm.reporting.formats import count, fraction, interval, p_value, percent, points
from hqcm.reporting.results import Results
from hqcm.reporting.section_audit import count_verdicts
from hqcm.reporting.section_classification import accuracy_gaps

COHORTS = {
    "phantom": (
        "Not a question this run can answer. It used the simulated phantom cohort, which shows "
        "that the pipeline works from native files to tables and figures; a verdict about the "
        "paper needs the clinical cohort: `dvc exp run -S data.cohort=clinical`."
    ),
    "clinical": (
        "The numbers answer; this run used the real files found under `data/raw/clinical`."
    ),
}


def answer(
    results: Results, claims: Claims, audit: Audit, cohort: str, params: LocaliseParams
) -> Section:
    """A few lines computed from the numbers below."""
    return Section(
        "Does it reproduce?",
        [
            Paragraph(COHORTS[cohort]),
            Bullets(
                [
                    describe_size(results, claims, cohort),
                    *(describe_accuracy(results, claims, cohort, role) for role in ROLES),
                    describe_gap(results, claims),
                    describe_jaccard(results, claims, params),
                    describe_trend(results, claims, params),
                    describe_printed(audit),
                ]
            ),
        ],
    )


def describe_size(results: Results, claims: Claims, cohort: str) -> str:
    """How much data and how many runs."""
    kind = "simulated" if cohort == "phantom" else "real"
    claim = claims.find("none", "slices/all")
    paper = f"; the paper has {count(int(claim.value))}" if claim else ""
    runs = "once" if results.n_seeds == 1 else f"{results.n_seeds} times; the numbers are means"
    return f"{count(len(results.index))} {kind} slices{paper}. Each network was trained {runs}."


def describe_accuracy(results: Results, claims: Claims, cohort: str, role: Role) -> str:
    """Ours with its interval; on the clinical cohort, whether the paper's lies inside."""
    metrics = results.metrics[role]
    bounds = wilson_interval(metrics["accuracy"], metrics["n_test"])
    claim = claims.find(role, "metrics/accuracy")
    where = "inside" if claim and bounds[0] <= claim.value <= bounds[1] else "outside"
    remark = f", {where} the interval" if cohort == "clinical" else ""
    return (
        f"Accuracy, {role} network: {percent(metrics['accuracy'])} here (95 % interval "
        f"{interval(bounds)})" + (f"; {claim.percent} in the paper{remark}." if claim else ".")
    )


def describe_gap(results: Results, claims: Claims) -> str:
    """Hybrid minus classical."""
    paper, ours = accuracy_gaps(results, claims)
    printed = "" if paper is None else f"; {points(paper)} in the paper"
    return f"Hybrid minus classical accuracy: {points(ours)} here{printed}."


def describe_jaccard(results: Results, claims: Claims, params: LocaliseParams) -> str:
    """Both networks at the highest threshold, with the paired test."""
    threshold = threshold_name(max(params.thresholds))
    row = results.localisation[threshold]
    ours = " against ".join(fraction(row[results.variant(role)], 3) for role in ROLES)
    found = [claims.find(role, f"localisation/{threshold}/jaccard") for role in ROLES]
    paper = " against ".join(fraction(claim.value, 3) for claim in found if claim)
    return (
        f"Jaccard index at {threshold}, hybrid against classical: {ours} here "
        f"(Wilcoxon p {p_value(row['wilcoxon']['p_value'])})"
        + (f"; {paper} in the paper." if paper else ".")
    )


def describe_trend(results: Results, claims: Claims, params: LocaliseParams) -> str:
    """From the lowest threshold to the highest, hybrid network."""
    low, high = (threshold_name(pick(params.thresholds)) for pick in (min, max))
    ours = [results.localisation[name][results.variant("hybrid")] for name in (low, high)]
    found = [claims.find("hybrid", f"localisation/{name}/jaccard") for name in (low, high)]
    printed = [claim.value for claim in found if claim]
    paper = f"; in the paper it {_change(printed)}" if len(printed) == len(found) else ""
    return f"From threshold {low} to {high} the hybrid's Jaccard index {_change(ours)} here{paper}."


def describe_printed(audit: Audit) -> str:
    """How the paper's numbers fare before any network is trained."""
    n_findings = count_verdicts(audit)
    return (
        f"Of {len(audit.findings)} checks of what the paper prints, which need no run, "
        f"{n_findings['impossible as printed']} find it impossible as printed, "
        f"{n_findings['contradiction']} a contradiction, {n_findings['possible']} nothing wrong."
    )


def _change(values: list[float]) -> str:
    first, last = values
    verb = "rises" if last > first else "falls" if last < first else "stays"
    return f"{verb} from {fraction(first, 3)} to {fraction(last, 3)}"
