"""One epoch: every training slice once, then the validation part; a row of the learning curve."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from pydantic import Field
from torch import nn
from tqdm import tqdm

from hqcm.contracts.command_line import PARTIAL_PREFIX, publish
from hqcm.contracts.params import Section, check_section
from hqcm.networks.output import Network, NetworkOutput
from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations
from hqcm.training.batches import Batch, DeviceStack
from hqcm.training.device import Execution, ExecutionParams
from hqcm.training.losses import LossParams, class_weights, composite_loss

_SAME = 1e-6  # values so close, relative to the largest, are one
_SATURATED = 0.99
_N_FIRST_STEPS = 83  # an epoch of the paper: 5,303 training slices in batches of 64


class TrainParams(ExecutionParams, Section):
    """Section `train`; learning rate and weight decay are at most 100."""

    learning_rate: float = Field(gt=0, le=100)
    weight_decay: float = Field(ge=0, le=100)
    batch_size: int = Field(ge=1)
    max_epochs: int = Field(ge=1)
    early_stopping_patience: int = Field(ge=1)
    gradient_clip_norm: float = Field(gt=0)
    plateau_factor: float = Field(gt=0, lt=1)
    plateau_patience: int = Field(ge=0)


class Epoch(NamedTuple):
    """What an epoch ended with; losses as in 3.4, accuracies as fractions.

    Training figures are means over the epoch's augmented batches, in training mode;
    `gradient_norm` is the mean over steps of the global norm before it is clipped. Of what the
    classifier sees, `dead_outputs` have one value for every validation slice, and
    `saturated_outputs` lie within 0.01 of a bound of -1 or 1 for every one: neither can learn.
    """

    epoch: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    gradient_norm: float
    dead_outputs: int
    saturated_outputs: int


class Step(NamedTuple):
    """One of the first steps: loss as in 3.4, and the gradient's global norm before clipping."""

    step: int
    loss: float
    gradient_norm: float


def write_history(path: Path, epochs: list[Epoch]) -> None:
    """Write the curve so far; a reader never sees half a file."""
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    pd.DataFrame(epochs, columns=list(Epoch._fields)).to_csv(partial, index=False)
    publish(partial, path)


def write_first_steps(path: Path, steps: list[Step]) -> None:
    """Write the losses of the first steps, by which runs are held against each other."""
    pd.DataFrame(steps, columns=list(Step._fields)).to_csv(path, index=False)


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


def _count_unable(features: torch.Tensor) -> tuple[int, int]:
    """How many outputs, ``(slices, n)``, are dead, and how many others saturated; see `Epoch`."""
    lowest, highest = features.aminmax(dim=0)
    magnitudes = features.abs()
    dead = highest - lowest <= _SAME * magnitudes.amax(dim=0).clamp(min=1)
    is_bounded = magnitudes.amax() <= 1 + _SAME
    saturated = ~dead & (magnitudes.amin(dim=0) >= _SATURATED) & is_bounded
    n_dead, n_saturated = torch.stack([dead.sum(), saturated.sum()]).tolist()
    return n_dead, n_saturated


