"""The runs of a study on a cluster: who may die, and what it costs."""

import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from hqcm.orchestration.clusters import Where, connect, open_queue
from hqcm.orchestration.runs import Kit, pack, run_cell
from hqcm.orchestration.workspace import fill_workspace, has_remote, take_free
from pipeline_tree import ROOT
from toy_project import (
    LONGEST_S,
    kill_first,
    launch,
    make_environment,
    make_toy_project,
    start,
    trained,
)

RUNS = [f"{name}-random-{seed}" for seed in (0, 1) for name in ("paper", "bare", "plain")]
AGAIN = 'while :; do "$@"; sleep 1; done'


def keep_up(folder: Path, environment: dict[str, str], *words: str) -> "subprocess.Popen[bytes]":
    """A command of Dask in a session of its own, started again whenever it ends."""
    command = ["/bin/sh", "-c", AGAIN, "sh", sys.executable, "-m", *words]
    log = (folder / "dask.log").open("ab")
    with log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, start_new_session=True, stdout=log, stderr=log
        )


class Cluster:
    """A scheduler and three workers, each in a clone of a project, with a folder as DVC remote."""

    def __init__(self, folder: Path) -> None:
        self.project = make_toy_project(folder / "project")
        settings = self.project / ".dvc/config"
        remote = f"['remote \"store\"']\n    url = {folder / 'store'}\n"
        settings.write_text(f"{settings.read_text()}    remote = store\n{remote}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        environment = make_environment(self.project) | {"PYTHONPATH": str(ROOT / "src")}
        self._pid_file = folder / "pid"
        port = self.address.rpartition(":")[2]
        scheduler = ["--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        scheduler += ["--pid-file", str(self._pid_file)]
        self._processes = [
            keep_up(folder, environment, "distributed.cli.dask_scheduler", *scheduler)
        ]
        for number in range(3):
            clone = folder / f"clone-{number}"
            shutil.copytree(self.project, clone)
            worker = [self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"]
            self._processes.append(
                keep_up(clone, environment, "distributed.cli.dask_worker", *worker)
            )

    def scheduler_pid(self) -> int:
        deadline = time.monotonic() + LONGEST_S
        while not (self._pid_file.exists() and self._pid_file.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return int(self._pid_file.read_text())

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()


@pytest.mark.slow
def test_a_study_outlives_a_client_a_worker_and_the_scheduler(cluster: Cluster) -> None:
    project, options = cluster.project, ("--scheduler", cluster.address)
    client = launch(project, "0", "1", options=options)
    kill_first(project, "paper-random-0", signal.SIGKILL, client.pid)
    kill_first(project, "bare-random-0", signal.SIGKILL)
    kill_first(project, "paper-random-1", signal.SIGKILL, cluster.scheduler_pid())
    told, _ = client.communicate(timeout=LONGEST_S)
    assert client.returncode == -signal.SIGKILL, told
    assert start(project, "0", "1", options=options) == 0

    twice = Counter(trained(project)) - Counter(RUNS)
    assert set(trained(project)) == set(RUNS)
    # What was under way: that of the worker, and of those left, two, when the scheduler died.
    assert set(twice.values()) == {1}
    assert "bare-random-0" in twice
    assert "paper-random-0" not in twice  # the client's end has cost nothing
    assert len(twice) <= 3

    # A clone that has nothing finds every run in the remote.
    fresh = project.parent / "fresh"
    shutil.copytree(project, fresh, ignore=shutil.ignore_patterns(".study", "cache", "reports"))
    n_before = len(trained(project))
    assert start(fresh, "0", "1") == 0
    assert trained(project)[n_before:] == []
    assert (fresh / "reports/study/phantom/compare.json").exists()


QUEUE = """
cluster:
  system: slurm
  workers: 1
  cores: 4
  options:
    memory: 8GB
    walltime: "08:00:00"
    queue: gpu
    job_extra_directives: ["--gres=gpu:1"]
    worker_extra_args: ["--resources", "GPU=1"]
    job_script_prologue: ["module load cuda"]
    scheduler_options: {host: 127.0.0.1}
"""
# What a batch system does, on this machine and at once.
# As the real one it keeps a copy: the script is gone as soon as it has answered.
SBATCH = """#!/bin/sh
cp "$1" "$0.$$"
setsid /bin/sh "$0.$$" < /dev/null > /dev/null 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
kill -KILL "-$1"
"""

LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Its two commands and a file with a section for it."""
    pytest.importorskip("dask_jobqueue", reason="requirements-cluster.txt is not installed")
    for name, script in {"sbatch": SBATCH, "scancel": SCANCEL}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "cluster.yaml").write_text(QUEUE)
    yield tmp_path / "cluster.yaml"
    gc.collect()  # dask-jobqueue leaves the files of its certificates to the garbage collector


@pytest.mark.slow
@LEFT_OPEN
def test_a_batch_system_starts_workers_that_speak_tls(slurm: Path) -> None:
    project = slurm.parent
    with open_queue(slurm, project) as cluster, Client(cluster) as client:
        lines = cluster.job_script().splitlines()
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
        assert lines[0] == "#!/usr/bin/env bash"
        for line in (
            *("#SBATCH -p gpu", "#SBATCH --cpus-per-task=4", "#SBATCH -t 08:00:00"),
            *("#SBATCH --gres=gpu:1", "#SBATCH --mem=8G"),
        ):
            assert line in lines
        ours = lines.index(f"cd {project}")
        assert lines[ours + 1 : ours + 3] == ["export OMP_NUM_THREADS=4", "module load cuda"]
        worker = lines[-1].split()
        assert worker[:3] == [sys.executable, "-m", "distributed.cli.dask_worker"]
        assert worker[3] == cluster.scheduler_address
        assert "--nthreads 1 --dashboard-address 127.0.0.1:0 --resources GPU=1" in lines[-1]
        for kind in ("ca-file", "key", "cert"):
            secret = Path(worker[worker.index(f"--tls-{kind}") + 1])
            assert secret.parent == project / ".study"
            assert secret.stat().st_mode & 0o077 == 0
        future = client.submit(os.getenv, "OMP_NUM_THREADS", resources={"GPU": 1})
        assert future.result(timeout=LONGEST_S) == "4"
        (worker,) = client.scheduler_info()["workers"].values()
        assert worker["nthreads"] == 1


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("slurm", "sge", r"cluster\.yaml: cluster\.system: .*'slurm', 'pbs', 'lsf' or 'htcondor'"),
        ("workers: 1", "workers: 0", r"cluster\.workers: .* greater than or equal to 1; got 0"),
        ("  cores: 4\n", "", r"cluster\.cores is missing"),
        ("memory", "memmory", r"cluster\.options must be those of dask-jobqueue; got .*memmory"),
    ],
)
@LEFT_OPEN
def test_a_wrong_section_of_a_batch_system_is_refused(
    slurm: Path, was: str, now: str, message: str
) -> None:
    slurm.write_text(QUEUE.replace(was, now, 1))
    with pytest.raises(SystemExit, match=message):
        open_queue(slurm, slurm.parent)


def test_without_its_package_a_batch_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with pytest.raises(SystemExit, match=r"pip install -r requirements-cluster\.txt"):
        open_queue(tmp_path / "cluster.yaml", tmp_path)


@pytest.mark.parametrize("is_file", [False, True])
def test_a_scheduler_elsewhere_must_speak_tls(tmp_path: Path, *, is_file: bool) -> None:
    address = "tcp://node7:8786"
    file = tmp_path / "scheduler.json"
    file.write_text(f'{{"address": "{address}"}}')
    where = Where(1, scheduler=str(file) if is_file else address)
    message = r"elsewhere must be tls://HOST:PORT .*; got tcp://node7:8786"
    with pytest.raises(SystemExit, match=message), connect(where, tmp_path):
        pass


def test_a_scheduler_must_answer(tmp_path: Path) -> None:
    where = Where(1, scheduler=str(tmp_path / "absent.json"))
    message = r"must answer at .*absent\.json within 300 s; got .*No such file"
    with pytest.raises(SystemExit, match=message), connect(where, tmp_path):
        pass


def test_a_worker_that_shares_nothing_says_so(tmp_path: Path) -> None:
    kit = pack(Kit("phantom", tmp_path / "absent", {}, [], None))
    with pytest.raises(FileNotFoundError, match=r"must see .*absent, or the project must have a"):
        run_cell(kit, "train_hybrid@paper-random-0")


def test_workers_take_copies_that_nobody_works_in(tmp_path: Path) -> None:
    first, lock = take_free(tmp_path / "study")
    second, other = take_free(tmp_path / "study")
    assert [first.name, second.name] == ["study-1", "study-2"]
    lock.close()
    again, third = take_free(tmp_path / "study")
    assert again == first
    third.close()
    other.close()


def test_the_remote_goes_into_the_workspace_and_its_secrets_do_not(tmp_path: Path) -> None:
    project = make_toy_project(tmp_path / "project")
    for words in (
        ["remote", "add", "-d", "store", "../store"],
        ["remote", "modify", "store", "verify", "true"],
        ["remote", "modify", "--local", "store", "jobs", "7"],
    ):
        subprocess.run([sys.executable, "-m", "dvc", *words], cwd=project, check=True)
    workspace = project / ".study/phantom"
    fill_workspace(project, workspace)
    told = subprocess.run(
        [sys.executable, "-m", "dvc", "config", "--list"],
        cwd=workspace,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert has_remote(workspace)
    assert f"remote.store.url={tmp_path / 'store'}\n" in told
    assert "remote.store.verify=true" in told
    assert "core.remote=store" in told
    assert "jobs" not in told
