"""The toy study, evaluated: the files and parameters of the stage `report`."""

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from hqcm.cohort.converted import Rejection, hide_slices, read_pseudonyms, write_table
from hqcm.cohort.duplicates import read_twins
from hqcm.cohort.families import read_cohort
from hqcm.comparison.compare import compare_study
from hqcm.comparison.comparisons import write_comparisons
from hqcm.comparison.known_slices import compare_known
from hqcm.comparison.learning_rates import read_rates
from hqcm.comparison.sampling import sample_study
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation import classification, localisation
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_study
from hqcm.evaluation.embedding import EmbedParams, embed_study, measure_separability
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.evaluation.scores import measure_classification
from hqcm.evaluation.test_slices import read_test_slices
from hqcm.explanation.areas import estimate_explanations, tabulate_curves
from hqcm.explanation.grad_cam_store import write_grad_cams
from hqcm.paper.claims import load_claims
from hqcm.paper.findings import Audit, Finding, Quote, Verdict
from hqcm.paper.readings import TABLE, read_readings, update_table
from hqcm.reporting.figures.drawing import save_figures
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.page import render_page
from hqcm.reporting.report import ReportParams, write_report
from hqcm.reporting.results import CohortParams, ResultFiles, judge_run, read_results
from hqcm.reporting.verdicts import VERDICTS_FILE
from hqcm.results.files import write_json, write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions
from hqcm.results.roundings import Roundings, describe_configuration, write_roundings
from hqcm.scrutiny.leakage import audit_splits, read_known, read_parts, write_leaks
from hqcm.scrutiny.shortcuts import ShortcutParams, measure_clues, probe_splits, write_shortcuts
from toy_evidence import IMPOSSIBLE, audit_of
from toy_explanation import explain_toy
from toy_hardware import TOY_HARDWARE, TOY_STRUCTURE
from toy_study import STUDY, write_study

PARAMS = ReportParams(
    study=STUDY,
    data=CohortParams(cohort="phantom"),
    localise=LocaliseParams(thresholds=[0.99, 0.9, 0.75], attention_scale="raw", empty_mask="skip"),
    embed=EmbedParams(perplexity=8, seed=42),
)
UNCERTAINTY = UncertaintyParams(n_resamples=2000, seed=0)
"""As in params.yaml: the stages write the same report."""
SHORTCUTS = ShortcutParams(dark_below=0.1, n_trees=100, min_slices_in_leaf=5, seed=0)
MARGIN = 0.02


def invent_finding(name: str, verdict: Verdict, calculation: list[str], *places: str) -> Finding:
    """A finding on one number for each place."""
    return Finding(
        id=name,
        question=f"Is {name} so?",
        printed=[
            Quote(place=place, says=f"entry {i}", printed=f"0.9{i}")
            for i, place in enumerate(places)
        ],
        calculation=calculation,
        result=f"What {name} gives.",
        verdict=verdict,
        figures={},
    )


READINGS = Path(__file__).resolve().parents[1] / "data/paper/readings.yaml"
MEASURED = READINGS.parents[1] / "measured"
CITATION = "title: Toys\nauthors: [{name: Ann}, {name: Bob}]\nversion: 1.2.0\nlicense: MIT\n"
AUDIT = Audit(
    n_test=40,
    supports=dict.fromkeys(CLASS_NAMES, 10),
    findings=[
        invent_finding("size", "possible", ["15 % of 64 is 9.6."], "Section 4.1", "Table 1"),
        invent_finding("wording", "contradiction", [], "Table 3", "Section 4.2"),
        invent_finding("lines", "possible", ["a < b", "b | c"], *["Table 1"] * 4, "Abstract"),
        invent_finding("sums", "impossible as printed", ["1 + 1 = 2."], *["Table 1"] * 6),
        invent_finding("ranks", "impossible as printed", ["2 x 3 = 6."], "Table 2"),
    ],
)
FULL_AUDIT = AUDIT.model_copy(
    update={"findings": [*AUDIT.findings, *audit_of(IMPOSSIBLE).findings]}
)
"""With the findings that the paper's claims cite."""


