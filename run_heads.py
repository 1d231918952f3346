"""Train every head on the frozen features of a study's networks; called by `make heads`.

Works on a study that has run, or is running: in `.study/NAME` it reads the networks trained so far,
and leaves the results in `reports/study/NAME/heads`. Stop it at any point and start it again: no
finished trial is repeated. See `hqcm.heads_alone.trials` for what they are.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hqcm.contracts.params import ParamsError, read_params
from hqcm.contracts.study import Cell
from hqcm.heads_alone.trials import Files, Plan, Trial, run_trials, write_grid, write_slices
from hqcm.networks.network import check_variant
from hqcm.orchestration.publication import HEADS
from hqcm.orchestration.running import share_cores
from hqcm.orchestration.workspace import require_name

ALL = (
    *("paper", "no_entanglement", "frozen", "counterpart", "counterpart_relu"),
    *("normalised", "quadratic", "matched", "identity"),
)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)


def parse_arguments() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", required=True, help="of the study")
    parser.add_argument("--features", nargs="+", required=True, help="networks to take them from")
    parser.add_argument("--heads", nargs="+", default=ALL, help="sections of variants")
    parser.add_argument("--protocols", nargs="+", help="else those of the study")
    parser.add_argument("--rates", nargs="+", type=float, default=RATES, help="learning rates")
    parser.add_argument("--seeds", type=int, default=10, help="how many under each protocol")
    parser.add_argument("--searching", type=int, default=4, help="how many of them try every rate")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    args = parser.parse_args()
    if not 1 <= args.searching <= args.seeds:
        parser.error(f"--searching must be 1 to --seeds, {args.seeds}; got {args.searching}")
    if min(args.rates) <= 0 or args.jobs < 1:
        parser.error("--rates must be above 0, and --jobs 1 or more")
    return args


def main() -> None:
    """Find what is trained, run the trials, tabulate."""
    args = parse_arguments()
    require_name(args.name)
    project = Path(__file__).resolve().parent
    workspace = project / ".study" / args.name
    results = project / "reports" / "study" / args.name / HEADS
    try:
        params = read_params(workspace / "params.yaml")
        for head in args.heads:
            check_variant(head, params, f".study/{args.name}/params.yaml")
    except (ParamsError, FileNotFoundError) as error:
        sys.exit(f"heads: {error}")
    plan = Plan(tuple(sorted(args.rates)), args.seeds, args.searching)
    processed = workspace / "data" / "processed"
    groups = []
    for protocol in args.protocols or params["study"]["protocols"]:
        for features in args.features:
            name = Cell(features, protocol, params["study"]["seeds"][0]).name
            checkpoint = find_checkpoint(workspace, name)
            if checkpoint is None:
                print(f"heads: {name} is not trained yet, left out", flush=True)
                continue
            split = processed / "split" / f"{protocol}.csv"
            files = Files(checkpoint, processed / "slices.h5", split, results)
            groups.append(([Trial(features, protocol, head) for head in args.heads], files))
    if not groups:
        sys.exit(f"heads: a network must be trained; got none in .study/{args.name}")
    results.mkdir(parents=True, exist_ok=True)
    for protocol in {trial.protocol for trials, _ in groups for trial in trials}:
        write_slices(results, protocol, processed)
    run_groups(partial(run_group, params, plan), groups, args.jobs)
    write_grid(results)
    print(f"heads: the results are in {results.relative_to(project)}")


def find_checkpoint(workspace: Path, name: str) -> Path | None:
    """A trained network: of the study, or of one of its jobs while it is under way."""
    folders = [workspace, *sorted(workspace.parent.glob(f"{workspace.name}-[0-9]*"))]
    paths = [folder / "data/checkpoints" / f"{name}.safetensors" for folder in folders]
    whole = [path for path in paths if path.exists() and path.with_suffix(".json").exists()]
    return whole[0] if whole else None


def run_groups(
    run: Callable[[list[Trial], Files], None],
    groups: Sequence[tuple[list[Trial], Files]],
    n_jobs: int,
) -> None:
    """In processes, which share the cores; after a failure nothing else starts."""
    os.environ["OMP_NUM_THREADS"] = share_cores(n_jobs)
    with ProcessPoolExecutor(n_jobs, get_context("spawn")) as pool:
        waiting = [pool.submit(run, *group) for group in groups]
        try:
            for done in as_completed(waiting):
                done.result()
        except KeyboardInterrupt:
            sys.exit("heads: interrupted; start it again to go on")
        finally:
            pool.shutdown(cancel_futures=True)


def run_group(params: Mapping[str, Any], plan: Plan, trials: list[Trial], files: Files) -> None:
    """The trials of one network's features, one after the other; a line each."""
    start = time.monotonic()
    for trial in run_trials(trials, params, plan, files):
        print(f"heads: {' '.join(trial)} {time.monotonic() - start:.0f} s", flush=True)
        start = time.monotonic()


if __name__ == "__main__":
    main()
