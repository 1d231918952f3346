"""How to cite this reproduction: `CITATION.cff` in a sentence.

The table of `docs/deviations.md`: where the paper is silent or contradicts itself.

How a network came about: the JSON beside its checkpoint.

Everything the report reads: the files that the stages before have left.

The paper as this run leaves it: its claims, their audit and the ledger of verdicts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import Field

from hqcm.cohort.converted import read_rejections
from hqcm.comparison.comparisons import Comparisons, read_comparisons
from hqcm.contracts.params import Section, View, check_section, read_yaml
from hqcm.contracts.study import Cell, StudyParams
from hqcm.hardware.conditions import HardwareFound, read_hardware
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import Curves
from hqcm.ledger.ledger import Ledger, judge
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit
from hqcm.reporting.pair import ROLES, Role, by_role, read_history
from hqcm.results.files import read_json, table_path
from hqcm.results.intervals import Estimates, read_all_estimates
from hqcm.results.predictions import Predictions, predictions_path, read_predictions
from hqcm.scrutiny.leakage import ProtocolLeaks, read_leaks
from hqcm.scrutiny.shortcuts import Shortcuts, read_shortcuts
from hqcm.slices.stacks import Stack, read_stack
from hqcm.slices.store import SOURCES, read_index


class Author(View):
    """A person or a group."""

    name: str


class Citation(View):
    """What the report quotes of the file."""

    title: str
    authors: list[Author] = Field(min_length=1)
    version: str
    license: str


def read_citation(path: Path) -> str:
    """Authors, title, version and licence.

    Raises:
        ValueError: the file lacks one of them.
    """
    loaded = {"citation": read_yaml(path)}
    cited = check_section("citation", Citation, loaded, where=str(path))
    authors = ", ".join(author.name for author in cited.authors)
    return f"{authors}, {cited.title}, version {cited.version}, {cited.license} licence"


HEADER = ["no.", "open or contradicted", "here", "key"]


def read_deviations(path: Path) -> list[list[str]]:
    """Its rows: number, what is open, what is done here, and the key that changes it.

    Raises:
        ValueError: the file holds another table, or its rows are not numbered on from D-01.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|") and not set(line) <= set("|- ")]
    header, *rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table]
    if header != HEADER:
        raise ValueError(f"{path}: the table must have the columns {HEADER}; got {header}")
    for number, row in enumerate(rows, start=1):
        if row[0] != f"D-{number:02d}" or len(row) != len(HEADER):
            raise ValueError(
                f"{path}: row {number} must have {len(HEADER)} cells, the first D-{number:02d}; "
                f"got {row}"
            )
    return rows


class TrainedNetwork(View):
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


def read_trained(path: Path) -> TrainedNetwork:
    """The JSON beside a checkpoint."""
    return check_section("network", TrainedNetwork, {"network": read_json(path)}, str(path))


class CohortParams(Section):
    """Section `data`."""

    cohort: str = Field(pattern="^(phantom|clinical)$")


@dataclass(frozen=True)
class Results:
    """The compared pair under the first protocol of the study.

    Dictionaries go from role (hybrid, classical) to what that network left; `overlap` from
    attention scale, subset, threshold and variant to a row of the stage `localise`. `estimates`
    are those of every protocol, `runs` those of the first seed, `stack` their test slices,
    `mcnemar` a test a seed, `roc` and `jaccard` curves. `trained` has every run of the study.
    """

    study: StudyParams
    index: pd.DataFrame
    part: "pd.Series[str]"
    rejections: dict[str, pd.DataFrame]
    metrics: dict[Role, Any]
    estimates: Estimates
    localisation: dict[str, Any]
    overlap: dict[tuple[str, ...], dict[str, Any]]
    deviations: list[list[str]]
    citation: str
    histories: dict[Role, list[pd.DataFrame]]
    networks: dict[Role, list[TrainedNetwork]]
    runs: dict[Role, Predictions]
    stack: Stack
    comparisons: Comparisons
    mcnemar: list[dict[str, Any]]
    trained: dict[Cell, TrainedNetwork]
    roc: dict[Role, pd.DataFrame]
    jaccard: dict[Role, pd.DataFrame]
    leaks: dict[str, ProtocolLeaks]
    shortcuts: Shortcuts
    hardware: HardwareFound

    @property
    def n_seeds(self) -> int:
        """Runs of each network."""
        return len(self.study.seeds)

    def variant(self, role: Role) -> str:
        """The name of the network in the parameters."""
        return self.study.pair[ROLES.index(role)]