def _require_finite(
    what: str, taken: torch.Tensor, batches: Sequence[torch.Tensor], slice_ids: Sequence[str]
) -> None:
    """Raise for the first batch of an epoch whose values are not; a step waits for no answer.

    Args:
        what: training or validation.
        taken: ``(batches, 1 or 2)``, loss and, in training, gradient norm.
        batches: positions of each batch's slices.
        slice_ids: of all positions.
    """
    is_finite = taken.isfinite().all(dim=1).tolist()
    if all(is_finite):
        return
    first = is_finite.index(False)
    got = " and ".join(f"{value:g}" for value in taken[first].tolist())
    slices = ", ".join(slice_ids[position] for position in batches[first].tolist())
    raise FloatingPointError(
        f"{what}, batch {first + 1} of {len(batches)}: loss (and gradient norm) must be finite; "
        f"got {got} for the slices {slices}"
    )


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
        self._execution, self.generator = execution, generator
        self._class_weights = class_weights(train.labels, self._loss.class_weights)
        self.optimiser = torch.optim.AdamW(
            network.parameters(),
            lr=self.settings.learning_rate,
            weight_decay=self.settings.weight_decay,
            fused=True,
        )
        self.n_steps = -(-len(train) // self.settings.batch_size)
        self.recorded_steps = torch.zeros(0, 2, device=execution.device)

    def epoch(self, number: int, validation: DeviceStack, bar: tqdm) -> Epoch:
        """Train once through, validate, and show both.

        Raises:
            FloatingPointError: a loss or a gradient is not finite; says in which batch, and of
                which slices.
        """
        learning_rate = self.optimiser.param_groups[0]["lr"]
        train_loss, train_accuracy, gradient_norm = self.train_once(bar)
        loss, accuracy, n_dead, n_saturated = self.evaluate(validation)
        bar.set_postfix(epoch=number, loss=f"{loss:.3f}", accuracy=f"{accuracy:.3f}")
        trained = train_loss, train_accuracy, loss, accuracy
        return Epoch(number, learning_rate, *trained, gradient_norm, n_dead, n_saturated)

    @property
    def first_steps(self) -> list[Step]:
        """The first steps of all, as many as the paper's first epoch has or as there were."""
        return [
            Step(number, *row) for number, row in enumerate(self.recorded_steps.tolist(), start=1)
        ]

    @torch.inference_mode()
    def evaluate(self, part: DeviceStack) -> tuple[float, float, int, int]:
        """Loss, accuracy, dead and saturated outputs; no augmentation, in evaluation mode."""
        self.network.eval()
        tally = _Tally(self._execution.device)
        losses, features = [], []
        positions = torch.arange(len(part), device=self._execution.device)
        batches = positions.split(self.settings.batch_size)
        for chosen in batches:
            batch = part.batch(chosen)
            loss, output = self._forward(batch)
            tally.add(loss, output.logits, batch.targets.labels)
            losses.append(loss)
            features.append(output.features)
        _require_finite("validation", torch.stack(losses)[:, None], batches, part.slice_id)
        return *tally.means(), *_count_unable(torch.cat(features))

    def train_once(self, bar: tqdm) -> tuple[float, float, float]:
        """Loss, accuracy and gradient norm of one pass over the training slices."""
        self.network.train()
        tally = _Tally(self._execution.device)
        steps = []
        order = torch.randperm(len(self.train), generator=self.generator)
        drawn = draw_augmentations(len(self.train), self._augment, self.generator)
        batch_size, device = self.settings.batch_size, self._execution.device
        batches = order.to(device).split(batch_size)
        for chosen, how in zip(batches, drawn.to(device).split(batch_size), strict=True):
            batch = self.train.batch(chosen)
            images, masks = augment(batch.images, batch.targets.masks[:, None], how)
            batch = Batch(images, batch.targets._replace(masks=masks.squeeze(1)))
            loss, logits, norm = self._step(batch)
            tally.add(loss, logits, batch.targets.labels)
            steps.append(torch.stack([loss.detach(), norm.to(loss.dtype)]))
            bar.update()
        taken = torch.stack(steps)
        _require_finite("training", taken, batches, self.train.slice_id)
        self.recorded_steps = torch.cat([self.recorded_steps, taken])[:_N_FIRST_STEPS]
        return *tally.means(), taken[:, 1].mean().item()

    def _step(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        loss, output = self._forward(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parameters = self.network.parameters()
        norm = nn.utils.clip_grad_norm_(parameters, self.settings.gradient_clip_norm)
        self.optimiser.step()
        return loss, output.logits, norm

    def _forward(self, batch: Batch) -> tuple[torch.Tensor, NetworkOutput]:
        images, targets = batch
        with self._execution.convolutions():
            output = self.network(images)
        return composite_loss(output, targets, self._class_weights, self._loss), output
