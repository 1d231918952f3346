"""Whole hybrid runs in bfloat16 and in float32: do they end in the same place?

Takes an hour and more, so `make bench` only shows what it has kept. Run it once a cohort, for
instance `python benchmarks/precision.py --cohort phantom --prepared data/processed/slices.h5
--split data/processed/split/random.csv`; stopped, it goes on with the first run not finished.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import pandas as pd

from hqcm.contracts.command_line import publish
from hqcm.contracts.params import read_yaml
from hqcm.evaluation.overlap import measure_overlap
from hqcm.results.predictions import read_predictions, write_predictions
from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.inference import InferenceParams, predict
from hqcm.training.loop import train_network
from measurement import Measurement, Ratio, Table, as_markdown

HERE = Path(__file__).parent
KEPT = HERE.parent / "data" / "benchmarks"
PRECISIONS = ("bfloat16", "float32")
SEEDS = (0, 1, 2)
THRESHOLD = 0.75  # the lowest of Table 2, at which most slices have a map to compare
QUANTITIES = {
    "accuracy": "test accuracy",
    "jaccard": f"mean Jaccard index at {THRESHOLD}",
    "validation_loss": "lowest validation loss",
}


def main() -> None:
    """Train what is missing of one cohort, then compare all that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohort", required=True, help="a name for the table")
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--split", type=Path, required=True)
    args = parser.parse_args()
    runs = KEPT / "precision"
    runs.mkdir(parents=True, exist_ok=True)
    parts = {
        part: read_stack(args.prepared, read_part(args.split, part))
        for part in ("train", "validation", "test")
    }
    params = read_yaml(HERE.parent / "params.yaml")
    params["prepare"]["image_size_px"] = parts["test"].images.shape[1]
    for seed in SEEDS:
        for precision in PRECISIONS:
            run = runs / f"{args.cohort}-{seed}-{precision}"
            params["train"]["precision"] = precision
            if not run.with_suffix(".h5").exists():
                train(run, parts, params, seed)
            figures = measure_run(run, parts["test"])
            run.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    comparison = compare(runs)
    (KEPT / "precision.json").write_text(json.dumps(asdict(comparison), indent=1) + "\n")
    print("\n".join(as_markdown(comparison)))  # noqa: T201  (a benchmark prints)


def train(run: Path, parts: dict[str, Stack], params: dict[str, Any], seed: int) -> None:
    """One run; its predictions appear when it is finished, its history as it goes."""
    pair = (parts["train"], parts["validation"])
    trained = train_network("paper", params, pair, seed, run.with_suffix(".csv"))
    keys = ("batch_size", "device", "precision")
    inference = InferenceParams(**{key: params["train"][key] for key in keys})
    unfinished = run.with_suffix(".unfinished")
    write_predictions(unfinished, predict(trained.network, parts["test"], inference))
    publish(unfinished, run.with_suffix(".h5"))


def measure_run(run: Path, test: Stack) -> dict[str, float]:
    """Where a run has ended."""
    predictions = read_predictions(run.with_suffix(".h5"))
    history = pd.read_csv(run.with_suffix(".csv"))
    overlap = measure_overlap(predictions.attention, test, [THRESHOLD], "raw", "skip")
    return {
        "accuracy": float((predictions.y_pred == predictions.y_true).mean()),
        "jaccard": float(np.nanmean(overlap.jaccard)),
        "validation_loss": float(history["validation_loss"].min()),
        "n_epochs": len(history),
        "image_size_px": test.images.shape[1],
    }


def compare(runs: Path) -> Measurement:
    """All cohorts whose every run is there: means, spreads, and the paired difference."""
    kept = {path.stem: json.loads(path.read_text()) for path in sorted(runs.glob("*.json"))}
    wanted = [(seed, precision) for seed in SEEDS for precision in PRECISIONS]
    rows, ratios = [], []
    for cohort in sorted({name.rsplit("-", 2)[0] for name in kept}):
        if any(f"{cohort}-{seed}-{precision}" not in kept for seed, precision in wanted):
            continue
        figures = {
            precision: [kept[f"{cohort}-{seed}-{precision}"] for seed in SEEDS]
            for precision in PRECISIONS
        }
        size = figures["float32"][0]["image_size_px"]
        for quantity, name in QUANTITIES.items():
            values = {p: [run[quantity] for run in figures[p]] for p in PRECISIONS}
            shown = [" ".join(f"{value:.3f}" for value in values[p]) for p in PRECISIONS]
            rows.append([f"{cohort}, {size} px", name, *shown, difference(values)])
            if len(set(values["float32"])) > 1:
                ratios.append(in_spreads(f"{cohort}, {name}", values))
    seeds = ", ".join(map(str, SEEDS))
    columns = ["cohort", "quantity", *PRECISIONS, "mean difference (range over seeds)"]
    return Measurement(
        title="bfloat16 against float32, whole runs",
        how=f"The hybrid network with the settings of `params.yaml`, seeds {seeds}; early stopping "
        "ends each run by itself. The ratio is the mean difference between the precisions in "
        "units of float32's standard deviation over seeds; between -1 and 1 the choice of the "
        "seed matters more than that of the precision.",
        tables=[Table("Seed by seed:", columns, rows)],
        ratios=ratios,
    )


def difference(values: dict[str, list[float]]) -> str:
    """Bfloat16 less float32, seed by seed."""
    pairs = zip(*(values[precision] for precision in PRECISIONS), strict=True)
    differences = [reduced - whole for reduced, whole in pairs]
    return f"{mean(differences):+.3f} ({min(differences):+.3f} to {max(differences):+.3f})"


def in_spreads(name: str, values: dict[str, list[float]]) -> Ratio:
    """The mean difference, and that of each seed, in seed spreads."""
    spread = stdev(values["float32"])
    pairs = zip(*(values[precision] for precision in PRECISIONS), strict=True)
    sizes = [(reduced - whole) / spread for reduced, whole in pairs]
    name = f"{name}, difference in seed spreads"
    return Ratio(name, min(sizes), mean(sizes), max(sizes), between="seeds")


if __name__ == "__main__":
    main()
