"""The predictions store: what one trained network says about the test slices."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.study import Cell, StudyParams

StudyPredictions = dict[str, dict[str, list["Predictions"]]]
"""Protocol -> variant -> the runs of that network, one for each seed in the study's order."""


@dataclass(frozen=True)
class Predictions:
    """Test slices in the order of the split.

    Shape:
        - slice_id: ``(n,)`` str.
        - y_true: ``(n,)`` int64, 0-3.
        - logits: ``(n, 4)`` float32.
        - features: ``(n, 25)`` float32, what the classifier sees; another width from another
          variant: 160 in `identity`, 512 in `resnet18`.
        - attention: ``(n, 16, 16)`` float32, the attention map, [0, 1]; ``(n, 0, 0)`` from a
          network without one.
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

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """``(n, 4)``, softmax of the logits; rows sum to 1."""
        from scipy.special import softmax  # noqa: PLC0415  (slow to load; predicting has no need)

        return softmax(self.logits.astype(np.float64), axis=1)

    @property
    def has_attention(self) -> bool:
        """Whether the network has an attention map at all."""
        return self.attention.shape[-1] > 0


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


def read_study_predictions(folder: Path, study: StudyParams) -> StudyPredictions:
    """The predictions of every cell of the study; other files in the folder are left alone.

    Raises:
        FileNotFoundError: a cell has no predictions.
        ValueError: two runs of one protocol were not tested on the same slices.
    """
    found: StudyPredictions = {protocol: {} for protocol in study.protocols}
    first: dict[str, Path] = {}
    for cell in study.cells():
        path = predictions_path(folder, cell)
        runs = found[cell.protocol].setdefault(cell.variant, [])
        runs.append(read_predictions(path))
        known = first.setdefault(cell.protocol, path)
        reference = found[cell.protocol][study.variants[0]][0]
        if any(
            not np.array_equal(getattr(reference, column), getattr(runs[-1], column))
            for column in ("slice_id", "y_true")
        ):
            raise ValueError(f"{path}: slice_id and y_true must equal those of {known}")
    return found
