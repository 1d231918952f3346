"""What a run has found, read once: everything that the report says and the figures show.

Most files lie in the folder of what stages exchange, under the names given here; those that a
contract with the outside fixes lie beside it. How to cite the project, what its published studies
find and what the paper claims enter here as well.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from hqcm.cohort.converted import read_pseudonyms, read_rejections
from hqcm.comparison.comparisons import Comparisons, read_comparisons
from hqcm.contracts.labels import ROLES, Cohort, Role
from hqcm.contracts.params import Section, View, check_section, read_yaml
from hqcm.contracts.study import Cell, StudyParams
from hqcm.explanation.grad_cam_store import read_grad_cams
from hqcm.hardware.conditions import HardwareScores, read_hardware
from hqcm.hardware.structure import Structure, read_structure
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import Curves
from hqcm.ledger.ledger import Ledger, judge, judge_over_seeds
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit, load_audit
from hqcm.paper.readings import TABLE, TriedReadings, load_tried
from hqcm.paper.sources import Source, load_sources
from hqcm.reporting.figures.slices import choose_pairs, choose_samples
from hqcm.reporting.verdicts import VERDICTS_FILE, Verdicts, read_verdicts
from hqcm.results.files import read_json, table_path
from hqcm.results.intervals import Estimate, Estimates, ProtocolEstimates, read_all_estimates
from hqcm.results.predictions import Predictions, predictions_path, read_predictions
from hqcm.results.roundings import Roundings, describe_configuration, read_roundings
from hqcm.scrutiny.leakage import ProtocolLeaks, read_leaks, read_pairs
from hqcm.scrutiny.shortcuts import Shortcuts, read_shortcuts
from hqcm.slices.split_file import read_split
from hqcm.slices.stacks import Stack, read_stack
from hqcm.slices.store import read_index


class CohortParams(Section):
    """Section `data`."""

    cohort: Cohort


class _TrainedNetwork(View):
    """What lies beside a checkpoint: how the network came about."""

    variant: str
    best_epoch: int
    n_epochs: int
    device: str
    precision: str
    n_parameters: dict[str, int]
    versions: dict[str, str]
    params: dict[str, Any]

    def parameter(self, key: str) -> Any:  # noqa: ANN401  (numbers, texts and switches)
        """The value of a dotted key, or the device; None where this network has no such thing."""
        node: Any = {**self.params, "device": self.device}
        for name in key.split("."):
            node = node.get(name) if isinstance(node, dict) else None
        return node


@dataclass(frozen=True)
class Results:
    """The compared pair under the first protocol of the study.

    Dictionaries go from role (hybrid, classical) to what that network left. `estimates`
    are those of every protocol, `runs` and `grad_cams` those of the first seed, `stack` their
    test slices by their pseudonyms, `mcnemar` a test a seed; `trained` has every run of the study.
    Tables of curves and dots: `planes` (t-SNE), `confusions`, `roc`, `reliabilities`, `jaccard`
    (against the threshold) and `curves` (deletion and insertion). `samples` are slices of each
    class, `pairs` some test slices beside near-duplicates in training, `twins` the slices of both,
    none where there is no pair. `sources` say what the paper used of each, `verdicts` are those of
    the published studies. `roundings` and `readings` were measured by commands of their own; None
    where they were not.
    """

    study: StudyParams
    index: pd.DataFrame
    part: "pd.Series[str]"
    rejections: dict[str, pd.DataFrame]
    metrics: dict[Role, Any]
    estimates: Estimates
    localisation: dict[str, Any]
    citation: str
    histories: dict[Role, list[pd.DataFrame]]
    networks: dict[Role, list[_TrainedNetwork]]
    runs: dict[Role, Predictions]
    stack: Stack
    comparisons: Comparisons
    mcnemar: list[dict[str, Any]]
    trained: dict[Cell, _TrainedNetwork]
    planes: dict[Role, pd.DataFrame]
    confusions: dict[Role, pd.DataFrame]
    roc: dict[Role, pd.DataFrame]
    reliabilities: dict[Role, pd.DataFrame]
    jaccard: dict[Role, pd.DataFrame]
    grad_cams: dict[Role, NDArray[np.float32]]
    curves: dict[Role, pd.DataFrame]
    leaks: dict[str, ProtocolLeaks]
    samples: Stack
    pairs: pd.DataFrame
    twins: Stack | None
    shortcuts: Shortcuts
    hardware: HardwareScores
    structure: Structure
    audit: Audit
    verdicts: Verdicts
    roundings: Roundings | None
    readings: TriedReadings | None
    sources: dict[str, Source]

    @property
    def configuration(self) -> dict[str, Any]:
        """Of the compared pair, to be held against that of `roundings`."""
        networks = {self.variant(role): self.networks[role][0].params for role in ROLES}
        return describe_configuration(networks, len(self.runs["hybrid"].y_true))

    @property
    def noise(self) -> float | None:
        """Differences of accuracy below this come of rounding; None where that was not measured."""
        measured = self.roundings
        is_measured = measured is not None and measured.configuration == self.configuration
        return measured.noise(self.study.pair) if measured and is_measured else None

    @property
    def n_seeds(self) -> int:
        """Runs of each network."""
        return len(self.study.seeds)

    def variant(self, role: Role) -> str:
        """The name of the network in the parameters."""
        return self.study.pair[ROLES.index(role)]

    def estimates_of(self, protocol: str) -> ProtocolEstimates:
        """The estimates of a protocol; empty where there are none."""
        return self.estimates.get(protocol, ProtocolEstimates(networks={}, differences={}))

    def find_estimate(self, role: Role, quantity: str) -> Estimate | None:
        """Of the compared pair under the first protocol; None where there is none."""
        found = self.estimates_of(self.study.protocols[0])
        return found.networks.get(self.variant(role), {}).get(quantity)

    def find_difference(self, quantity: str) -> Estimate | None:
        """Hybrid minus classical under the first protocol; None where there is none."""
        return self.estimates_of(self.study.protocols[0]).differences.get(quantity)


class ResultFiles(NamedTuple):
    """Where they lie; `results` is the folder of what stages leave for one another alone."""

    prepared: Path
    pseudonyms: Path
    split: Path
    interim: Path
    checkpoints: Path
    predictions: Path
    maps: Path
    history: Path
    metrics: Path
    confusion: Path
    localisation: Path
    embedding: Path
    results: Path
    measured: Path
    readings: Path
    sources: Path
    citation: Path


def read_results(files: ResultFiles, study: StudyParams) -> Results:
    """Read what the report and its figures show and nothing else."""
    protocol, left = study.protocols[0], files.results
    names = dict(zip(ROLES, study.pair, strict=True))
    cells = {
        role: [Cell(name, protocol, seed) for seed in study.seeds] for role, name in names.items()
    }
    all_metrics, traced = read_json(files.metrics)[protocol], pd.read_csv(left / "explanation.csv")
    runs = {
        role: read_predictions(predictions_path(files.predictions, first))
        for role, (first, *_) in cells.items()
    }
    slice_ids = runs["hybrid"].slice_id.tolist()
    key, index = read_pseudonyms(files.pseudonyms), read_index(files.prepared)
    trained = {
        cell: _read_trained(files.checkpoints / f"{cell.name}.json") for cell in study.cells()
    }
    pairs = choose_pairs(read_pairs(left / "leakage.csv", key), protocol)
    paired = [*pairs["slice_id"], *pairs["twin_id"]]

    def tables(folder: Path) -> dict[Role, pd.DataFrame]:
        return {
            role: pd.read_csv(table_path(folder, name, protocol)) for role, name in names.items()
        }

    return Results(
        study=study,
        index=index,
        part=read_split(files.split / f"{protocol}.csv"),
        rejections={
            name: read_rejections(files.interim / name / "slices.rejected.csv")
            for name in index["source"].unique()
        },
        metrics={role: all_metrics[name] for role, name in names.items()},
        estimates=read_all_estimates(left / "intervals"),
        localisation=read_json(files.localisation)[protocol],
        citation=_read_citation(files.citation),
        histories={
            role: [pd.read_csv(files.history / f"{cell.name}.csv") for cell in listed]
            for role, listed in cells.items()
        },
        networks={role: [trained[cell] for cell in listed] for role, listed in cells.items()},
        trained=trained,
        runs=runs,
        stack=replace(read_stack(files.prepared, slice_ids), slice_id=key[slice_ids].tolist()),
        comparisons=read_comparisons(left / "compare.json"),
        mcnemar=read_json(left / "mcnemar.json")[protocol],
        planes=tables(files.embedding),
        confusions=tables(files.confusion),
        roc=tables(left / "roc"),
        reliabilities=tables(left / "reliability"),
        jaccard=tables(left / "jaccard"),
        grad_cams={
            role: read_grad_cams(files.maps, slice_ids, name) for role, name in names.items()
        },
        curves={role: traced[traced["variant"] == name] for role, name in names.items()},
        leaks=read_leaks(left / "leakage.json"),
        samples=read_stack(files.prepared, choose_samples(index)),
        pairs=pairs,
        twins=read_stack(files.prepared, paired) if paired else None,
        shortcuts=read_shortcuts(left / "shortcuts.json"),
        hardware=read_hardware(left / "hardware.json"),
        structure=read_structure(left / "structure.json"),
        audit=load_audit(left / "audit.json"),
        verdicts=read_verdicts(files.measured / VERDICTS_FILE),
        roundings=read_roundings(files.measured),
        readings=load_tried(files.readings, files.measured / TABLE),
        sources=load_sources(files.sources),
    )


def _read_trained(path: Path) -> _TrainedNetwork:
    return check_section("network", _TrainedNetwork, {"network": read_json(path)}, str(path))


class _Author(View):
    name: str


class _Citation(View):
    title: str
    authors: list[_Author] = Field(min_length=1)
    version: str
    license: str


def _read_citation(path: Path) -> str:
    """Authors, title, version and licence.

    Raises:
        ValueError: the file lacks one of them.
    """
    loaded = {"citation": read_yaml(path)}
    cited = check_section("citation", _Citation, loaded, where=str(path))
    authors = ", ".join(author.name for author in cited.authors)
    return f"{authors}, {cited.title}, version {cited.version}, {cited.license} licence"


class Judged(NamedTuple):
    """What the paper says, whether it can be true, and whether it came out here."""

    claims: Claims
    audit: Audit
    ledger: Ledger


def judge_run(results: Results, claims: Claims, cohort: str) -> Judged:
    """Hold the claims against the results; raises like `judge`."""
    evidence = Evidence(
        cohort=cohort,
        study=results.study,
        estimates=results.estimates,
        tests=results.localisation,
        curves=Curves(results.histories["hybrid"], results.histories["classical"]),
        index=results.index,
        part=results.part,
    )
    ledger = judge(claims, results.audit, evidence)
    return Judged(claims, results.audit, judge_over_seeds(ledger, claims, results.comparisons))
