"""The runs of a study on a cluster of Dask, as many at a time as it has room for."""

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import chdir, suppress
from pathlib import Path
from statistics import mean
from typing import IO

from dask.base import tokenize
from distributed import Client, Future, fire_and_forget, wait
from dvc.repo import Repo, lock_repo
from dvc.stage.cache import RunCacheNotFoundError

from hqcm.orchestration.clusters import Where, connect
from hqcm.orchestration.running import name_prediction, reproduce, share_cores
from hqcm.orchestration.runs import BEFORE, Kit, make_kit, pack, run_cell
from hqcm.orchestration.workspace import has_remote, stop

# Of a run that fails. One whose worker dies is tried again as often as the scheduler's
# `distributed.scheduler.allowed-failures` says, three times unless told otherwise.
_N_RETRIES = 2
_POLL_S = 5


def train(workspace: Path, lock: IO[str], cells: Sequence[str], where: Where) -> None:
    """Train every network that DVC does not have, and predict its test slices.

    What a run leaves reaches the workspace through DVC's run cache, when the pipeline is reproduced
    there.

    Args:
        workspace: of the study.
        lock: on that workspace.
        cells: stages of ``dvc.yaml`` that train, in the order in which they start.
        where: the cluster.
    """
    reproduce(workspace, lock, BEFORE)
    is_here = not where.scheduler and not where.queue
    kit = make_kit(workspace, share_cores(where.n_gpus or where.n_jobs) if is_here else None)
    try:
        while not _run_unfinished(workspace, kit, cells, where):
            print("study: the scheduler is gone; waiting for the next one", flush=True)
    except KeyboardInterrupt:
        stop("interrupted; start it again to go on")


def _run_unfinished(workspace: Path, kit: Kit, cells: Sequence[str], where: Where) -> bool:
    """Whether it came to the end; else the scheduler was lost."""
    unfinished = find_unfinished(workspace, cells)
    print(f"study: {len(cells)} runs, {len(cells) - len(unfinished)} done before", flush=True)
    if unfinished:
        with connect(where, workspace.parent.parent) as client:
            try:
                _Session(client, kit, unfinished).run()
            except (OSError, CancelledError):
                return False
    return True


def find_unfinished(workspace: Path, cells: Sequence[str]) -> list[str]:
    """Runs that DVC does not have, here or in the remote.

    Predictions name slices, so that they may not be in the remote; the pipeline makes them anew.
    """
    pull = has_remote(workspace)
    logging.getLogger("dvc").setLevel(logging.ERROR)  # else a line for each that it has
    with chdir(workspace), Repo() as repo, lock_repo(repo):
        stages = {stage.name: stage for stage in repo.index.stages}
        if pull:
            repo.stage_cache.pull(None)

        def restore(name: str) -> bool:
            try:
                repo.stage_cache.restore(stages[name], pull=pull)
            except RunCacheNotFoundError:
                return False
            return True

        return [
            cell
            for cell in cells
            if not (restore(cell) and (pull or restore(name_prediction(cell))))
        ]


class _Session:
    """The runs that one client hands to one scheduler."""

    def __init__(self, client: Client, kit: Kit, unfinished: Sequence[str]) -> None:
        self._client, self._packed = client, pack(kit)
        self._waiting = deque(unfinished)
        self._running: dict[Future[float], str] = {}
        self._seconds: list[float] = []

    def run(self) -> None:
        """To the end; after a failure what is under way ends, and nothing else starts.

        Raises:
            OSError: the scheduler is gone.
            CancelledError: it is gone, too.
        """
        failure = ""
        while self._running or self._waiting:
            n_slots, resources = self._count_slots()
            while self._waiting and len(self._running) < n_slots:
                self._submit(resources)
            for cell, run in self._wait():
                if run.status == "error":
                    self._waiting.clear()
                    failure = f"{cell} must train and predict; {run.exception()}"
                else:
                    self._tell(cell, run.result(), n_slots)
        if failure:
            stop(failure)

    def _count_slots(self) -> tuple[int, dict[str, int]]:
        """Runs at a time, and what each takes: a GPU, where workers offer GPUs."""
        if cluster := self._client.cluster:
            cluster.scale(len(cluster.worker_spec))  # in place of workers that have ended
        workers = self._client.scheduler_info()["workers"].values()
        n_gpus = int(sum(worker["resources"].get("GPU", 0) for worker in workers))
        n_threads = sum(worker["nthreads"] for worker in workers)
        return (n_gpus, {"GPU": 1}) if n_gpus else (n_threads, {})

    def _submit(self, resources: dict[str, int]) -> None:
        cell = self._waiting.popleft()
        run = self._client.submit(
            run_cell,
            self._packed,
            cell,
            key=f"{cell}-{tokenize(self._packed)}",
            retries=_N_RETRIES,
            resources=resources,
        )
        self._running[run] = cell
        if self._client.cluster is None:  # it goes on should we go away, and we find it again
            fire_and_forget(run)

    def _wait(self) -> Iterator[tuple[str, Future[float]]]:
        if not self._running:
            time.sleep(_POLL_S)  # for a worker
            return
        with suppress(TimeoutError):
            wait(list(self._running), timeout=_POLL_S, return_when="FIRST_COMPLETED")
        for run in [run for run in self._running if run.done()]:
            yield self._running.pop(run), run

    def _tell(self, cell: str, seconds: float, n_slots: int) -> None:
        self._seconds.append(seconds)
        n_left = len(self._running) + len(self._waiting)
        n_running = min(n_left, n_slots)
        minutes = mean(self._seconds) * n_left / max(1, n_slots) / 60
        print(
            f"study: {cell} {seconds:.0f} s; {len(self._seconds)} done, {n_running} running, "
            f"{n_left - n_running} to come, {minutes:.0f} min left",
            flush=True,
        )
