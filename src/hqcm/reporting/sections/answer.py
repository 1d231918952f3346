"""The short answer: does it reproduce? Lines computed from the ledger, where our numbers enter."""

from hqcm.contracts.labels import ROLES, Role
from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.ledger.evidence import SIMULATED
from hqcm.ledger.ledger import Entry, Ledger
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit
from hqcm.reporting.document import Bullets, Paragraph, Section
from hqcm.reporting.numbers import count, fraction, p_value, percent, points, tell
from hqcm.reporting.results import Judged, Results
from hqcm.reporting.sections.audit import count_verdicts
from hqcm.reporting.sections.noise import tell_noise

_PHANTOM = (
    "Not a question this run can answer. It used the simulated phantom cohort, which shows "
    "that the pipeline works from native files to tables and figures; verdicts about the "
    "paper need the clinical cohort: `dvc exp run -S data.cohort=clinical`."
)
_BEYOND = ' The interval under "Is it the quantum layer?" counts other seeds as well.'
"""Why the same difference stands with another interval there."""


def describe_answer(results: Results, judged: Judged, params: LocaliseParams) -> Section:
    """How many claims stand, and five lines: accuracy, noise, attention, audit, what is left."""
    claims, audit, ledger = judged
    kind = "simulated" if ledger.cohort == SIMULATED else "real"
    n_paper = int(claims.get("none", "slices/all").value)
    runs = "once" if results.n_seeds == 1 else f"{results.n_seeds} times; the numbers are means"
    lead = (
        f"{_conclude(ledger)} {count(len(results.index))} {kind} slices; the paper has "
        f"{count(n_paper)}. Each network was trained {runs}."
    )
    lines = [
        _describe_accuracy(ledger),
        _describe_gap(results, ledger),
        _describe_attention(results, claims, ledger, params),
        _describe_printed(audit, ledger),
        _describe_untested(ledger),
    ]
    return Section("Does it reproduce?", [Paragraph(lead), Bullets(lines)])


def _conclude(ledger: Ledger) -> str:
    if ledger.cohort == SIMULATED:
        return _PHANTOM
    verdicts = [f"{count(n)} {verdict}" for verdict, n in ledger.n_by_verdict.items() if n]
    return (
        f"Of {count(len(ledger.claims))} claims of the paper: {', '.join(verdicts)}. This run "
        "used the real files found under `data/raw/clinical`."
    )


def _describe_accuracy(ledger: Ledger) -> str:
    told = []
    for role in ROLES:
        entry = ledger.get(f"t1-{role}-accuracy")
        ours = tell(entry.found, percent) if entry.found else "not measured"
        paper = percent(float(entry.printed), 2)
        told.append(f"{role} {ours} here, {paper} in the paper{_verdict(ledger, entry)}")
    return f"Accuracy: {'; '.join(told)}."


def _describe_gap(results: Results, ledger: Ledger) -> str:
    hybrid, classical = (float(ledger.get(f"t1-{role}-accuracy").printed) for role in ROLES)
    entry, over = ledger.get("w-higher-accuracy"), "95 % interval over patients "
    ours = tell(entry.found, points, over) if entry.found else "not measured"
    paper = points(hybrid - classical)
    noise = {
        "reproduced": "outside the noise of the test patients, the hybrid ahead",
        "not reproduced": "the hybrid is not ahead",
        "inconclusive": "within the noise of the test patients",
    }.get(entry.comparison, "not measured")
    said = f"Hybrid minus classical accuracy: {ours} here, {paper} in the paper: {noise}"
    if results.n_seeds == 1:
        noise = "" if results.noise is None else f" {tell_noise(results.noise)}"
        return f"{said}; of another seed one run says nothing.{noise}"
    return f"{said}.{_BEYOND if entry.found else ''}"


def _describe_attention(
    results: Results, claims: Claims, ledger: Ledger, params: LocaliseParams
) -> str:
    low, high = (threshold_name(pick(params.thresholds)) for pick in (min, max))
    row = results.localisation[high]
    ours = " against ".join(fraction(row[name], 3) for name in results.study.pair)
    printed = [_printed(claims, role, high) for role in ROLES]
    paper = " against ".join(fraction(value, 3) for value in printed if value is not None)
    verdict = _verdict(ledger, ledger.get("w-more-localised"))
    return (
        f"Attention maps: Jaccard index at {high}, hybrid against classical, {ours} here "
        f"(Wilcoxon p {p_value(row['wilcoxon']['p_value'])})"
        + (f", {paper} in the paper" if paper else "")
        + f"{verdict}. {_describe_trend(results, claims, low, high)}"
    )


def _describe_trend(results: Results, claims: Claims, low: str, high: str) -> str:
    ours = (results.localisation[name][results.variant("hybrid")] for name in (low, high))
    first, last = (_printed(claims, "hybrid", name) for name in (low, high))
    paper = "" if first is None or last is None else f"; in the paper it {_change(first, last)}"
    return f"From threshold {low} to {high} the hybrid's index {_change(*ours)} here{paper}."


def _describe_printed(audit: Audit, ledger: Ledger) -> str:
    n_findings = count_verdicts(audit)
    impossible = [entry for entry in ledger.claims if entry.verdict == "impossible as printed"]
    named = ", ".join(_name(entry) for entry in impossible) or "none"
    return (
        f"Printed numbers that cannot be true, whatever the data: {named}. Of "
        f"{len(audit.findings)} checks of what the paper prints, "
        f"{n_findings['impossible as printed']} find it impossible as printed, "
        f"{n_findings['contradiction']} a contradiction, {n_findings['possible']} nothing wrong."
    )


def _describe_untested(ledger: Ledger) -> str:
    untested = [entry for entry in ledger.claims if entry.verdict == "not tested on this cohort"]
    n_claims = f"{count(len(untested))} of {count(len(ledger.claims))} claims"
    if ledger.cohort == SIMULATED:
        return f"Not tested: {n_claims}, all whose verdict depends on data."
    named = f": {', '.join(_name(entry) for entry in untested)}" if untested else ""
    return f"Not tested: {n_claims}{named}."


def _verdict(ledger: Ledger, entry: Entry) -> str:
    """None on simulated patients, unless the audit has it."""
    hidden = ledger.cohort == SIMULATED and entry.verdict != "impossible as printed"
    return "" if hidden else f": {entry.verdict}"


def _printed(claims: Claims, role: Role, threshold: str) -> float | None:
    claim = claims.find(role, f"localisation/{threshold}/jaccard")
    return claim.value if claim else None


def _change(first: float, last: float) -> str:
    verb = "rises" if last > first else "falls" if last < first else "stays"
    return f"{verb} from {fraction(first, 3)} to {fraction(last, 3)}"


def _name(entry: Entry) -> str:
    about = f" ({entry.network})" if entry.network in ROLES and entry.kind == "number" else ""
    return f"{entry.says}{about}"
