"""Which cluster of Dask trains: on this machine, one that runs already, or a batch system's."""

import json
import logging
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlparse

from distributed import Client, LocalCluster
from distributed.deploy.spec import SpecCluster
from distributed.security import Security
from pydantic import Field

from hqcm.contracts.params import ParamsError, Section, check_section, read_params
from hqcm.orchestration.workspace import stop

_PATIENCE_S = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DASHBOARD = "127.0.0.1:0"  # it speaks no TLS


class Where(NamedTuple):
    """A running scheduler, or workers of a batch system; neither: workers on this machine.

    Attributes:
        n_jobs: training runs at a time on this machine.
        n_gpus: of this machine, with one run at a time on each; 0: nobody divides them.
        scheduler: its address, or the file in which it has written it.
        queue: file with a section `cluster`.
    """

    n_jobs: int
    n_gpus: int = 0
    scheduler: str | None = None
    queue: Path | None = None


class Queue(Section):
    """Section `cluster`: workers that a batch system starts, through dask-jobqueue.

    Attributes:
        system: which batch system.
        workers: jobs to ask for, each with one run at a time.
        cores: of a job, which are the threads of its run.
        options: memory, walltime and so on, as dask-jobqueue's class for the system takes them.
    """

    system: Literal["slurm", "pbs", "lsf", "htcondor"]
    workers: int = Field(ge=1)
    cores: int = Field(ge=1)
    options: dict[str, Any]


@contextmanager
def connect(where: Where, project: Path) -> Iterator[Client]:
    """A client of the cluster, which ends with it unless it was there before."""
    if where.scheduler:
        with _call(where.scheduler) as client:
            yield client
    else:
        cluster = open_queue(where.queue, project) if where.queue else _open_here(where)
        with cluster, Client(cluster) as client:
            yield client


def _call(scheduler: str) -> Client:
    try:
        is_file = "://" not in scheduler
        address = json.loads(Path(scheduler).read_text())["address"] if is_file else scheduler
        place = urlparse(address)
        if place.scheme != "tls" and place.hostname not in _LOOPBACK:
            stop(f"a scheduler elsewhere must be tls://HOST:PORT (docs/scaling.md); got {address}")
        return Client(address, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        stop(f"a scheduler must answer at {scheduler} within {_PATIENCE_S} s; got {error}")


def _open_here(where: Where) -> LocalCluster:
    """Processes that listen to this machine alone, and that Ctrl-C does not reach."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return LocalCluster(
            n_workers=where.n_gpus or where.n_jobs,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=_DASHBOARD,
            silence_logs=logging.ERROR,
            memory_limit=None,
            resources={"GPU": 1} if where.n_gpus else None,
        )
    finally:
        signal.signal(signal.SIGINT, handler)


def open_queue(file: Path, project: Path) -> SpecCluster:
    """Workers in the project's folder, to whom all goes by TLS, under certificates of this hour.

    Args:
        file: that has the section `cluster`.
        project: a folder that every node sees.
    """
    try:
        import dask_jobqueue  # noqa: PLC0415  (whoever has no batch system does without)

        queue = check_section("cluster", Queue, read_params(file), where=str(file))
    except ImportError:
        stop("--cluster needs dask-jobqueue; pip install -r requirements-cluster.txt")
    except (FileNotFoundError, ParamsError) as error:
        stop(str(error))
    kinds = {
        "slurm": dask_jobqueue.SLURMCluster,
        "pbs": dask_jobqueue.PBSCluster,
        "lsf": dask_jobqueue.LSFCluster,
        "htcondor": dask_jobqueue.HTCondorCluster,
    }
    (project / ".study").mkdir(exist_ok=True)
    own = {
        "cores": queue.cores,
        "processes": 1,
        "security": Security.temporary(),
        "shared_temp_directory": str(project / ".study"),
        "scheduler_options": {
            "dashboard_address": _DASHBOARD,
            **queue.options.get("scheduler_options", {}),
        },
        "worker_extra_args": [
            *("--nthreads", "1", "--dashboard-address", _DASHBOARD),
            *queue.options.get("worker_extra_args", []),
        ],
        "job_script_prologue": [
            f"cd {shlex.quote(str(project))}",
            f"export OMP_NUM_THREADS={queue.cores}",
            *queue.options.get("job_script_prologue", []),
        ],
    }
    try:
        cluster = kinds[queue.system](**{"death_timeout": _PATIENCE_S, **queue.options, **own})
    except (TypeError, ValueError) as error:
        stop(f"{file}: cluster.options must be those of dask-jobqueue; got {error}")
    cluster.scale(jobs=queue.workers)
    return cluster
