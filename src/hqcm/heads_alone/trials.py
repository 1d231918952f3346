"""A trial: one head on one network's features under one protocol, from every seed; its file.

A network's features serve only the protocol under which it was trained, so none of its training or
validation slices is ever tested. Rates are chosen on the validation part. Files lie side by side,
`<features>-<protocol>-<head>.npz`; `<protocol>.csv` describes the test slices, in their order.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cohort.converted import hide_slices, read_pseudonyms
from hqcm.cohort.families import read_cohort
from hqcm.contracts.command_line import PARTIAL_PREFIX
from hqcm.contracts.params import check_section
from hqcm.heads_alone.features import read_maps
from hqcm.heads_alone.stacked import Trained, ask_heads, choose_rate, train_heads
from hqcm.networks.variants import Variant
from hqcm.slices.split_file import PARTS, read_part
from hqcm.slices.stacks import read_stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import InferenceParams

_PACKAGE = Path(__file__).resolve().parents[1]
_SECTIONS = ("prepare", "network", "attention", "quantum", "loss", "train")
_FIGURES = ("best_epoch", "n_epochs", "validation_loss", "validation_accuracy")


class Trial(NamedTuple):
    """The network whose features are taken, the protocol of both, the section of the head."""

    features: str
    protocol: str
    head: str

    def path(self, folder: Path) -> Path:
        """Where its result lies within the folder of all."""
        return folder / f"{self.features}-{self.protocol}-{self.head}.npz"


class Plan(NamedTuple):
    """Learning rates, and how many seeds: of all, and of those that try every rate."""

    rates: tuple[float, ...]
    n_seeds: int
    n_searching: int


class Files(NamedTuple):
    """What trials read: the trained network, the prepared slices, the split; and their folder."""

    checkpoint: Path
    prepared: Path
    split: Path
    results: Path


class Outcome(NamedTuple):
    """What a trial found.

    `grid` has a row for each head trained: `learning_rate`, `seed`, `best_epoch`, `n_epochs`,
    `validation_loss`, `validation_accuracy`.

    Shape:
        - logits: ``(seeds, n_test, 4)`` float32, at the chosen rate; seeds from 0 on, slices in
          the order of `read_slices`.
    """

    learning_rate: float
    logits: NDArray[np.float32]
    grid: pd.DataFrame


def run_trials(
    trials: Sequence[Trial], params: Mapping[str, Any], plan: Plan, files: Files
) -> Iterator[Trial]:
    """Run those that are not there, or were made from something else; give each when it is done.

    Args:
        trials: of one network's features under one protocol.
        params: laid out as `params.yaml`.
        plan: the same for every head.
        files: of that network and that protocol.
    """
    made_from = {trial: _digest(trial, params, plan, files) for trial in trials}
    missing = [t for t in trials if _read_digest(t.path(files.results)) != made_from[t]]
    if not missing:
        return
    network = load_checkpoint(files.checkpoint)
    settings = check_section("train", InferenceParams, params)
    train, validation, test = (
        read_maps(network, read_stack(files.prepared, read_part(files.split, part)), settings)
        for part in PARTS
    )
    for trial in missing:
        # Every head has the same orders and dropout on a fold, and no two folds have.
        starts = [zlib.crc32(f"{trial.protocol} {seed}".encode()) for seed in range(plan.n_seeds)]
        searching, others = starts[: plan.n_searching], starts[plan.n_searching :]
        parts = train, validation
        grid = {
            rate: train_heads(trial.head, params, searching, parts, rate) for rate in plan.rates
        }
        chosen = choose_rate(grid)
        if others:
            grid[chosen] += train_heads(trial.head, params, others, parts, chosen)
        outcome = Outcome(chosen, ask_heads(grid[chosen], test.maps), _tabulate(grid))
        _write(trial.path(files.results), made_from[trial], trial, outcome)
        yield trial


def read_trials(folder: Path) -> dict[Trial, Outcome]:
    """Every trial's outcome that lies in a folder."""
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            grid = pd.DataFrame({name: file[name] for name in ("rate", "seed", *_FIGURES)})
            trial = Trial(*map(str, file["trial"]))
            grid = grid.rename(columns={"rate": "learning_rate"})
            found[trial] = Outcome(float(file["learning_rate"]), file["logits"], grid)
    return found


