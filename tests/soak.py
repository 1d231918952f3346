"""Run a small project to its end while it is killed again and again; called by `make soak`.

Either the whole pipeline, from an empty folder over and over, or a study of many runs. The same is
first run undisturbed. At the end both must have the same bytes in every output, and the disturbed
one must leave no process behind. Prints what it counted.
"""

import argparse
import os
import random
import shutil
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


def list_words(what: str, n_runs: int) -> list[str]:
    """The command line of the pipeline, or of a study of as many runs."""
    if what == "pipeline":
        return [sys.executable, "-m", "dvc", "repro"]
    lists = {
        **NETWORKS,
        "protocols": ["random"],
        "seeds": [str(seed) for seed in range(-(-n_runs // N_NETWORKS))],
    }
    words = [sys.executable, "run_study.py", "--cohort", "phantom", "--name", NAME, "--jobs", "2"]
    for name, values in lists.items():
        words += [f"--{name}", *values]
    return [*words, "--set", "train.max_epochs=8"]


def run_for(project: TinyProject, words: list[str], seconds: float | None = None) -> bool:
    """Run it for so long, then kill it and all that it started; whether it had ended before."""
    log = project.folder.with_suffix(".log")
    with (
        log.open("ab") as told,
        subprocess.Popen(
            words,
            cwd=project.folder,
            env=project.environment,
            stdout=told,
            stderr=told,
            start_new_session=True,
        ) as process,
    ):
        try:
            code = process.wait(seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return False
            raise
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        sys.exit(f"soak: {' '.join(words)} must end well; got exit code {code}\n{tail}")
    return True


def run_disturbed(
    project: TinyProject, words: list[str], rng: random.Random, between: tuple[float, float]
) -> int:
    """Start and kill it until it ends; the number of kills."""
    n_kills = 0
    while not run_for(project, words, rng.uniform(*between)):
        n_kills += 1
    return n_kills


def read_outputs(lock_file: Path) -> dict[str, str]:
    """Every output that a lock names, with its hash."""
    lock: Any = yaml.safe_load(lock_file.read_text())
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
    """Undisturbed, then disturbed; 0 if nothing tells them apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["pipeline", "study"])
    parser.add_argument("--kills", type=int, default=200, help="of the pipeline, at least")
    parser.add_argument("--runs", type=int, default=200, help="of the study, at least")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--between", type=float, nargs=2, help="kills, seconds")
    arguments = parser.parse_args()
    is_study = arguments.what == "study"
    between = tuple(arguments.between or ((20, 60) if is_study else (1, 12)))
    words = list_words(arguments.what, arguments.runs)
    lock = Path(".study", NAME, "dvc.lock") if is_study else Path("dvc.lock")
    rng = random.Random(arguments.seed)  # noqa: S311  (no secret)
    n_kills, n_passes, n_other = 0, 0, 0
    with TemporaryDirectory() as folder:
        calm = copy_tiny_project(Path(folder) / "calm")
        run_for(calm, words)
        expected, left_calm = read_outputs(calm.folder / lock), list_left_behind(calm)
        before = measure_machine()
        while n_passes < 1 or (not is_study and n_kills < arguments.kills):
            n_passes += 1
            project = copy_tiny_project(Path(folder) / f"disturbed-{n_passes}")
            n_kills += run_disturbed(project, words, rng, between)
            got = read_outputs(project.folder / lock)
            paths = sorted(expected.keys() | got.keys())
            other = [path for path in paths if expected.get(path) != got.get(path)]
            n_other += len(other) + count_processes(project)
            say(
                f"soak: pass {n_passes}: {n_kills} kills; {len(paths)} outputs, "
                f"{len(other)} differ {other[:5]}; processes left: {count_processes(project)}"
            )
            for kind, left in list_left_behind(project).items():
                say(f"soak: {kind}: {len(left)} {left[:3]}; undisturbed {len(left_calm[kind])}")
            shutil.rmtree(project.folder)
        for kind, count in measure_machine().items():
            say(f"soak: {kind}: {before[kind]} before, {count} after")
    return int(n_other > 0)


if __name__ == "__main__":
    sys.exit(main())
