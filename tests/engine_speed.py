"""A study's engine: what it adds to a run, and what two and four workers gain; an hour or so.

Not part of `make bench`: PYTHONPATH=src:tests:benchmarks .venv/bin/python tests/engine_speed.py
"""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from measurement import (
    Contestants,
    Measurement,
    Ratio,
    Table,
    alternate,
    milliseconds,
    paired_ratio,
    run,
)
from tiny_project import TinyProject, copy_tiny_project
from toy_project import make_toy_project, start

ROUNDS, N_FEW, N_MANY = 5, 1, 3  # seeds; three runs each
MOST_REPROS, LEAST_GAIN = 4.0, 1.2
WORKERS = {"1 x 2 threads": (1, 2), "1 x 1": (1, 1), "2 x 1": (2, 1), "4 x 1": (4, 1)}


def measure() -> Measurement:
    """Both, each in temporary folders."""
    with TemporaryDirectory() as folder:
        overhead, repro = measure_overhead(Path(folder))
        seconds = {name: measure_workers(Path(folder), *how) for name, how in WORKERS.items()}
    gain = seconds["1 x 2 threads"] / seconds["2 x 1"]
    rows = [[name, f"{value:.0f}"] for name, value in seconds.items()]
    ratio = paired_ratio(overhead, repro)
    return Measurement(
        title="Engine of a study",
        how="Stages that do nothing, in turn with a no-op `dvc repro`; then the project in small.",
        tables=[
            Table(
                "Milliseconds: median (quartiles)",
                ["what", "ms"],
                [["a run more", milliseconds(overhead)], ["no-op repro", milliseconds(repro)]],
            ),
            Table("Seconds of eight runs, once", ["workers x threads", "s"], rows),
        ],
        ratios=[
            Ratio("a run more / no-op repro", *ratio, ceiling=MOST_REPROS),
            Ratio("2 x 1 against 1 x 2", gain, gain, gain, floor=LEAST_GAIN),
        ],
    )


def measure_overhead(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds that a run of nothing takes among others, and a no-op `dvc repro`, round by round."""
    project = make_toy_project(folder / "toy" / "project")
    seeds = iter(range(1, 1000))
    done = [0]
    assert start(project, "0") == 0

    def add(n_seeds: int) -> None:
        done.extend(next(seeds) for _ in range(n_seeds))
        assert start(project, *map(str, done)) == 0

    words = [sys.executable, "-m", "dvc", "repro", "--quiet"]
    repro = partial(subprocess.run, words, cwd=project / ".study/phantom", check=True)
    contestants: Contestants = {
        "few": partial(add, N_FEW),
        "many": partial(add, N_MANY),
        "repro": repro,
    }
    times = alternate(contestants, ROUNDS, seconds=3600, n_calls=1)
    n_more = 3 * (N_MANY - N_FEW)
    pairs = zip(times["few"], times["many"], strict=True)
    return [(many - few) / n_more for few, many in pairs], times["repro"]


def measure_workers(folder: Path, n_workers: int, n_threads: int) -> float:
    """Seconds of eight small runs, from the first to the last."""
    project = copy_tiny_project(folder / f"{n_workers}-{n_threads}")
    lists = ["--hybrid", "paper", "--classical", "counterpart", "--protocols", "random"]
    words = ["run_study.py", "--cohort", "phantom", *lists, "--seeds", *"0123"]
    return time_runs(project, [*words, "--jobs", str(n_workers)], n_threads)


def time_runs(project: TinyProject, words: list[str], n_threads: int) -> float:
    """Seconds between the line that says what is done and that of the last run."""
    rest = ["--set", "train.max_epochs=40", "train.early_stopping_patience=40"]
    with subprocess.Popen(
        [sys.executable, *words, *rest],
        cwd=project.folder,
        env=project.environment | {"OMP_NUM_THREADS": str(n_threads)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        told = [time.monotonic() for line in process.stdout if " done" in line]
    assert process.returncode == 0
    return told[-1] - told[0]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    run(__doc__, measure)
