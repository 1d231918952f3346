"""How the paper can be read where it leaves something open, and which readings its numbers allow.

The readings stand in `data/paper/readings.yaml`; the rule in docs/decisions/0021.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import Field

from hqcm.contracts.labels import ROLES
from hqcm.contracts.params import Section, check_section, read_yaml

TABLE = "readings.csv"
"""In the folder of what was measured."""
RATIO_WITHIN = 1.25
"""How far the ratio of both networks' losses may lie from the paper's, as a factor either way."""
LOSS_WITHIN = 1.6
"""The same for each loss; wide, since fewer slices are seen several times in as many steps."""
LOWEST_ACCURACY = 0.8
"""In training, after the last epoch of a whole run."""


class PerNetwork(Section):
    """One number of each network."""

    hybrid: float
    classical: float


class PrintedNumbers(Section):
    """What the paper prints of its training."""

    steps: int = Field(ge=1)
    loss: PerNetwork
    accuracy: PerNetwork


class Readings(Section):
    """The whole file."""

    printed: PrintedNumbers
    base: dict[str, Any]
    networks: dict[str, dict[str, Any]]
    readings: dict[str, dict[str, Any]] = Field(min_length=1)

    def name_variant(self, kind: str, reading: str) -> str:
        """The section of `variants` that a reading's network has; readings may share one."""
        own = self._settings(kind, reading)
        same = next(name for name in self.readings if self._settings(kind, name) == own)
        return f"{kind}_{same}"

    def sections(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Sections of `variants`, by kind of network and name."""
        return {
            kind: {
                self.name_variant(kind, name): self._settings(kind, name) for name in self.readings
            }
            for kind in ROLES
        }

    def _settings(self, kind: str, reading: str) -> dict[str, Any]:
        settings = self.networks[kind] | self.base | self.readings[reading]
        if kind == "hybrid":  # a quantum layer has no activation
            settings.pop("activation")
        return settings


class TriedReadings(NamedTuple):
    """The readings, and what `tabulate_readings` told of them."""

    readings: Readings
    table: pd.DataFrame


def load_tried(path: Path, table: Path) -> TriedReadings | None:
    """Readings and the table of their runs; None where none were run."""
    return TriedReadings(read_readings(path), pd.read_csv(table)) if table.is_file() else None


def read_readings(path: Path) -> Readings:
    """Read and check the file."""
    return check_section("readings", Readings, {"readings": read_yaml(path)})


def tabulate_readings(
    readings: Readings,
    reports: Path,
    slices: Mapping[str, Any],
    seeds: Sequence[int],
    *,
    is_whole: bool,
) -> pd.DataFrame:
    """What the runs of every reading gave.

    Args:
        readings: those that were trained.
        reports: folder of the run, with `first_steps` and `history`.
        slices: what the table says of them: `cohort`, and `image_size_px`.
        seeds: those that were trained.
        is_whole: whether the runs went on to the end, so that their last accuracy counts.

    Returns:
        A row a reading and seed: those of `slices`, reading, seed; of each network, the mean loss
        of the first steps (`hybrid_loss`, `classical_loss`), accuracy in training after the last
        epoch (`hybrid_accuracy`, `classical_accuracy`; missing if not whole), outputs dead by
        then (`hybrid_dead`, `classical_dead`).

    Raises:
        ValueError: a run has fewer steps than the paper's first epoch.
    """

    def follow(reading: str, kind: str, seed: int) -> dict[str, float]:
        run = f"{readings.name_variant(kind, reading)}-random-{seed}.csv"
        steps = pd.read_csv(reports / "first_steps" / run)["loss"]
        if len(steps) < readings.printed.steps:
            raise ValueError(
                f"{reports / 'first_steps' / run} must have {readings.printed.steps} steps; "
                f"got {len(steps)}"
            )
        last = pd.read_csv(reports / "history" / run).iloc[-1]
        return {
            f"{kind}_loss": steps.iloc[: readings.printed.steps].mean(),
            f"{kind}_accuracy": last["train_accuracy"] if is_whole else float("nan"),
            f"{kind}_dead": int(last["dead_outputs"]),
        }

    return pd.DataFrame(
        [
            {**slices, "reading": reading, "seed": seed}
            | follow(reading, "hybrid", seed)
            | follow(reading, "classical", seed)
            for reading in readings.readings
            for seed in seeds
        ]
    )


def misfits(runs: pd.DataFrame, printed: PrintedNumbers) -> list[str]:
    """Why the paper's numbers do not allow a reading, by docs/decisions/0021; empty if they do.

    Args:
        runs: rows of `tabulate_readings` of one cohort and reading.
        printed: the paper's numbers.
    """
    expected = printed.loss.classical / printed.loss.hybrid
    losses = {kind: runs[f"{kind}_loss"] for kind in ROLES}
    fits = {"ratio": _within(losses["classical"] / losses["hybrid"], expected, RATIO_WITHIN)}
    fits |= {
        f"{kind} loss": _within(losses[kind], getattr(printed.loss, kind), LOSS_WITHIN)
        for kind in ROLES
    }
    fits |= {  # a missing accuracy, of a run that is not whole, is not below
        f"{kind} accuracy": not (runs[f"{kind}_accuracy"] < LOWEST_ACCURACY).any() for kind in ROLES
    }
    return [name for name, is_so in fits.items() if not is_so]


def _within(values: pd.Series, expected: float, factor: float) -> bool:
    return bool(values.between(expected / factor, expected * factor).all())


def update_table(path: Path, table: pd.DataFrame) -> None:
    """Write the rows of one cohort in the place of its earlier ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        earlier = pd.read_csv(path)
        table = pd.concat([earlier[~earlier["cohort"].isin(table["cohort"])], table])
    table.to_csv(path, index=False, float_format="%.4f", lineterminator="\n")
