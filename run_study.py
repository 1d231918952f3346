"""Run the pipeline over many networks, protocols and seeds; called by `make study`.

It happens in a workspace of its own (`.study/NAME`), a copy of the code with a `params.yaml`
of its own, so that the default parameters, `dvc.lock` and reports stay as they are. Data and
finished runs are shared through DVC's cache. Stop it at any point and start it again: no
finished run is repeated. See docs/decisions/0007-study-in-a-workspace-of-its-own.md.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.engine import train
from hqcm.orchestration.keeping import (
    describe_runs,
    find_cell,
    find_missing,
    keep_run,
    keep_slices,
)
from hqcm.orchestration.publication import RUNS, publish, publish_folds, publish_verdicts
from hqcm.orchestration.running import name_prediction, reproduce
from hqcm.orchestration.settings import make_parser, parse_changes, parse_with, write_params
from hqcm.orchestration.workspace import (
    fill_workspace,
    find_commit,
    require_name,
    stop,
    take_over,
)
from hqcm.reporting.verdicts import DECISIVE

LISTS = ("hybrid", "classical", "protocols", "seeds")
FOLDS = "cv"
"""Stands for all folds of cross-validation, `--repeats` times."""


def parse_arguments() -> argparse.Namespace:
    """What to run."""
    parser = make_parser(__doc__)
    parser.add_argument("--name", help="of its workspace and its results; else the cohort's")
    for name in LISTS:
        parser.add_argument(f"--{name}", nargs="+", required=True)
    parser.add_argument("--repeats", type=int, default=1, help="of cross-validation, protocol cv")
    return parse_with(parser)


def list_folds(params: Path, changes: Mapping[str, Any], args: argparse.Namespace) -> list[str]:
    """Every fold as a protocol of its own, repeat by repeat."""
    if args.protocols != [FOLDS] or args.repeats < 1:
        stop(f"{FOLDS} must stand alone under --protocols, with 1 repeat or more")
    n_folds = changes.get("split.n_folds", read_yaml(params)["split"]["n_folds"])
    repeats = range(1, args.repeats + 1)
    return [f"{FOLDS}_{repeat}_{fold}" for repeat in repeats for fold in range(1, n_folds + 1)]


def main() -> None:
    """Fill the workspace, train, run the rest, publish."""
    args = parse_arguments()
    project = Path(__file__).resolve().parent
    name = args.name or args.cohort
    require_name(name)
    workspace = project / ".study" / name
    chosen = {f"study.{name}": getattr(args, name) for name in LISTS}
    chosen["study.seeds"] = parse_changes([f"seeds=[{', '.join(args.seeds)}]"])["seeds"]
    changes = {"data.cohort": args.cohort, **chosen, **parse_changes(args.set)}
    if is_folded := FOLDS in args.protocols:
        changes["study.protocols"] = list_folds(project / "params.yaml", changes, args)
    lock = take_over(workspace)
    fill_workspace(project, workspace)
    commit = find_commit(project)
    cells = write_params(project / "params.yaml", workspace / "params.yaml", changes)
    where = workspace.relative_to(project)
    print(f"study: {len(cells)} training runs in {where}; finished ones are kept", flush=True)
    published = project / "reports" / "study" / name
    if is_folded:
        reproduce(workspace, lock, ["sizes", "heads"])  # with all before it: what every run reads
        made_from = describe_runs(workspace, cells)
        cells = find_missing(published / RUNS, made_from)
        train(workspace, lock, cells, args.where)
        reproduce(workspace, lock, [*cells, *map(name_prediction, cells)] or ["sizes"])
        keep_slices(workspace, published / RUNS)
        for cell in cells:
            keep_run(workspace, published / RUNS, find_cell(cell), made_from[cell])
        publish_folds(workspace, published, commit)
    else:
        train(workspace, lock, cells, args.where)
        reproduce(workspace, lock)
        publish(workspace, published, commit)
    if name in DECISIVE:
        publish_verdicts(project)
    print(f"study: published in {published.relative_to(project)}")


if __name__ == "__main__":
    main()
