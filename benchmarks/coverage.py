"""How often does the interval of cross-validation hold the truth? Called by `make coverage`.

Each simulated study has the families of a real one (`--slices`, its `slices.csv`) and a true
difference of zero, beside one or several effects: of the seed, of patients, of single slices, of
the training set. The last comes in two kinds: one that every training set has for itself, and
influence, where each patient pulls all networks that are trained on them, so that folds share it.
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from hqcm.cross_validation.separate_variances import Differences, measure_spread
from hqcm.evaluation.statistics import CONFIDENCE

_Reals = NDArray[np.float64]
_N_FOLDS = 5


class Effects(NamedTuple):
    """Standard deviations, points: of a run, of a patient, of a slice, of a training set ...

    `patient_set` and `patient_seed`: of a patient with one training set, or one run. `heavy`: from
    Student's t with 3 degrees of freedom, not from a normal distribution.
    """

    seed: float = 0.0
    patient: float = 0.0
    slice: float = 0.0
    own_set: float = 0.0
    influence: float = 0.0
    patient_set: float = 0.0
    patient_seed: float = 0.0
    heavy: bool = False


GENERATORS = {
    "seeds": Effects(seed=1),
    "patients": Effects(patient=10),
    "slices": Effects(slice=20),
    "training sets, each its own": Effects(own_set=1),
    "training sets, influence": Effects(influence=1),
    "patients within a training set": Effects(patient_set=10),
    "patients within a run": Effects(patient_seed=10),
    "influence 0.5, seeds 1": Effects(influence=0.5, seed=1),
    "influence 0.3, seeds 1": Effects(influence=0.3, seed=1),
    "influence 0.6, patients 10": Effects(influence=0.6, patient=10),
    "influence 0.3, patients 6": Effects(influence=0.3, patient=6),
    "all": Effects(1, 6, 15, 0.5, 0.3, 4, 4),
    "all, heavy tails": Effects(1, 6, 15, 0.5, 0.3, 4, 4, heavy=True),
}


class Study(NamedTuple):
    """Of the real one: the family of each slice, and each family's slices."""

    family: NDArray[np.int64]
    sizes: NDArray[np.int64]


def deal(sizes: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """A fold for each family: the largest first, each into the fold with the fewest slices."""
    order = generator.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load, fold = np.zeros(_N_FOLDS), np.zeros(len(sizes), np.int64)
    for family in order:
        fold[family] = load.argmin()
        load[fold[family]] += sizes[family]
    return fold


def simulate(
    study: Study, effects: Effects, n_repeats: int, n_seeds: int, generator: np.random.Generator
) -> Differences:
    """One study without a true difference."""
    family, sizes = study
    n = len(family)

    def draw(*shape: int) -> _Reals:
        if effects.heavy:
            return generator.standard_t(3, shape) / np.sqrt(3)
        return generator.standard_normal(shape)

    of_patient, pull = effects.patient * draw(len(sizes)), draw(len(sizes)) * sizes
    fold = np.stack([deal(sizes, generator) for _ in range(n_repeats)])
    difference = np.zeros((n_repeats, n_seeds, n))
    for repeat in range(n_repeats):
        trained = (fold[repeat] != np.arange(_N_FOLDS)[:, None]).astype(float)  # (folds, families)
        scale = np.sqrt(trained @ sizes**2.0)
        of_set = effects.influence * (trained @ pull) / scale + effects.own_set * draw(_N_FOLDS)
        shared = of_patient + effects.patient_set * draw(len(sizes)) + of_set[fold[repeat]]
        for seed in range(n_seeds):
            of_run = effects.seed * draw(_N_FOLDS)
            each = shared + of_run[fold[repeat]] + effects.patient_seed * draw(len(sizes))
            difference[repeat, seed] = each[family] + effects.slice * draw(n)
    return Differences(difference, fold[:, family], family)


def count_hits(
    study: Study, effects: Effects, n_repeats: int, n_seeds: int, n_studies: int
) -> dict[str, tuple[float, float]]:
    """Share of intervals that hold zero, and their median half-width in points, by kind."""
    generator = np.random.default_rng(0)
    spreads = [
        measure_spread(simulate(study, effects, n_repeats, n_seeds, generator))
        for _ in range(n_studies)
    ]
    kinds: dict[str, Any] = {
        "separate variances": lambda spread: spread.half_width(CONFIDENCE),
        "corrected t": lambda spread: spread.corrected_half_width(CONFIDENCE),
        "patients alone": lambda spread: 1.96 * float(np.sqrt(spread.patients)),
        "t over folds": lambda spread: (
            float(stdtrit(spread.n_runs - 1, (1 + CONFIDENCE) / 2))
            * spread.corrected
            / np.sqrt(1 + spread.n_runs / (_N_FOLDS - 1))
        ),
    }
    found = {}
    for name, reach in kinds.items():
        widths = np.array([reach(spread) for spread in spreads])
        values = np.array([spread.value for spread in spreads])
        found[name] = float((abs(values) <= widths).mean()), float(np.median(widths))
    return found


def main() -> None:
    """Print a table for each design: coverage, and half-width in brackets."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--slices", type=Path, required=True, help="slices.csv of a kept study")
    parser.add_argument("--studies", type=int, default=1000, help="simulated, each generator")
    parser.add_argument(
        "--designs", nargs="+", default=["1x2", "2x1", "1x10"], help="repeats x seeds"
    )
    args = parser.parse_args()
    family = pd.factorize(pd.read_csv(args.slices)["family"])[0].astype(np.int64)
    study = Study(family, np.bincount(family))
    print(f"{len(family)} slices, {len(study.sizes)} families, {args.studies} studies each")
    for design in args.designs:
        n_repeats, n_seeds = map(int, design.split("x"))
        print(f"\n{n_repeats} x {_N_FOLDS} folds, {n_seeds} seeds")
        for name, effects in GENERATORS.items():
            found = count_hits(study, effects, n_repeats, n_seeds, args.studies)
            cells = "; ".join(
                f"{kind} {hit:.3f} ({wide:.2f})" for kind, (hit, wide) in found.items()
            )
            print(f"  {name}: {cells}", flush=True)


if __name__ == "__main__":
    main()