@dataclass(frozen=True)
class Evaluated:
    """A folder as the stages before `report` leave it."""

    folder: Path

    @property
    def files(self) -> ResultFiles:
        """What the report reads."""
        folder = self.folder
        return ResultFiles(
            prepared=folder / "prepared.h5",
            pseudonyms=folder / "pseudonyms.csv",
            split=folder / "split",
            interim=folder / "interim",
            checkpoints=folder / "checkpoints",
            predictions=folder / "predictions",
            maps=folder / "explanation.h5",
            history=folder / "history",
            metrics=folder / "metrics.json",
            confusion=folder / "confusion",
            localisation=folder / "localisation.json",
            embedding=folder / "embedding",
            results=folder / "results",
            measured=folder / "measured",
            readings=READINGS,
            sources=READINGS.with_name("sources.yaml"),
            citation=folder / "CITATION.cff",
        )


@cache
def toy_study(base: Path) -> Evaluated:
    """The toy study, evaluated once for all tests of a session; none of them changes it.

    Args:
        base: the folder of the session's temporary folders.
    """
    folder = base / "toy-study"
    folder.mkdir()
    return evaluate_toy_study(folder)


@cache
def toy_figures(evaluated: Evaluated) -> Path:
    """The folder of its figures, drawn once."""
    folder = evaluated.folder / "figures"
    results = read_results(evaluated.files, PARAMS.study)
    save_figures(folder, draw_gallery(results, PARAMS.localise))
    return folder


def write_measured(folder: Path) -> None:
    """What `make roundings` and `make identify` might have found: of another configuration."""
    runs = [
        {"arithmetic": name, "variant": variant, "accuracy": accuracy, "n_slices": 40}
        for name, both in {
            "whole": (0.9, 0.8),
            "half": (0.85, 0.85),
            "quarter": (0.9, 0.875),
        }.items()
        for variant, accuracy in zip(STUDY.pair, both, strict=True)
    ]
    write_roundings(folder, Roundings(pd.DataFrame(runs), describe_configuration({}, 40)))
    readings = read_readings(READINGS)
    tried = [
        {
            "cohort": cohort,
            "image_size_px": 128,
            "reading": name,
            "seed": seed,
            "hybrid_loss": 1.5 + seed / 10,
            "classical_loss": 2.25 + seed / 10 + number,
            "hybrid_accuracy": accuracy,
            "classical_accuracy": accuracy,
            "hybrid_dead": 0,
            "classical_dead": number,
        }
        for cohort, accuracy in (("clinical", None), ("phantom", 0.9))
        for number, name in enumerate(readings.readings)
        for seed in range(3)
    ]
    update_table(folder / TABLE, pd.DataFrame(tried))
    shutil.copy(MEASURED / VERDICTS_FILE, folder)


def evaluate_toy_study(folder: Path) -> Evaluated:
    """Write the toy study and what the stages make of it."""
    write_study(folder)
    write_measured(folder / "measured")
    (folder / "results" / "intervals").mkdir(parents=True)
    predictions = read_study_predictions(folder / "predictions", STUDY)
    left = folder / "results"
    slices = read_test_slices(folder / "prepared.h5", folder / "duplicates.csv", predictions)
    write_json(folder / "metrics.json", classification.summarise_study(predictions))
    write_json(left / "mcnemar.json", classification.compare_hits(predictions, STUDY))
    write_tables(folder / "confusion", classification.tabulate_confusion(predictions))
    write_tables(left / "roc", classification.tabulate_roc(predictions))
    write_tables(left / "reliability", classification.tabulate_calibration(predictions))
    names = read_pseudonyms(folder / "pseudonyms.csv")
    write_tables(folder / "embedding", embed_study(predictions, PARAMS.embed, names))
    params, pair, thresholds = PARAMS.localise, STUDY.pair, PARAMS.localise.thresholds
    measured = localisation.overlap_study(predictions, slices, params)
    headline = localisation.compare_study(measured, slices, pair, thresholds)
    write_json(folder / "localisation.json", headline)
    table = localisation.tabulate_study(predictions, slices, params)
    table.to_csv(left / "localisation.csv", index=False)
    curves = localisation.tabulate_curves(predictions, slices, params, pair, UNCERTAINTY)
    write_tables(left / "jaccard", curves)
    groups = {protocol: found.groups for protocol, found in slices.items()}
    estimates = {
        name: estimate_study(predictions, groups, measure, pair, UNCERTAINTY)
        for name, measure in (
            ("classification", measure_classification),
            ("separability", measure_separability),
        )
    }
    estimates["localisation"] = localisation.estimate_overlap(
        measured, slices, thresholds, pair, UNCERTAINTY
    )
    for name, intervals in estimates.items():
        write_estimates(folder / "results" / "intervals" / f"{name}.json", intervals)
    write_provenance(folder)
    write_explanation(folder)
    rates = read_rates(folder / "checkpoints", folder / "history", STUDY)
    files = (folder / "prepared.h5", folder / "twins.csv", folder / "split")
    compared = compare_study(
        sample_study(predictions, slices, params, UNCERTAINTY),
        rates,
        compare_known(predictions, slices, read_known(*files, predictions), UNCERTAINTY),
        STUDY,
        MARGIN,
    )
    write_comparisons(left / "compare.json", compared)
    write_scrutiny(folder)
    return Evaluated(folder)


