"""Run the pipeline over many networks, protocols and seeds; called by `make study`.

It happens in a workspace of its own (`.study/COHORT`), a copy of the code with a `params.yaml`
of its own, so that the default parameters, `dvc.lock` and reports stay as they are. Data and
finished runs are shared through DVC's cache. Stop it at any point and start it again: no
finished run is repeated. See docs/decisions/0007-study-in-a-workspace-of-its-own.md.
"""

import argparse
import fcntl
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from ruamel.yaml import YAML

LISTS = ("hybrid", "classical", "protocols", "seeds")
CODE = (
    *("dvc.yaml", ".dvcignore", "stages", "src"),
    *("data/paper", "docs/deviations.md", "CITATION.cff"),
)
CLINICAL = Path("data/raw/clinical")
# What is published: numbers, and the one figure drawn from them. Not the page and the other
# figures, because they show slices, which two of the three licences forbid to pass on.
LOCKED = ("params.yaml", "dvc.lock")
RESULTS = (
    *("compare.json", "compare.csv", "metrics.json", "localisation.json", "localisation.csv"),
    *("mcnemar.json", "claims.json", "intervals", "history", "figures/study.png"),
)
SETTINGS = """\
[core]
    analytics = false
    no_scm = true
[cache]
    dir = {cache}
"""
SECTION = "Is it the quantum layer?"


def stop(message: str) -> NoReturn:
    """End with one line."""
    sys.exit("study: " + message)


def fill_workspace(project: Path, workspace: Path) -> None:
    """Copy the code afresh, link the clinical files, and share the project's cache."""
    for name in CODE:
        replace(project / name, workspace / name)
    clinical = workspace / CLINICAL
    clinical.unlink(missing_ok=True)
    if (project / CLINICAL).is_dir():
        clinical.parent.mkdir(parents=True, exist_ok=True)
        clinical.symlink_to((project / CLINICAL).resolve())
    settings = workspace / ".dvc" / "config"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS.format(cache=find_cache(project)))


def find_cache(project: Path) -> Path:
    """Where the project's DVC keeps what it has made."""
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    printed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return Path(printed.stdout.strip())


def replace(source: Path, target: Path) -> None:
    """Copy a file or folder over what was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        shutil.copy2(source, target)


def write_params(source: Path, target: Path, changes: Mapping[str, Any]) -> int:
    """Write the parameters with some values changed, comments kept; return the number of runs."""
    yaml = YAML()
    yaml.width = 100
    params = yaml.load(source.read_text())
    for key, value in changes.items():
        *sections, last = key.split(".")
        node = params
        for name in sections:
            node = node.get(name, {})
        if last not in node:
            stop(f"{key} must be a key of {source.name}; got none of that name")
        node[last] = value
    study = params["study"]
    require_networks(params["variants"], study)
    with target.open("w") as file:
        yaml.dump(params, file)
    n_networks = len(study["hybrid"]) + len(study["classical"])
    return n_networks * math.prod(len(study[name]) for name in ("protocols", "seeds"))


def require_networks(variants: Mapping[str, Any], study: Mapping[str, Any]) -> None:
    """Say now, not after hours, that a network is not known or of the other kind."""
    for kind in ("hybrid", "classical"):
        for name in study[kind]:
            if name not in variants:
                stop(f"{kind} networks must be sections of variants; got {name!r}")
            head = variants[name].get("head", "none")
            if (head == "quantum") != (kind == "hybrid"):
                must = "must" if kind == "hybrid" else "must not"
                stop(f"the head of a {kind} network {must} be quantum; got {name} with {head}")


def parse_changes(settings: Sequence[str]) -> dict[str, Any]:
    """`train.max_epochs=2` as the key and its value, which is read as YAML."""
    changes = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            stop(f"a setting must be written key=value; got {setting!r}")
        changes[key] = YAML(typ="safe").load(value)
    return changes


def take_over(workspace: Path) -> IO[str]:
    """Be the only study in the workspace, and forget who was in there when it was killed.

    DVC notes which process is at which file, and blocks its successor where such a process seems
    to live: its number may be another's by now. Whoever holds our lock is alone.
    """
    workspace.mkdir(parents=True, exist_ok=True)
    lock = (workspace / ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        stop(f"one study at a time must work in {workspace}; another one is at it")
    (workspace / ".dvc" / "tmp" / "rwlock").unlink(missing_ok=True)
    return lock


def reproduce(workspace: Path, lock: IO[str]) -> None:
    """Run DVC there, with the workspace's own code; end as it ends if it fails.

    DVC inherits the lock, so that it keeps it should this process alone be killed.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(workspace.resolve() / "src"),
    }
    command = [sys.executable, "-m", "dvc", "repro"]
    with subprocess.Popen(
        command, cwd=workspace, env=environment, pass_fds=[lock.fileno()]
    ) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # DVC has had it too, and puts things in order before it ends
            code = process.wait() or 1
    if code:
        sys.exit(code)


def publish(workspace: Path, published: Path) -> None:
    """Copy parameters, lock and results, replacing what was published before."""
    partial = published.with_name(f".partial-{published.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in LOCKED:
        replace(workspace / name, partial / name)
    reports = workspace / "reports"
    for name in RESULTS:
        if (reports / name).exists():
            replace(reports / name, partial / name)
    report = (reports / "report.md").read_text(encoding="utf-8")
    (partial / "study.md").write_text(cut_section(report, SECTION), encoding="utf-8")
    shutil.rmtree(published, ignore_errors=True)
    partial.rename(published)


def cut_section(report: str, title: str) -> str:
    """One section of a report in Markdown, as a document of its own."""
    heading = f"\n## {title}\n"
    _, found, rest = report.partition(heading)
    if not found:
        stop(f"the report must have a section {title!r}; got none")
    return f"# {title}\n" + rest.partition("\n## ")[0].rstrip() + "\n"


def main() -> None:
    """Fill the workspace, run, publish."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cohort", choices=("phantom", "clinical"), required=True)
    for name in LISTS:
        parser.add_argument(f"--{name}", nargs="+", required=True)
    parser.add_argument("--set", nargs="*", default=[], help="further parameters, key=value")
    args = parser.parse_args()
    project = Path(__file__).resolve().parent
    workspace = project / ".study" / args.cohort
    chosen = {f"study.{name}": getattr(args, name) for name in LISTS}
    chosen["study.seeds"] = parse_changes([f"seeds=[{', '.join(args.seeds)}]"])["seeds"]
    changes = {"data.cohort": args.cohort, **chosen, **parse_changes(args.set)}
    lock = take_over(workspace)
    fill_workspace(project, workspace)
    n_runs = write_params(project / "params.yaml", workspace / "params.yaml", changes)
    print(f"study: {n_runs} training runs in {workspace.relative_to(project)}; those done are kept")
    reproduce(workspace, lock)
    published = project / "reports" / "study" / args.cohort
    publish(workspace, published)
    print(f"study: published in {published.relative_to(project)}")


if __name__ == "__main__":
    main()
