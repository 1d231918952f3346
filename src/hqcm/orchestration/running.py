"""DVC in the workspaces of a study, and what the stages of its runs are called."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from hqcm.contracts.labels import ROLES, Role
from hqcm.contracts.study import Cell, StudyParams
from hqcm.formats.convert import count_cores
from hqcm.orchestration.workspace import has_remote

_GUARD = "read ended || kill -KILL 0"
# Dask sets them for workers that compute themselves; the second would slow training.
_OF_WORKERS = ("MKL_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_", "OPENBLAS_NUM_THREADS")


def run_dvc(
    workspace: Path,
    words: Sequence[str],
    lock: IO[str],
    variables: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
    *,
    is_guarded: bool = False,
) -> int:
    """A command of DVC in a workspace, with the workspace's own code.

    DVC inherits the lock, so that it keeps it should this process alone be killed.

    Args:
        workspace: where to run.
        words: command, options and targets.
        lock: on the workspace, or on that of the study it belongs to.
        variables: of the environment, beside those of this process.
        log: where DVC's output goes; None: to the terminal.
        is_guarded: whether this is a worker of Dask. DVC and all that it starts then end at once
            when this process does, however that ends, and know nothing of Ctrl-C.

    Returns:
        DVC's exit code.
    """
    environment = os.environ | (variables or {})
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment["PYTHONPATH"] = str(workspace.resolve() / "src")
    for name in _OF_WORKERS if is_guarded else ():
        environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, "-m", "dvc", *words],
        cwd=workspace,
        env=environment,
        pass_fds=[lock.fileno()],
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        process_group=0 if is_guarded else None,
    ) as process:
        if is_guarded:
            return _guard(process)
        try:
            return process.wait()
        except KeyboardInterrupt:  # DVC has had it too, and puts things in order before it ends
            return process.wait() or 1


def _guard(process: "subprocess.Popen[bytes]") -> int:
    """Wait beside a shell that reads from us: should we vanish, it kills the process's group."""
    command = ["/bin/sh", "-c", _GUARD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, process_group=process.pid) as guard:
        code = process.wait()
        guard.communicate(b"\n")
    return code


def share_cores(n_jobs: int) -> str:
    """Threads of each job on this machine; one thread wastes no core on waiting for others."""
    return os.environ.get("OMP_NUM_THREADS", str(max(1, count_cores() // n_jobs)))


def reproduce(workspace: Path, lock: IO[str], words: Sequence[str] = ()) -> None:
    """The pipeline, or some stages with all before them; end as DVC ends if it fails.

    What is missing is pulled where there is a remote.
    """
    pull = ["--pull"] if has_remote(workspace) else []
    code = run_dvc(workspace, ["repro", *pull, *words], lock)
    if code:
        sys.exit(code)


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