class ResultFiles(NamedTuple):
    """Where they lie: the store of prepared slices, folders by stage, and result files."""

    prepared: Path
    split: Path
    interim: Path
    checkpoints: Path
    predictions: Path
    history: Path
    metrics: Path
    intervals: Path
    localisation: Path
    overlap: Path
    comparisons: Path
    deviations: Path
    citation: Path
    mcnemar: Path
    roc: Path
    jaccard: Path
    leakage: Path
    shortcuts: Path
    hardware: Path


def read_results(files: ResultFiles, study: StudyParams) -> Results:
    """Read what the report shows and nothing else."""
    protocol, seeds = study.protocols[0], study.seeds
    all_metrics = read_json(files.metrics)[protocol]
    runs = by_role(study, lambda name: read_first_run(files.predictions, study, name))
    return Results(
        study=study,
        index=read_index(files.prepared),
        part=pd.read_csv(files.split / f"{protocol}.csv", dtype=str).set_index("slice_id")["part"],
        rejections={
            name: read_rejections(files.interim / f"{name}.rejected.csv") for name in SOURCES
        },
        metrics=by_role(study, lambda name: all_metrics[name]),
        estimates=read_all_estimates(files.intervals),
        localisation=read_json(files.localisation)[protocol],
        overlap=read_overlap(files.overlap, protocol),
        deviations=read_deviations(files.deviations),
        citation=read_citation(files.citation),
        histories=by_role(
            study,
            lambda name: [
                read_history(files.history, Cell(name, protocol, seed)) for seed in seeds
            ],
        ),
        networks=by_role(
            study,
            lambda name: [
                read_trained(files.checkpoints / f"{Cell(name, protocol, seed).name}.json")
                for seed in seeds
            ],
        ),
        trained={
            cell: read_trained(files.checkpoints / f"{cell.name}.json") for cell in study.cells()
        },
        runs=runs,
        stack=read_stack(files.prepared, runs["hybrid"].slice_id.tolist()),
        comparisons=read_comparisons(files.comparisons),
        mcnemar=read_json(files.mcnemar)[protocol],
        roc=read_tables(files.roc, study),
        jaccard=read_tables(files.jaccard, study),
        leaks=read_leaks(files.leakage),
        shortcuts=read_shortcuts(files.shortcuts),
        hardware=read_hardware(files.hardware),
    )


def read_tables(folder: Path, study: StudyParams) -> dict[Role, pd.DataFrame]:
    """The table of each of the compared pair, first protocol."""
    return by_role(study, lambda name: pd.read_csv(table_path(folder, name, study.protocols[0])))


def read_first_run(folder: Path, study: StudyParams, variant: str) -> Predictions:
    """What a network says about the test slices, first protocol and seed."""
    cell = Cell(variant, study.protocols[0], study.seeds[0])
    return read_predictions(predictions_path(folder, cell))


def read_overlap(path: Path, protocol: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Attention scale, subset, threshold and variant -> the row of one protocol."""
    table = pd.read_csv(path, dtype={"threshold": str}).set_index("protocol").loc[[protocol]]
    keys = ["attention_scale", "subset", "threshold", "variant"]
    return {
        tuple(row[key] for key in keys): {str(name): value for name, value in row.items()}
        for row in table.to_dict("records")
    }


class Judged(NamedTuple):
    """What the paper says, whether it can be true, and whether it came out here."""

    claims: Claims
    audit: Audit
    ledger: Ledger


def judge_run(results: Results, claims: Claims, audit: Audit, cohort: str) -> Judged:
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
    return Judged(claims, audit, judge(claims, audit, evidence))
