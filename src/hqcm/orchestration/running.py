"""DVC in the workspaces of a study: its networks side by side, then everything else."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from hqcm.contracts.labels import ROLES, Role
from hqcm.contracts.study import Cell, StudyParams
from hqcm.formats.convert import count_cores
from hqcm.orchestration.workspace import copy_workspace, stop, take_over


def run_dvc(
    workspace: Path,
    words: Sequence[str],
    lock: IO[str],
    variables: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
) -> int:
    """`dvc repro` in a workspace, with the workspace's own code.

    DVC inherits the lock, so that it keeps it should this process alone be killed.

    Args:
        workspace: where to run.
        words: options and stages.
        lock: on the workspace, or on that of the study it belongs to.
        variables: of the environment, beside those of this process.
        log: where DVC's output goes; None: to the terminal.

    Returns:
        DVC's exit code.
    """
    environment = os.environ | (variables or {})
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment["PYTHONPATH"] = str(workspace.resolve() / "src")
    command = [sys.executable, "-m", "dvc", "repro", *words]
    with subprocess.Popen(
        command,
        cwd=workspace,
        env=environment,
        pass_fds=[lock.fileno()],
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # DVC has had it too, and puts things in order before it ends
            return process.wait() or 1


def share_cores(n_jobs: int) -> dict[str, str]:
    """Variables by which jobs share the cores; one thread wastes no core on waiting for others."""
    if n_jobs == 1 or "OMP_NUM_THREADS" in os.environ:
        return {}
    return {"OMP_NUM_THREADS": str(max(1, count_cores() // n_jobs))}


def reproduce(workspace: Path, lock: IO[str], words: Sequence[str] = ()) -> None:
    """The pipeline, or some stages with all before them; end as DVC ends if it fails."""
    code = run_dvc(workspace, words, lock)
    if code:
        sys.exit(code)


def train(workspace: Path, lock: IO[str], cells: Sequence[str], n_jobs: int) -> None:
    """Train several networks at a time, each job in a copy of the workspace.

    Each then predicts its test slices, of which most is start-up, one process after the other
    otherwise. Both reach the workspace through DVC's run cache, when the pipeline is reproduced
    there; so does what was done before, which takes a second or two a cell.

    Args:
        workspace: of the study.
        lock: on that workspace.
        cells: stages of ``dvc.yaml`` that train.
        n_jobs: training runs at a time.
    """
    reproduce(workspace, lock, ["sizes", "heads"])  # with all before it: what every run reads
    free: SimpleQueue[tuple[Path, IO[str]]] = SimpleQueue()
    for number in range(1, n_jobs + 1):
        copy = workspace.with_name(f"{workspace.name}-{number}")
        free.put((copy, take_over(copy)))
        copy_workspace(workspace, copy)

    def train_cell(cell: str) -> None:
        copy, copy_lock = free.get()
        start = time.monotonic()
        log = copy / f"{cell}.log"
        try:
            with log.open("w") as file:
                words = ["--single-item", cell, name_prediction(cell)]
                code = run_dvc(copy, words, copy_lock, share_cores(n_jobs), file)
        finally:
            free.put((copy, copy_lock))
        if code:
            stop(f"{cell} must train and predict; it ended with exit code {code}, see {log}")
        print(f"study: {cell} {time.monotonic() - start:.0f} s", flush=True)

    run_side_by_side(train_cell, cells, n_jobs)


def name_training(role: Role, cell: Cell) -> str:
    """The stage that trains a network's run."""
    return f"train_{role}@{cell.name}"


def list_pair(study: StudyParams) -> dict[str, Cell]:
    """Stages that train the compared pair, under the first protocol with the first seed."""
    cells = {role: study.first_run(name) for role, name in zip(ROLES, study.pair, strict=True)}
    return {name_training(role, cell): cell for role, cell in cells.items()}


def name_prediction(cell: str) -> str:
    """The stage that predicts with the network that a stage trains."""
    return cell.replace("train", "predict", 1)


def run_side_by_side(do: Callable[[str], None], names: Sequence[str], n_jobs: int) -> None:
    """In threads; after a failure or Ctrl-C what is under way ends, and nothing else starts."""
    with ThreadPoolExecutor(n_jobs) as pool:
        runs = [pool.submit(do, name) for name in names]
        try:
            for run in as_completed(runs):
                run.result()
        except KeyboardInterrupt:
            stop("interrupted; start it again to go on")
        finally:
            pool.shutdown(cancel_futures=True)
