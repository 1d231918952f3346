"""Run the pipeline over many networks, protocols and seeds; called by `make study`.

It happens in a workspace of its own (`.study/NAME`), a copy of the code with a `params.yaml`
of its own, so that the default parameters, `dvc.lock` and reports stay as they are. Data and
finished runs are shared through DVC's cache. Stop it at any point and start it again: no
finished run is repeated. See docs/decisions/0007-study-in-a-workspace-of-its-own.md.
"""

import argparse
from pathlib import Path

from hqcm.orchestration.engine import train
from hqcm.orchestration.publication import publish, publish_verdicts
from hqcm.orchestration.running import reproduce
from hqcm.orchestration.settings import make_parser, parse_changes, parse_with, write_params
from hqcm.orchestration.workspace import (
    fill_workspace,
    find_commit,
    require_name,
    take_over,
)
from hqcm.reporting.verdicts import DECISIVE

LISTS = ("hybrid", "classical", "protocols", "seeds")


def parse_arguments() -> argparse.Namespace:
    """What to run."""
    parser = make_parser(__doc__)
    parser.add_argument("--name", help="of its workspace and its results; else the cohort's")
    for name in LISTS:
        parser.add_argument(f"--{name}", nargs="+", required=True)
    return parse_with(parser)


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
    lock = take_over(workspace)
    fill_workspace(project, workspace)
    commit = find_commit(project)
    cells = write_params(project / "params.yaml", workspace / "params.yaml", changes)
    where = workspace.relative_to(project)
    print(f"study: {len(cells)} training runs in {where}; finished ones are kept", flush=True)
    train(workspace, lock, cells, args.where)
    reproduce(workspace, lock)
    published = project / "reports" / "study" / name
    publish(workspace, published, commit)
    if name in DECISIVE:
        publish_verdicts(project)
    print(f"study: published in {published.relative_to(project)}")


if __name__ == "__main__":
    main()