def read_slices(folder: Path, protocol: str) -> pd.DataFrame:
    """The test slices of a protocol: `slice` (a pseudonym), `source`, `family`, `label` (0-3)."""
    return pd.read_csv(folder / f"{protocol}.csv")


def write_slices(folder: Path, protocol: str, processed: Path) -> None:
    """Write what `read_slices` reads; families are numbered over the whole cohort.

    Args:
        folder: of all results.
        protocol: which slices are tested.
        processed: folder of the prepared store, pseudonyms, near-duplicates and splits.
    """
    cohort = read_cohort(processed / "slices.h5", processed / "duplicates.csv")
    cohort["family"] = pd.factorize(cohort["family"])[0]
    tested = read_part(processed / "split" / f"{protocol}.csv", "test")
    table = cohort.set_index("slice_id").loc[tested].reset_index()
    table = table[["slice_id", "source", "family", "label"]]
    table = hide_slices(table, read_pseudonyms(processed / "slices.pseudonyms.csv"))
    table.to_csv(folder / f"{protocol}.csv", index=False)


def write_grid(folder: Path) -> None:
    """Write `grid.csv`: a row for each head trained, `is_chosen` where its rate was."""
    rows = [
        outcome.grid.assign(
            **trial._asdict(), is_chosen=outcome.grid["learning_rate"] == outcome.learning_rate
        )
        for trial, outcome in read_trials(folder).items()
    ]
    table = pd.concat(rows)
    table[[*Trial._fields, *(name for name in table if name not in Trial._fields)]].to_csv(
        folder / "grid.csv", index=False
    )


def _tabulate(grid: Mapping[float, Sequence[Trained]]) -> pd.DataFrame:
    return pd.DataFrame(
        {"learning_rate": rate, "seed": seed} | {name: getattr(head, name) for name in _FIGURES}
        for rate, heads in grid.items()
        for seed, head in enumerate(heads)
    )


def _write(path: Path, made_from: str, trial: Trial, outcome: Outcome) -> None:
    """A reader never sees half a file; same outcome, same bytes."""
    grid: dict[str, Any] = {name: outcome.grid[name].to_numpy() for name in ("seed", *_FIGURES)}
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        partial,
        made_from=np.array(made_from),
        trial=np.array(trial),
        learning_rate=np.array(outcome.learning_rate),
        logits=outcome.logits,
        rate=outcome.grid["learning_rate"].to_numpy(),
        **grid,
    )
    partial.replace(path)


def _read_digest(path: Path) -> str | None:
    """What a result was made from; None where there is none that can be read."""
    try:
        # Opened here: of a file that is no archive NumPy would leave it open.
        with path.open("rb") as file, np.load(file) as kept:
            return str(kept["made_from"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _digest(trial: Trial, params: Mapping[str, Any], plan: Plan, files: Files) -> str:
    """SHA-256 of all that decides the result but the machine."""
    section = check_section(f"variants.{trial.head}", Variant, params)
    read = (files.checkpoint, files.checkpoint.with_suffix(".json"), files.prepared, files.split)
    code = (
        *sorted((_PACKAGE / "networks").glob("*.py")),
        _PACKAGE / "networks" / "heads" / f"{section.head}.py",
        *(_PACKAGE / "heads_alone" / name for name in ("features.py", "stacked.py")),
    )
    own = section.model_dump(exclude={"base", "learning_rate"})
    described = [trial, plan, own, {name: params[name] for name in _SECTIONS}]
    digest = hashlib.sha256(json.dumps(described).encode())
    for path in (*read, *code):
        if path.exists():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
