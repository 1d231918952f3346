"""Run a study of many small runs while it is killed again and again; called by `make soak`.

The same study is first run undisturbed. At the end both must have the same bytes in every output,
and the disturbed one must leave no process, lock or half file behind. Prints what it counted.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import yaml

from hqcm.contracts.command_line import PARTIAL_PREFIX
from tiny_project import TinyProject, copy_tiny_project

NETWORKS = {
    "hybrid": ["paper", "no_entanglement"],
    "classical": ["counterpart", "normalised"],
}
N_NETWORKS = sum(map(len, NETWORKS.values()))
NAME = "soak"
say = partial(print, flush=True)


def list_words(n_runs: int) -> list[str]:
    """The command line of a study of as many runs."""
    lists = {
        **NETWORKS,
        "protocols": ["random"],
        "seeds": [str(seed) for seed in range(-(-n_runs // N_NETWORKS))],
    }
    words = [sys.executable, "run_study.py", "--cohort", "phantom", "--name", NAME, "--jobs", "2"]
    for name, values in lists.items():
        words += [f"--{name}", *values]
    return [*words, "--set", "train.max_epochs=8"]


def start(project: TinyProject, words: list[str]) -> "subprocess.Popen[bytes]":
    """In a session of its own, so that all it starts can be killed at once."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project.folder / "src"),
        "DVC_NO_ANALYTICS": "1",
    }
    with (project.folder / "log").open("ab") as log:
        return subprocess.Popen(
            words,
            cwd=project.folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def run_disturbed(
    project: TinyProject, words: list[str], rng: random.Random, between: tuple[float, float]
) -> int:
    """Kill it and everything it started after a random time, until it ends; the number of kills."""
    for n_kills in range(10_000):
        process = start(project, words)
        try:
            code = process.wait(rng.uniform(*between))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            say(f"soak: kill {n_kills + 1}")
            continue
        if code:
            sys.exit(
                f"soak: the study must end well; got exit code {code}, see {project.folder}/log"
            )
        return n_kills
    sys.exit("soak: no end in sight")


def read_outputs(project: TinyProject) -> dict[str, str]:
    """Every output of the study with its hash."""
    lock: Any = yaml.safe_load((project.folder / ".study" / NAME / "dvc.lock").read_text())
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def list_left_behind(project: TinyProject) -> dict[str, list[str]]:
    """What a killed process may leave: half files, states of runs that are over, locks."""
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    kinds = {
        "half files": [path for path in files if PARTIAL_PREFIX in path.name],
        "states of runs": [path for path in files if path.parent.name == "unfinished"],
        "DVC's locks": [
            path for path in files if path.name == "rwlock" and path.read_text() > "{}"
        ],
    }
    return {
        kind: sorted(str(path.relative_to(project.folder)) for path in paths)
        for kind, paths in kinds.items()
    }


def count_processes(project: TinyProject) -> int:
    """Processes that work in the project."""
    count = 0
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            count += link.resolve(strict=True).is_relative_to(project.folder)
        except OSError:  # it has ended, or is another's
            continue
    return count


def measure_machine() -> dict[str, int]:
    """What a process that was not ended well would still hold, of the whole machine."""
    memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return {
        "open files": int(Path("/proc/sys/fs/file-nr").read_text().split()[0]),
        "memory in use, MB": (
            int(memory["MemTotal"].split()[0]) - int(memory["MemAvailable"].split()[0])
        )
        // 1000,
        "files in the temporary folder": sum(1 for _ in Path(gettempdir()).iterdir()),
    }


def main() -> int:
    """Both studies; 0 if nothing tells them apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="training runs, at least")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--between", type=float, nargs=2, default=(20, 60), help="kills, seconds")
    arguments = parser.parse_args()
    words = list_words(arguments.runs)
    rng = random.Random(arguments.seed)  # noqa: S311  (no secret)
    with TemporaryDirectory() as folder:
        calm, disturbed = (copy_tiny_project(Path(folder) / name) for name in ("calm", "disturbed"))
        if code := start(calm, words).wait():
            sys.exit(f"soak: the undisturbed study must end well; got exit code {code}")
        before = measure_machine()
        n_kills = run_disturbed(disturbed, words, rng, arguments.between)
        after = measure_machine()
        expected, got = read_outputs(calm), read_outputs(disturbed)
        paths = expected.keys() | got.keys()
        other = sorted(path for path in paths if expected.get(path) != got.get(path))
        n_processes = count_processes(disturbed)
        say(f"soak: {n_kills} kills, {len(expected)} outputs, {len(other)} differ {other[:5]}")
        left_calm = list_left_behind(calm)
        for kind, left in list_left_behind(disturbed).items():
            say(f"soak: {kind}: {len(left)} {left[:3]}; undisturbed {len(left_calm[kind])}")
        for kind, count in after.items():
            say(f"soak: {kind}: {before[kind]} before, {count} after")
        say(f"soak: processes left: {n_processes}")
        return int(bool(other) or n_processes > 0)


if __name__ == "__main__":
    sys.exit(main())
