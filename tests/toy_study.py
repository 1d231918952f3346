"""A small study made up from arithmetic: the files that the stages after training read."""

from pathlib import Path

import numpy as np
import pandas as pd

from hqcm.cohort.converted import Pseudonym, write_table
from hqcm.cohort.duplicates import TWIN_COLUMNS
from hqcm.cohort.families import group_duplicates
from hqcm.contracts.study import StudyParams
from hqcm.results.predictions import Predictions, predictions_path, write_predictions
from hqcm.slices.stacks import Stack
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter

STUDY = StudyParams(hybrid=["paper"], classical=["counterpart"], protocols=["random"], seeds=[0, 1])
SIZE = 32
CELLS = 4
N_TEST = 40
"""Slices 0, 4, 8, ... are healthy, 1, 5, ... meningioma, and so on."""


def make_slice(position: int) -> Slice:
    """A ramp with a bright square, which is the tumour; it moves with the position."""
    label = position % 4
    mask = np.zeros((SIZE, SIZE), np.bool_)
    if label:
        corner = 2 + position % 11
        mask[corner : corner + 8, 8:17] = True
    image = np.add.outer(np.arange(SIZE), 2 * np.arange(SIZE)).astype(np.uint8)
    image[mask] = 200
    source = "figshare" if label else "trainingdatapro"
    return Slice(
        slice_id=f"{source}/{position:03d}",
        source=source,
        group_id=f"patient-{position // 8}",
        label=label,
        image=image,
        mask=mask if position % 13 != 6 else None,
    )


def name_slice(position: int) -> str:
    """A pseudonym as `prepare` would make it, in an order of its own."""
    return f"s{(position * 37) % 101:012x}"


def make_stack() -> Stack:
    """The test slices."""
    slices = [make_slice(position) for position in range(N_TEST)]
    blank = np.zeros((SIZE, SIZE), np.bool_)
    return Stack(
        slice_id=[item.slice_id for item in slices],
        images=np.stack([item.image for item in slices]),
        masks=np.stack([blank if item.mask is None else item.mask for item in slices]),
        has_mask=np.array([item.mask is not None for item in slices]),
        labels=np.array([item.label for item in slices], np.int64),
    )


def make_predictions(seed: int, *, skill: float, n: int = N_TEST) -> Predictions:
    """Predictions that are right for about the fraction `skill` of the slices."""
    generator = np.random.default_rng(seed)
    slices = [make_slice(position) for position in range(n)]
    y_true = np.array([item.label for item in slices], np.int64)
    logits = generator.normal(size=(n, 4)).astype(np.float32)
    right = generator.random(n) < skill
    logits[right, y_true[right]] += 5
    cells = np.stack([item.mask for item in slices if item.mask is not None][:1] * n)
    for i, item in enumerate(slices):
        cells[i] = item.mask if item.mask is not None else False
    coarse = cells.reshape(n, CELLS, SIZE // CELLS, CELLS, SIZE // CELLS).mean(axis=(2, 4))
    noise = generator.random((n, CELLS, CELLS)) * (1.4 - skill)
    attention = np.clip(coarse * 1.6 + noise, 0, 1).astype(np.float32)
    return Predictions(
        slice_id=np.array([item.slice_id for item in slices], dtype=object),
        y_true=y_true,
        logits=logits,
        features=np.tanh(logits @ np.linspace(-1, 1, 100).reshape(4, 25)).astype(np.float32),
        attention=attention,
    )


def write_study(folder: Path, study: StudyParams = STUDY) -> None:
    """Write prepared slices, split, predictions and histories under a data folder's names."""
    with SliceWriter(folder / "prepared.h5") as writer:
        for position in range(N_TEST + 24):
            writer.add(make_slice(position))
    named = [Pseudonym(make_slice(i).slice_id, name_slice(i)) for i in range(N_TEST + 24)]
    write_table(folder / "pseudonyms.csv", Pseudonym, named)
    write_twins(folder / "twins.csv", folder / "duplicates.csv")
    for name in ("split", "predictions", "history"):
        (folder / name).mkdir()
    for protocol in study.protocols:
        _write_split(folder / "split" / f"{protocol}.csv")
    for cell in study.cells():
        skill = 0.9 if cell.variant in study.hybrid else 0.6
        write_predictions(
            predictions_path(folder / "predictions", cell), make_predictions(cell.seed, skill=skill)
        )
        make_history(skill).to_csv(folder / "history" / f"{cell.name}.csv", index=False)


def write_twins(path: Path, duplicates: Path) -> None:
    """Near-duplicates as if found: of two test slices in training, of one in validation."""
    pairs = [
        ("figshare/001", "figshare/041", "mirrored", 0.99),
        ("figshare/002", "figshare/042", "same", 0.98),
        ("figshare/003", "figshare/059", "same", 0.97),
    ]
    twins = pd.DataFrame(pairs, columns=TWIN_COLUMNS)
    twins.to_csv(path, index=False)
    slice_ids = [make_slice(position).slice_id for position in range(N_TEST + 24)]
    group_duplicates(slice_ids, twins).to_csv(duplicates, index=False)


def make_history(skill: float, epochs: int = 6) -> pd.DataFrame:
    """Curves that fall and rise."""
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "epoch": epoch,
            "learning_rate": 0.01,
            "train_loss": 2 - skill + 1 / epoch,
            "train_accuracy": skill - 0.5 / epoch,
            "validation_loss": 2.1 - skill + 1 / epoch,
            "validation_accuracy": skill - 0.6 / epoch,
            "gradient_norm": 3.0 / epoch,
            "dead_outputs": epoch - 1,
            "saturated_outputs": 0,
        }
    )


def _write_split(path: Path) -> None:
    parts = ["test"] * N_TEST + ["train"] * 16 + ["validation"] * 8
    ids = [make_slice(position).slice_id for position in range(len(parts))]
    pd.DataFrame({"slice_id": ids, "part": parts}).to_csv(path, index=False)
