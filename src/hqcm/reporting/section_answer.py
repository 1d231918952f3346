"""The short answer: does it reproduce?"""

from hqcm.evaluation.overlap import LocaliseParams
from hqcm.ledger.entries import Entry, Ledger
from hqcm.ledger.evidence import SIMULATED
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit
from hqcm.reporting.answer_lines import describe_accuracy, describe_attention, describe_gap
from hqcm.reporting.compared import ROLES
from hqcm.reporting.document import Bullets, Paragraph, Section
from hqcm.reporting.formats import count
from hqcm.reporting.judged import Judged
from hqcm.reporting.results import Results
from hqcm.reporting.section_audit import count_verdicts

PHANTOM = (
    "Not a question this run can answer. It used the simulated phantom cohort, which shows "
    "that the pipeline works from native files to tables and figures; verdicts about the "
    "paper need the clinical cohort: `dvc exp run -S data.cohort=clinical`."
)


def answer(results: Results, judged: Judged, params: LocaliseParams) -> Section:
    """Five lines computed from the ledger: accuracy, noise, attention, audit, what is left."""
    claims, audit, ledger = judged
    return Section(
        "Does it reproduce?",
        [
            Paragraph(f"{conclude(ledger)} {describe_size(results, claims, ledger.cohort)}"),
            Bullets(
                [
                    describe_accuracy(ledger),
                    describe_gap(results, ledger),
                    describe_attention(results, claims, ledger, params),
                    describe_printed(audit, ledger),
                    describe_untested(ledger),
                ]
            ),
        ],
    )


def conclude(ledger: Ledger) -> str:
    """How many claims stand; on simulated patients, why that cannot be said."""
    if ledger.cohort == SIMULATED:
        return PHANTOM
    verdicts = [f"{count(n)} {verdict}" for verdict, n in ledger.n_by_verdict.items() if n]
    return (
        f"Of {count(len(ledger.claims))} claims of the paper: {', '.join(verdicts)}. This run "
        "used the real files found under `data/raw/clinical`."
    )


def describe_size(results: Results, claims: Claims, cohort: str) -> str:
    """How much data and how many runs."""
    kind = "simulated" if cohort == SIMULATED else "real"
    n_paper = claims.get("none", "slices/all").value
    runs = "once" if results.n_seeds == 1 else f"{results.n_seeds} times; the numbers are means"
    return (
        f"{count(len(results.index))} {kind} slices; the paper has {count(int(n_paper))}. Each "
        f"network was trained {runs}."
    )


def describe_printed(audit: Audit, ledger: Ledger) -> str:
    """How the paper's numbers fare before any network is trained."""
    n_findings = count_verdicts(audit)
    impossible = [entry for entry in ledger.claims if entry.verdict == "impossible as printed"]
    named = ", ".join(_name(entry) for entry in impossible) or "none"
    return (
        f"Printed numbers that cannot be true, whatever the data: {named}. Of "
        f"{len(audit.findings)} checks of what the paper prints, "
        f"{n_findings['impossible as printed']} find it impossible as printed, "
        f"{n_findings['contradiction']} a contradiction, {n_findings['possible']} nothing wrong."
    )


def describe_untested(ledger: Ledger) -> str:
    """What this run leaves open."""
    untested = [entry for entry in ledger.claims if entry.verdict == "not tested on this cohort"]
    n_claims = f"{count(len(untested))} of {count(len(ledger.claims))} claims"
    if ledger.cohort == SIMULATED:
        return f"Not tested: {n_claims}, all whose verdict depends on data."
    named = f": {', '.join(_name(entry) for entry in untested)}" if untested else ""
    return f"Not tested: {n_claims}{named}."


def _name(entry: Entry) -> str:
    about = f" ({entry.network})" if entry.network in ROLES and entry.kind == "number" else ""
    return f"{entry.says}{about}"
