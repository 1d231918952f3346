"""One run of a study: what a worker is given to train and predict with, and how it does it."""

import json
import os
import pickle
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dask.base import tokenize
from distributed import get_worker

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.running import name_prediction, run_dvc
from hqcm.orchestration.workspace import (
    CONFIG,
    has_remote,
    link_clinical,
    read_code,
    take_free,
    write_code,
)

BEFORE = ("sizes", "heads")
"""Stages that with all before them make what every run reads."""
_INPUTS = ("data/processed", "data/checked", "data/heads")
_FILLED = ".filled"


class Kit(NamedTuple):
    """All that a worker needs beside Python, DVC and what it takes from cache or remote.

    Attributes:
        name: of the study.
        folder: of the workspaces, on the machine whose cache the workers share; None: each works
            in `.study` of the folder in which it was started, and DVC has a remote.
        files: code, parameters, settings and lock, by path.
        inputs: outputs of earlier stages that training reads, from a shared cache. No remote may
            have slices; without that cache each workspace makes them, from the clinical files of
            the folder in which the worker was started.
        n_threads: of each run; None: as many as `OMP_NUM_THREADS` tells the worker, else one.
    """

    name: str
    folder: Path | None
    files: Mapping[str, bytes]
    inputs: list[str]
    n_threads: str | None


def make_kit(workspace: Path, n_threads: str | None) -> Kit:
    """From a study's workspace, in which everything before the training is done."""
    stages = read_yaml(workspace / "dvc.lock")["stages"]
    inputs = {
        out["path"]: name
        for name, stage in stages.items()
        for out in stage["outs"]
        if out["path"].startswith(_INPUTS)
    }
    lock = {"schema": "2.0", "stages": {name: stages[name] for name in inputs.values()}}
    settings = (workspace / CONFIG).read_text()
    is_remote = has_remote(workspace)
    files = (
        read_code(workspace)
        | {
            "dvc.lock": json.dumps(lock).encode(),  # JSON is YAML
            CONFIG: settings[settings.index("[core]") if is_remote else 0 :].encode(),
        }
    )
    folder = None if is_remote else workspace.parent.resolve()
    return Kit(workspace.name, folder, files, sorted(inputs), n_threads)


def pack(kit: Kit) -> bytes:
    """What travels with every run; some 300 kB."""
    return zlib.compress(pickle.dumps(kit))


def run_cell(packed: bytes, cell: str) -> float:
    """Train and predict; what was done is in the cache, and the remote if there is one.

    Args:
        packed: a `Kit`.
        cell: the stage of ``dvc.yaml`` that trains.

    Returns:
        Seconds it took.

    Raises:
        RuntimeError: DVC has failed.
        FileNotFoundError: the study's folder cannot be seen from here.
    """
    start = time.monotonic()
    kit: Kit = pickle.loads(zlib.decompress(packed))  # noqa: S301  (from our own client)
    if kit.folder and not kit.folder.is_dir():
        raise FileNotFoundError(
            f"{socket.gethostname()} must see {kit.folder}, or the project must have a default DVC "
            "remote (docs/scaling.md); got neither"
        )
    workspace, lock = take_free((kit.folder or Path.cwd() / ".study") / kit.name)
    log = workspace / f"{cell}.log"
    variables = _name_device()
    if kit.n_threads:
        variables["OMP_NUM_THREADS"] = kit.n_threads
    with lock, log.open("w") as file:
        for command in _list_commands(workspace, kit, cell):
            code = run_dvc(workspace, command, lock, variables, file, is_guarded=True)
            if code:
                where = f"{log} on {socket.gethostname()}"
                raise RuntimeError(f"dvc {command[0]} ended with exit code {code}, see {where}")
    return time.monotonic() - start


def _list_commands(workspace: Path, kit: Kit, cell: str) -> Iterator[list[str]]:
    filled, token = workspace / _FILLED, tokenize(kit)
    if not filled.exists() or filled.read_text() != token:
        filled.unlink(missing_ok=True)
        write_code(workspace, kit.files)
        if kit.folder:
            yield ["checkout", "--force", *kit.inputs]
        else:
            link_clinical(Path.cwd(), workspace)
            yield ["repro", *BEFORE]
        filled.write_text(token)
    stages = [cell, name_prediction(cell)]
    yield ["repro", "--single-item", *stages]
    if not kit.folder:
        yield ["push", "--run-cache", *stages]


def _name_device() -> dict[str, str]:
    """Of a worker that offers a GPU, the one of its number, unless it was told which."""
    worker = get_worker()
    number = str(worker.name).rpartition("-")[2]
    is_told = "CUDA_VISIBLE_DEVICES" in os.environ
    if is_told or not worker.state.total_resources.get("GPU") or not number.isdigit():
        return {}
    return {"CUDA_VISIBLE_DEVICES": number}
