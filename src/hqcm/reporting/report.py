"""The report: the paper's tables and figures beside ours."""

from pathlib import Path
from typing import NamedTuple

from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.document import Document
from hqcm.reporting.results import CohortParams, Judged, Results
from hqcm.reporting.sections.answer import describe_answer
from hqcm.reporting.sections.audit import describe_audit
from hqcm.reporting.sections.claims import describe_claims
from hqcm.reporting.sections.closing import describe_citation, describe_deviations
from hqcm.reporting.sections.data import describe_data
from hqcm.reporting.sections.explanation import describe_explanation
from hqcm.reporting.sections.figures import describe_browser, describe_figures
from hqcm.reporting.sections.hardware import describe_hardware
from hqcm.reporting.sections.localisation import describe_localisation
from hqcm.reporting.sections.noise import describe_noise
from hqcm.reporting.sections.readings import describe_readings
from hqcm.reporting.sections.scores import describe_classification, describe_scores
from hqcm.reporting.sections.scrutiny import (
    describe_familiarity,
    describe_leakage,
    describe_shortcuts,
)
from hqcm.reporting.sections.study import describe_study
from hqcm.reporting.sections.training import describe_run, describe_training


class ReportParams(NamedTuple):
    """The sections the report speaks of."""

    study: StudyParams
    data: CohortParams
    localise: LocaliseParams
    embed: EmbedParams


def write_report(results: Results, judged: Judged, params: ReportParams) -> Document:
    """Every section, the short answer first."""
    claims, audit, ledger = judged
    figures = Path("figures")  # beside the report
    return Document(
        title="HQCM-EBTC, reproduced",
        lead=f"{claims.paper.title} ({claims.paper.version}): the paper's numbers beside those of "
        f"this run, cohort `{params.data.cohort}`. Research software for studying a published "
        "method. Not a medical device, not for diagnosis, not for any decision about a patient.",
        sections=[
            describe_answer(results, judged, params.localise),
            describe_noise(results, figures),
            describe_study(results.comparisons, figures, params.data.cohort),
            describe_claims(ledger, claims),
            describe_classification(results, claims),
            describe_scores(results, figures),
            describe_localisation(results, claims, figures, params.localise),
            describe_browser(results, params.data.cohort, params.localise),
            describe_explanation(results, figures, params.localise),
            describe_leakage(
                results.leaks,
                describe_familiarity(results.comparisons.familiarity, params.study.pair),
                figures,
            ),
            describe_shortcuts(results),
            describe_hardware(results.hardware, results.comparisons.margin, figures),
            describe_audit(audit),
            describe_figures(results, figures, params.localise, params.embed),
            describe_readings(results.readings),
            describe_deviations(results.deviations),
            describe_data(results, claims),
            describe_training(results, claims),
            describe_run(results),
            describe_citation(claims, results.citation),
        ],
    )
