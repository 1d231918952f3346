"""What one run is worth: the same configuration in arithmetics that differ by rounding alone.

A training run is chaotic: two of them that differ in the last digit of one product end at other
weights. So each arithmetic here stands for a machine that somebody may have.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import pandas as pd

from hqcm.contracts.params import check_section, read_yaml
from hqcm.contracts.study import Cell, StudyParams
from hqcm.orchestration.running import list_pair, name_prediction, run_dvc
from hqcm.orchestration.settings import write_params
from hqcm.orchestration.workspace import copy_workspace, stop, use_own_cache
from hqcm.results.files import read_json
from hqcm.results.predictions import predictions_path, read_predictions
from hqcm.results.roundings import Roundings, describe_configuration

_AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "AVX2"}


class Arithmetic(NamedTuple):
    """How a run rounds: `precision` as `train.precision`, and what the libraries may use."""

    name: str
    precision: str
    n_threads: int
    caps: dict[str, str]


ARITHMETICS = (
    Arithmetic("float32", "float32", 2, {}),
    Arithmetic("float32, one thread", "float32", 1, {}),
    Arithmetic("float32, AVX2", "float32", 2, _AVX2),
    Arithmetic("bfloat16", "bfloat16", 2, {}),
    Arithmetic("bfloat16, one thread", "bfloat16", 1, {}),
    Arithmetic("bfloat16, the rest AVX2", "bfloat16", 2, {"ATEN_CPU_CAPABILITY": "avx2"}),
    Arithmetic("float32, AVX2, one thread", "float32", 1, _AVX2),
    Arithmetic("float32, not through the frequencies", "float32_direct", 2, {}),
    Arithmetic("the same, one thread", "float32_direct", 1, {}),
    Arithmetic("float32, MKL's compatible code", "float32", 2, {"MKL_CBWR": "COMPATIBLE"}),
)
"""The first is the default's. bfloat16 needs a processor that has it: emulated, it takes hours."""


def measure_roundings(
    workspace: Path, lock: IO[str], arithmetics: Sequence[Arithmetic]
) -> Roundings:
    """Train and test the first hybrid and classical network in each arithmetic.

    Every arithmetic has a copy of the workspace with a cache of its own, for DVC takes runs that
    differ by rounding for the same.

    Args:
        workspace: filled, with parameters, and run up to the splits.
        lock: on it.
        arithmetics: in the order they are run.

    Returns:
        `Roundings`, with the columns seed and n_epochs beside its own.
    """
    rows: list[dict[str, Any]] = []
    study = check_section("study", StudyParams, read_yaml(workspace / "params.yaml"))
    cells = list_pair(study)
    for number, arithmetic in enumerate(arithmetics, start=1):
        copies = {
            stage: workspace.with_name(f"{workspace.name}-{number}-{cells[stage].variant}")
            for stage in cells
        }
        for copy in copies.values():
            _fill(workspace, copy, arithmetic)
        do = partial(_train_and_predict, copies, arithmetic, lock)
        with ThreadPoolExecutor(1 if arithmetic.n_threads > 1 else len(cells)) as pool:
            list(pool.map(do, cells))
        rows += [_read_run(copies[stage], cell, arithmetic) for stage, cell in cells.items()]
        told = ", ".join(f"{row['variant']} {row['accuracy']:.4f}" for row in rows[-len(cells) :])
        print(f"roundings: {arithmetic.name}: {told}", flush=True)
    networks = {
        cell.variant: read_json(copies[stage] / "data/checkpoints" / f"{cell.name}.json")["params"]
        for stage, cell in cells.items()
    }
    return Roundings(pd.DataFrame(rows), describe_configuration(networks, rows[0]["n_slices"]))


def _fill(workspace: Path, copy: Path, arithmetic: Arithmetic) -> None:
    copy_workspace(workspace, copy)
    precision = {"train.precision": arithmetic.precision}
    write_params(workspace / "params.yaml", copy / "params.yaml", precision)
    use_own_cache(copy)


def _train_and_predict(
    copies: Mapping[str, Path], arithmetic: Arithmetic, lock: IO[str], stage: str
) -> None:
    variables = {"OMP_NUM_THREADS": str(arithmetic.n_threads), **arithmetic.caps}
    words = ["repro", "--single-item", stage, name_prediction(stage)]
    log = copies[stage] / "log"
    with log.open("w") as file:
        code = run_dvc(copies[stage], words, lock, variables, file)
    if code:
        stop(f"{stage} must train and predict; it ended with exit code {code}, see {log}")


def _read_run(copy: Path, cell: Cell, arithmetic: Arithmetic) -> dict[str, Any]:
    predictions = read_predictions(predictions_path(copy / "data/predictions", cell))
    return {
        "arithmetic": arithmetic.name,
        "variant": cell.variant,
        "seed": cell.seed,
        "n_epochs": len(pd.read_csv(copy / "reports/history" / f"{cell.name}.csv")),
        "accuracy": float((predictions.y_pred == predictions.y_true).mean()),
        "n_slices": len(predictions.y_true),
    }