def write_scrutiny(folder: Path) -> None:
    """What the stage `scrutiny` makes of the toy study."""
    prepared = folder / "prepared.h5"
    cohort = read_cohort(prepared, folder / "duplicates.csv")
    parts = read_parts(folder / "split", STUDY.protocols)
    leaks, pairs = audit_splits(cohort, parts, read_twins(folder / "twins.csv"))
    write_leaks(folder / "results" / "leakage.json", leaks)
    names = read_pseudonyms(folder / "pseudonyms.csv")
    hide_slices(pairs, names).to_csv(folder / "results" / "leakage.csv", index=False)
    clues = measure_clues(prepared, [prepared], SHORTCUTS.dark_below)
    shortcuts = probe_splits(cohort, clues, parts, SHORTCUTS, UNCERTAINTY)
    write_shortcuts(folder / "results" / "shortcuts.json", shortcuts)


def write_explanation(folder: Path) -> None:
    """As if the stage `explain` had asked the networks."""
    predictions = read_study_predictions(folder / "predictions", STUDY)
    slices = read_test_slices(folder / "prepared.h5", folder / "duplicates.csv", predictions)
    for protocol, variants in predictions.items():
        stack, groups = slices[protocol].stack, slices[protocol].groups
        left = folder / "results"
        toys = {name: explain_toy(runs[0], stack) for name, runs in variants.items()}
        areas = estimate_explanations(toys, stack, groups, PARAMS.localise, UNCERTAINTY)
        write_estimates(left / "intervals" / "explanation.json", {protocol: areas})
        tabulate_curves(toys).to_csv(left / "explanation.csv", index=False)
        grad_cams = {name: toy.maps["grad_cam"] for name, toy in toys.items()}
        write_grad_cams(folder / "explanation.h5", stack.slice_id, grad_cams)


def write_provenance(folder: Path) -> None:
    """The audit of the paper, runs on hardware, rejected files, notes beside the checkpoints."""
    write_json(folder / "results" / "audit.json", FULL_AUDIT.model_dump())
    write_json(folder / "results" / "hardware.json", TOY_HARDWARE.model_dump())
    write_json(folder / "results" / "structure.json", TOY_STRUCTURE.model_dump())
    (folder / "CITATION.cff").write_text(CITATION, encoding="utf-8")
    (folder / "checkpoints").mkdir()
    for source in ("trainingdatapro", "figshare"):
        n = 3 if source == "figshare" else 0
        rejected = [Rejection(f"{i}.jpg", f"must be {'whole' if i else 'L'}") for i in range(n)]
        (folder / "interim" / source).mkdir(parents=True)
        write_table(folder / "interim" / source / "slices.rejected.csv", Rejection, rejected)
    for cell in STUDY.cells():
        trained = {"learning_rate": 0.01, "weight_decay": 0.0001, "batch_size": 64}
        quantum = {"quantum": {"n_qubits": 5}} if cell.variant in STUDY.hybrid else {}
        note = {
            "variant": cell.variant,
            "seed": cell.seed,
            "best_epoch": 4,
            "n_epochs": 6,
            "device": "cpu",
            "precision": "float32",
            "n_parameters": {"all": 1654636, "head": 150},
            "versions": {"torch": "2.14.1", "numpy": "2.4.6"},
            "params": {"train": trained, "variants": {cell.variant: {}}, **quantum},
        }
        (folder / "checkpoints" / f"{cell.name}.json").write_text(json.dumps(note))


CLAIMS_FILE = Path(__file__).parents[1] / "data" / "paper" / "claims.yaml"


def write_toy_page(evaluated: Evaluated) -> None:
    """The page of the toy study, beside its results as `index.html`."""
    results = read_results(evaluated.files, PARAMS.study)
    judged = judge_run(results, load_claims(CLAIMS_FILE), PARAMS.data.cohort)
    page = render_page(write_report(results, judged, PARAMS), toy_figures(evaluated))
    (evaluated.folder / "index.html").write_text(page, encoding="utf-8")
