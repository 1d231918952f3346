"""One epoch: every training slice once, then the validation part; a row of the learning curve."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from pydantic import Field
from torch import nn
from tqdm import tqdm

from hqcm.contracts.command_line import PARTIAL_PREFIX, publish
from hqcm.contracts.params import Section, check_section
from hqcm.networks.output import Network
from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations
from hqcm.training.batches import Batch, DeviceStack
from hqcm.training.device import Execution, ExecutionParams
from hqcm.training.losses import LossParams, class_weights, composite_loss


class TrainParams(ExecutionParams, Section):
    """Section `train`."""

    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    batch_size: int = Field(ge=1)
    max_epochs: int = Field(ge=1)
    early_stopping_patience: int = Field(ge=1)
    gradient_clip_norm: float = Field(gt=0)
    plateau_factor: float = Field(gt=0, lt=1)
    plateau_patience: int = Field(ge=0)


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


class _Tally:
    """Running loss and accuracy, kept on the device: reading them once an epoch, not a step."""

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(3, dtype=torch.float64, device=device)

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        n = torch.full_like(loss, len(labels))
        n_right = (logits.argmax(dim=1) == labels).sum()
        self._sums += torch.stack([loss.detach() * n, n_right.to(loss.dtype), n])

    def means(self) -> tuple[float, float]:
        """Loss and accuracy over all slices counted."""
        loss, n_right, n = self._sums.tolist()
        return loss / n, n_right / n


class Learner:
    """A network, its optimiser and its training slices."""

    def __init__(
        self,
        network: Network,
        train: DeviceStack,
        params: Mapping[str, Any],
        execution: Execution,
        generator: torch.Generator,
    ) -> None:
        self.settings = check_section("train", TrainParams, params)
        self.network, self.train = network, train
        self._loss = check_section("loss", LossParams, params)
        self._augment = check_section("augment", AugmentParams, params)
        self._execution, self._generator = execution, generator
        self._class_weights = class_weights(train.labels, self._loss.class_weights)
        self.optimiser = torch.optim.AdamW(
            network.parameters(),
            lr=self.settings.learning_rate,
            weight_decay=self.settings.weight_decay,
            fused=True,
        )
        self.n_steps = -(-len(train) // self.settings.batch_size)

    def epoch(self, number: int, validation: DeviceStack, bar: tqdm) -> Epoch:
        """Train once through, validate, and show both."""
        learning_rate = self.optimiser.param_groups[0]["lr"]
        train_loss, train_accuracy = self.train_once(bar)
        loss, accuracy = self.evaluate(validation)
        bar.set_postfix(epoch=number, loss=f"{loss:.3f}", accuracy=f"{accuracy:.3f}")
        return Epoch(number, learning_rate, train_loss, train_accuracy, loss, accuracy)

    @torch.inference_mode()
    def evaluate(self, part: DeviceStack) -> tuple[float, float]:
        """Loss and accuracy, no augmentation, in evaluation mode."""
        self.network.eval()
        tally = _Tally(self._execution.device)
        positions = torch.arange(len(part), device=self._execution.device)
        for chosen in positions.split(self.settings.batch_size):
            batch = part.batch(chosen)
            tally.add(*self._forward(batch), batch.targets.labels)
        return tally.means()

    def train_once(self, bar: tqdm) -> tuple[float, float]:
        """Loss and accuracy of one pass over the training slices, in training mode."""
        self.network.train()
        tally = _Tally(self._execution.device)
        order = torch.randperm(len(self.train), generator=self._generator)
        drawn = draw_augmentations(len(self.train), self._augment, self._generator)
        batch_size, device = self.settings.batch_size, self._execution.device
        for chosen, how in zip(
            order.to(device).split(batch_size), drawn.to(device).split(batch_size), strict=True
        ):
            batch = self.train.batch(chosen)
            images, masks = augment(batch.images, batch.targets.masks[:, None], how)
            batch = Batch(images, batch.targets._replace(masks=masks.squeeze(1)))
            tally.add(*self._step(batch), batch.targets.labels)
            bar.update()
        return tally.means()

    def _step(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        loss, logits = self._forward(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip_norm)
        self.optimiser.step()
        return loss, logits

    def _forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        images, targets = batch
        with self._execution.convolutions():
            output = self.network(images)
        return composite_loss(output, targets, self._class_weights, self._loss), output.logits
