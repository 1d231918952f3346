"""Runs in two precisions: trained, measured and compared."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import precision
from hqcm.slices.stacks import Stack
from toy_params import toy_params


def keep(runs: Path, cohort: str, accuracies: dict[str, list[float]]) -> None:
    for name, values in accuracies.items():
        for seed, accuracy in enumerate(values):
            figures = {"accuracy": accuracy, "jaccard": 0.5, "validation_loss": 1.0 + seed}
            path = runs / f"{cohort}-{seed}-{name}.json"
            path.write_text(json.dumps({**figures, "n_epochs": 3, "image_size_px": 16}))


def test_compares_in_units_of_the_seed_spread(tmp_path: Path) -> None:
    keep(tmp_path, "toy", {"float32": [0.7, 0.8, 0.9], "bfloat16": [0.75, 0.8, 0.88]})
    keep(tmp_path, "half", {"float32": [0.7]})
    measured = precision.compare(tmp_path)
    assert measured.tables[0].rows[0] == [
        *("toy, 16 px", "test accuracy", "0.750 0.800 0.880", "0.700 0.800 0.900"),
        "+0.010 (-0.020 to +0.050)",
    ]
    # The mean differs by 0.01, the seeds by 0.1; where all seeds agree there is no unit.
    ratio = measured.ratios[0]
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx((-0.2, 0.1, 0.5))
    assert [ratio.name for ratio in measured.ratios] == [
        "toy, test accuracy, difference in seed spreads",
        "toy, lowest validation loss, difference in seed spreads",
    ]


def test_trains_and_measures_a_run(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (8, 16, 16), dtype=np.uint8)
    stack = Stack(
        [f"toy/{i}" for i in range(8)], images, images > 128, np.ones(8, np.bool_), np.arange(8) % 4
    )
    run = tmp_path / "toy-0-float32"
    precision.train(run, dict.fromkeys(("train", "validation", "test"), stack), toy_params(), 0)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".h5"]
    figures = precision.measure_run(run, stack)
    history = pd.read_csv(run.with_suffix(".csv"))
    assert figures["validation_loss"] == history["validation_loss"].min()
    assert figures["n_epochs"] == 3
    assert 0 <= figures["jaccard"] < 1
