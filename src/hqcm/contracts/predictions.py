"""The predictions store: what one trained network says about the test slices."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.study import Cell


@dataclass(frozen=True)
class Predictions:
    """Test slices in the order of the split.

    Shape:
        - slice_id: ``(n,)`` str.
        - y_true: ``(n,)`` int64, 0-3.
        - logits: ``(n, 4)`` float32.
        - features: ``(n, 25)`` float32, what the classifier sees.
        - attention: ``(n, 16, 16)`` float32, the attention map, [0, 1].
    """

    slice_id: NDArray[Any]
    y_true: NDArray[np.int64]
    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    attention: NDArray[np.float32]

    @property
    def y_pred(self) -> NDArray[np.int64]:
        """``(n,)``, the class with the largest logit."""
        return self.logits.argmax(axis=1).astype(np.int64)


def predictions_path(folder: Path, cell: Cell) -> Path:
    """Where the predictions of a cell lie within the folder of all predictions."""
    return folder / f"{cell.name}.h5"


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write a store; same predictions, same bytes."""
    with h5py.File(path, "w") as file:
        for field in fields(predictions):
            values = getattr(predictions, field.name)
            dtype = h5py.string_dtype() if field.name == "slice_id" else None
            file.create_dataset(field.name, data=values, dtype=dtype)


def read_predictions(path: Path) -> Predictions:
    """Read a store.

    Raises:
        FileNotFoundError: there is no such store.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} must exist; run `dvc repro`, which makes it")
    with h5py.File(path) as file:
        columns = {name: file[name][:] for name in ("y_true", "logits", "features", "attention")}
        return Predictions(slice_id=file["slice_id"].asstr()[:], **columns)
