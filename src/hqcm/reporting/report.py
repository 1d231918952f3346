"""The report: the paper's tables and figures beside ours."""

from pathlib import Path
from typing import NamedTuple

from hqcm.comparison.comparisons import read_comparisons
from hqcm.contracts.labels import ROLES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Bullets, Document, Paragraph, Section
from hqcm.reporting.numbers import count, percent
from hqcm.reporting.results import CohortParams, Judged, Results
from hqcm.reporting.sections.answer import describe_finding, describe_result
from hqcm.reporting.sections.audit import describe_audit
from hqcm.reporting.sections.browsing import describe_browser
from hqcm.reporting.sections.claims import describe_claims
from hqcm.reporting.sections.data import describe_citation, describe_data
from hqcm.reporting.sections.explanation import describe_explanation
from hqcm.reporting.sections.hardware import describe_hardware
from hqcm.reporting.sections.localisation import describe_localisation
from hqcm.reporting.sections.network import describe_network
from hqcm.reporting.sections.noise import describe_noise
from hqcm.reporting.sections.readings import describe_readings
from hqcm.reporting.sections.scores import describe_classification
from hqcm.reporting.sections.scrutiny import (
    describe_familiarity,
    describe_leakage,
    describe_shortcuts,
    tell_leaks,
)
from hqcm.reporting.sections.study import describe_study
from hqcm.reporting.sections.training import describe_training
from hqcm.reporting.verdicts import read_ledger
from hqcm.scrutiny.leakage import read_leaks


class ReportParams(NamedTuple):
    """The sections the report speaks of."""

    study: StudyParams
    data: CohortParams
    localise: LocaliseParams
    embed: EmbedParams


def write_report(results: Results, judged: Judged, params: ReportParams) -> Document:
    """The published finding, this run, then its details; no number stands twice in sight."""
    claims, audit, ledger = judged
    figures = Path("figures")  # beside the report
    familiarity = describe_familiarity(results.comparisons.familiarity, params.study.pair)
    return Document(
        title="HQCM-EBTC, reproduced",
        lead="Research software that checks a published method. Not a medical device, not for "
        f"diagnosis. {claims.paper.title} ({claims.paper.version}) beside this run, cohort "
        f"`{params.data.cohort}`.",
        sections=[
            describe_finding(results.verdicts, figures),
            describe_result(results, judged),
            describe_noise(results, figures),
            describe_classification(results, claims, figures, params.embed),
            describe_localisation(results, claims, figures, params.localise),
            describe_browser(results, params.data.cohort, params.localise),
            describe_explanation(results, figures, params.localise),
            describe_leakage(results.leaks, familiarity, figures),
            describe_shortcuts(results),
            describe_network(results.structure, figures),
            describe_hardware(results.hardware, results.comparisons.margin, figures),
            describe_study(results.comparisons, figures, params.data.cohort),
            describe_claims(ledger, claims),
            describe_audit(audit),
            describe_readings(results.readings),
            describe_training(results, claims, figures),
            describe_data(results, claims, figures, params.data.cohort),
            describe_citation(claims, results.citation),
        ],
    )


_EASY = (
    "The text gives layers, losses and hyper-parameters in formulas; the authors' inference model "
    "fills gaps such as kernel sizes; PennyLane has the circuit."
)
_DIFFICULT = (
    "The classical counterpart, initial weights, seed and split by patient are nowhere; text and "
    "Table 3 disagree; two sources may not be passed on; printed numbers contradict each other; "
    "training is numerically unstable, so a single run says little."
)


def write_summary(results: Results, judged: Judged, params: ReportParams) -> Document:
    """One page in the form of the ML Reproducibility Challenge."""
    verdicts, paper, claims = results.verdicts, judged.claims.paper, judged.ledger.claims
    accuracies = " and ".join(
        f"{role} {percent(results.metrics[role]['accuracy'])}" for role in ROLES
    )
    scope = [row.claim for row in verdicts.rows]
    told = [f"{row.found} {row.verdict}" for row in verdicts.rows]
    method = (
        "The network, its loss and training were rebuilt in PyTorch from the text; circuits are "
        f"simulated. {len(claims)} claims have rules fixed beforehand. Published study: "
        f"{count(verdicts.n_slices)} real slices of {count(verdicts.n_slices_paper)}, "
        f"{verdicts.image_size_px} px, {verdicts.n_seeds} seeds, networks tuned on validation."
    )
    run = (
        f"This run, cohort `{params.data.cohort}`, {count(len(results.index))} slices, "
        f"seeds: {', '.join(map(str, params.study.seeds))}. Accuracy: {accuracies}."
    )
    return Document(
        title="Reproducibility summary",
        lead=f"{paper.title} ({paper.version}). Not for diagnosis.",
        sections=[
            Section("Scope of reproducibility", [Bullets([*scope])]),
            Section("Methodology", [Paragraph(method)]),
            Section("Results", [Bullets([*told]), Paragraph(run)]),
            Section("What was easy", [Paragraph(_EASY)]),
            Section("What was difficult", [Paragraph(_DIFFICULT)]),
            Section("Communication with original authors", [Paragraph("None.")]),
        ],
    )


def write_study(folder: Path, name: str, claims: Claims) -> Document:
    """What is published of a study, from the files of its folder alone.

    Args:
        folder: with `compare.json`, `claims.json`, `leakage.json` and the figure of the study.
        name: of the study.
        claims: those that were judged.

    Raises:
        OSError: one of the files is missing.
    """
    compared, ledger = (
        read_comparisons(folder / "compare.json"),
        read_ledger(folder / "claims.json"),
    )
    leaks = read_leaks(folder / "leakage.json")
    familiarity = describe_familiarity(
        compared.familiarity, (compared.hybrid, compared.counterpart)
    )
    return Document(
        title=f"Study {name}",
        lead=f"Cohort `{ledger.cohort}`; not for diagnosis. README.md has the verdicts of all.",
        sections=[
            describe_study(compared, Path("figures"), ledger.cohort),
            describe_claims(ledger, claims),
            Section("Does the test part leak?", [*tell_leaks(leaks), *familiarity]),
        ],
    )
