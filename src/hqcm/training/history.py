"""The learning curve: one row an epoch."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hqcm.contracts.command_line import PARTIAL_PREFIX, publish


class Epoch(NamedTuple):
    """What an epoch ended with; losses as in 3.4, accuracies as fractions.

    Training figures are means over the epoch's augmented batches, in training mode.
    """

    epoch: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


def write_history(path: Path, epochs: list[Epoch]) -> None:
    """Write the curve so far; a reader never sees half a file."""
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    pd.DataFrame(epochs, columns=list(Epoch._fields)).to_csv(partial, index=False)
    publish(partial, path)
