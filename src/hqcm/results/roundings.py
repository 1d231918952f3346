"""How far rounding alone moves a run: what `make roundings` measured, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.results.files import read_json, write_json

TABLE, CONFIGURATION = "roundings.csv", "roundings.json"
"""In the folder of what was measured; a row a run, and what the runs have in common."""
_ROUNDS = {"train": ("precision", "device")}
"""Parameters that are no part of a configuration here, but how it was computed."""


class Spread(NamedTuple):
    """Lowest and highest of a quantity that runs take; within [0, 1] for an accuracy."""

    low: float
    high: float


@dataclass(frozen=True)
class Roundings:
    """One configuration in several arithmetics.

    `table` has a row a run, at least: arithmetic, variant, accuracy (fraction of the test slices),
    n_slices. `configuration` is that of every run, from `describe_configuration`.
    """

    table: pd.DataFrame
    configuration: dict[str, Any]

    def of(self, variant: str) -> pd.Series:
        """Test accuracies of a network, fractions, by arithmetic."""
        own: pd.Series = self.table[self.table["variant"] == variant].set_index("arithmetic")[
            "accuracy"
        ]
        return own

    def expect(self, variant: str) -> Spread:
        """Where a run in yet another arithmetic lies, 19 times of 20."""
        return _expect(self.of(variant).to_numpy())

    def differences(self, pair: Sequence[str]) -> pd.Series:
        """The first network's accuracy minus the second's, by arithmetic."""
        first, second = (self.of(variant) for variant in pair)
        return first - second

    def noise(self, pair: Sequence[str]) -> float:
        """Differences of two accuracies below this, fraction, come of rounding alone.

        Half the width of where the difference lies in yet another arithmetic, 19 times of 20.
        """
        low, high = _expect(self.differences(pair).to_numpy())
        return (high - low) / 2


def _expect(values: NDArray[np.float64]) -> Spread:
    """The prediction interval of one more value, widened to the values there are.

    Student's t for a normal distribution of unknown mean and variance.
    """
    from scipy.stats import t  # noqa: PLC0415  (slow to load; few have need)

    n = len(values)
    if n <= 1:
        raise ValueError(f"a spread must come from 2 runs or more; got {n}")
    half = t.ppf(0.975, n - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / n)
    return Spread(
        float(min(values.min(), values.mean() - half)),
        float(max(values.max(), values.mean() + half)),
    )


def describe_configuration(
    networks: Mapping[str, Mapping[str, Any]], n_test_slices: int
) -> dict[str, Any]:
    """What two runs must have in common to be held against each other.

    Args:
        networks: parameters as recorded beside the checkpoints, by variant.
        n_test_slices: of the test part.
    """
    return {
        "n_test_slices": n_test_slices,
        "networks": {name: _drop_rounding(params) for name, params in networks.items()},
    }


def _drop_rounding(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        section: {key: value for key, value in keys.items() if key not in _ROUNDS.get(section, ())}
        if isinstance(keys, Mapping)
        else keys
        for section, keys in params.items()
    }


def read_roundings(folder: Path) -> Roundings | None:
    """What was measured; None where nothing was."""
    if not (folder / TABLE).is_file():
        return None
    return Roundings(pd.read_csv(folder / TABLE), read_json(folder / CONFIGURATION))


def write_roundings(folder: Path, roundings: Roundings) -> None:
    """Write what `read_roundings` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    roundings.table.to_csv(folder / TABLE, index=False, float_format="%.4f", lineterminator="\n")
    write_json(folder / CONFIGURATION, roundings.configuration)
