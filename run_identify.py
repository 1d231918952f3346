"""Train every reading of what the paper leaves open, and tell which of them its numbers allow.

Called by `make identify`. The readings stand in `data/paper/readings.yaml`, the rule that decides
in docs/decisions/0021. Works as a study does, in a workspace of its own, `.study/identify-COHORT`:
stop it at any point and start it again.
"""

import argparse
from pathlib import Path

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.engine import train
from hqcm.orchestration.running import reproduce
from hqcm.orchestration.settings import make_parser, parse_changes, parse_with, write_params
from hqcm.orchestration.workspace import fill_workspace, take_over
from hqcm.paper.readings import TABLE, read_readings, tabulate_readings, update_table


def parse_arguments() -> argparse.Namespace:
    """What to run."""
    parser = make_parser(__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, required=True)
    parser.add_argument(
        "--epochs", type=int, help="stop after these, for the first steps alone; else whole runs"
    )
    return parse_with(parser)


def main() -> None:
    """Fill the workspace, train, write the table."""
    args = parse_arguments()
    project = Path(__file__).resolve().parent
    readings = read_readings(project / "data" / "paper" / "readings.yaml")
    workspace = project / ".study" / f"identify-{args.cohort}"
    sections = readings.sections()
    changes = {
        "data.cohort": args.cohort,
        "study.hybrid": list(sections["hybrid"]),
        "study.classical": list(sections["classical"]),
        "study.protocols": ["random"],
        "study.seeds": args.seeds,
        **parse_changes(args.set),
        **({"train.max_epochs": args.epochs} if args.epochs else {}),
    }
    lock = take_over(workspace)
    fill_workspace(project, workspace)
    variants = sections["hybrid"] | sections["classical"]
    cells = write_params(project / "params.yaml", workspace / "params.yaml", changes, variants)
    train(workspace, lock, cells, args.where)
    reproduce(workspace, lock, cells)
    reports = workspace / "reports"
    size_px = read_yaml(workspace / "params.yaml")["prepare"]["image_size_px"]
    slices = {"cohort": args.cohort, "image_size_px": size_px}
    table = tabulate_readings(readings, reports, slices, args.seeds, is_whole=args.epochs is None)
    update_table(project / "data" / "measured" / TABLE, table)


if __name__ == "__main__":
    main()
