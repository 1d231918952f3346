"""Runs of a small study under cross-validation, as `hqcm.cross_validation.kept` keeps them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cross_validation.kept import Course, Kept

N_FOLDS = 5


def make_slices(n_families: int = 40, members: int = 3) -> pd.DataFrame:
    """Of four classes; every fourth family is of source 3."""
    family = np.repeat(np.arange(n_families), members)
    return pd.DataFrame(
        {
            "slice": [f"s{number:03d}" for number in range(len(family))],
            "family": family,
            "source": np.where(family % 4 == 0, "akter", "figshare"),
            "label": (family // 4) % 4,
        }
    )


def make_run(
    slices: pd.DataFrame,
    base: str,
    fold: int,
    right: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
    *,
    seed: int = 0,
    rate: float = 0.01,
    accuracy: float = 0.5,
    loss: float = 1.0,
    repeat: int = 1,
) -> Kept:
    """A run that takes the slices of a fold for their class where `right` says so."""
    rows = np.flatnonzero(slices["family"].to_numpy() % N_FOLDS == fold - 1)
    label = slices["label"].to_numpy()[rows]
    said = np.where(right(rows), label, (label + 1) % 4)
    variant = base if rate == 0.01 else f"{base}_lr{f'{rate:.4f}'.rstrip('0')[2:]}"
    course = Course(
        variant=variant,
        protocol=f"cv_{repeat}_{fold}",
        seed=seed,
        base=base,
        learning_rate=rate,
        best_epoch=1,
        n_epochs=2,
        validation_accuracy=accuracy,
        validation_loss=loss,
        device="cpu",
        precision="float32",
        made_from={"train.max_epochs": 2},
    )
    return Kept(course, rows, np.eye(4, dtype=np.float32)[said])
