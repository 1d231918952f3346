"""Heads that differ in their seed alone, trained side by side as one computation.

What a seed gives does not depend on which others are trained beside it, but for rounding: each has
its own weights, order of slices, dropout, optimiser, schedule and end, all as a whole network has
them (paper 4.2). The loss is the cross-entropy alone, for the attention is frozen.
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

from hqcm.contracts.params import ParamsError, check_section
from hqcm.heads_alone.features import Maps
from hqcm.networks.network import AttentionNetwork, build_network
from hqcm.training.epoch import TrainParams
from hqcm.training.losses import LossParams, class_weights

_LEVELS = 1 << 16  # that a draw for the dropout can have


class Trained(NamedTuple):
    """A head with the weights of its best epoch, and that epoch's figures on the validation part.

    `layers` lead from the maps to the logits, dropout left out.
    """

    layers: nn.Sequential
    best_epoch: int
    n_epochs: int
    validation_loss: float
    validation_accuracy: float


def train_heads(
    variant: str,
    params: Mapping[str, Any],
    starts: Sequence[int],
    parts: tuple[Maps, Maps],
    learning_rate: float,
) -> list[Trained]:
    """Train projection, head and classifier of a variant, once from each start.

    Args:
        variant: a section of `variants`; its own learning rate is not used.
        params: laid out as `params.yaml`; sections `train`, `loss` and what `build_network` needs.
        starts: of the random numbers, one a head: weights, order, dropout.
        parts: maps for training and validation.
        learning_rate: at the start, above 0.

    Raises:
        ParamsError: a section is not as it must be, the variant has no projection, or a validation
            loss is not finite.
    """
    settings = check_section("train", TrainParams, params)
    settings = settings.model_copy(update={"learning_rate": learning_rate})
    train, validation = parts
    balance = check_section("loss", LossParams, params).class_weights
    weights = class_weights(train.labels, balance)
    runs = [_Run(variant, params, start, settings) for start in starts]
    live, stack = runs, _Stack(runs, weights)
    while live:
        stack.train_once(train, settings)
        for run, loss, accuracy in zip(live, *stack.evaluate(validation), strict=True):
            run.follow(loss, accuracy)
        live = [run for run in stack.runs if not run.is_over]
        if 0 < len(live) < len(stack.runs):
            stack = _Stack(live, weights)
    return [run.trained for run in runs]


def choose_rate(grid: Mapping[float, Sequence[Trained]]) -> float:
    """The rate with the highest validation accuracy, mean over seeds.

    Of equals the one with the lower mean loss there, then the first.
    """

    def rank(rate: float) -> tuple[float, float]:
        n = len(grid[rate])
        accuracy = sum(head.validation_accuracy for head in grid[rate]) / n
        return round(accuracy, 6), -sum(head.validation_loss for head in grid[rate]) / n

    return max(grid, key=rank)


@torch.inference_mode()
def ask_heads(heads: Sequence[Trained], maps: torch.Tensor) -> NDArray[np.float32]:
    """Logits ``(heads, n, 4)`` of the slices whose maps ``(n, width)`` are given."""
    return torch.stack([head.layers.eval()(maps) for head in heads]).numpy()


class _Run:
    """One head between two epochs, and its best weights so far."""

    def __init__(
        self, variant: str, params: Mapping[str, Any], start: int, settings: TrainParams
    ) -> None:
        torch.manual_seed(start)
        network = build_network(variant, params)
        if not isinstance(network, AttentionNetwork):
            raise ParamsError(f"variants.{variant} must have a head; got {network._get_name()}")  # noqa: SLF001  (torch's own)
        projection = network.projection
        if not isinstance(projection, nn.Sequential) or not isinstance(projection[1], nn.Dropout):
            raise ParamsError(f"variants.{variant} must have a projection with dropout")
        self.dropout = projection[1].p
        self.layers = nn.Sequential(*projection[2:], network.head, network.classifier)
        self.generator = torch.Generator().manual_seed(start)
        self._settings = settings
        self.optimiser = torch.optim.AdamW(
            self.layers.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self._schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimiser, factor=settings.plateau_factor, patience=settings.plateau_patience
        )
        self._n_epochs = self._best_epoch = 0
        self._best = math.inf, 0.0  # loss and accuracy
        self._best_weights: dict[str, torch.Tensor] = {}

    @property
    def is_over(self) -> bool:
        """After the last epoch, or too many without a lower validation loss."""
        has_stalled = self._n_epochs - self._best_epoch >= self._settings.early_stopping_patience
        return self._n_epochs == self._settings.max_epochs or has_stalled

    def follow(self, loss: float, accuracy: float) -> None:
        """Keep the weights if they are the best so far; lower the learning rate if it is time."""
        if not math.isfinite(loss):
            rate = self._settings.learning_rate
            raise ParamsError(f"validation loss must be finite; got {loss} at learning rate {rate}")
        self._n_epochs += 1
        if loss < self._best[0]:
            self._best_epoch, self._best = self._n_epochs, (loss, accuracy)
            self._best_weights = copy.deepcopy(self.layers.state_dict())
        self._schedule.step(loss)

    def keep(self, n_values: int) -> torch.Tensor:
        """Dropout's factors: 0, or what keeps the mean; four from one random number, for speed."""
        drawn = torch.empty(-(-n_values // 4), dtype=torch.int64)
        drawn.random_(-(1 << 63), None, generator=self.generator)
        threshold = round(self.dropout * _LEVELS) - _LEVELS // 2
        return (drawn.view(torch.int16)[:n_values] >= threshold) / (1 - self.dropout)

    def step(self) -> None:
        """Clip the gradient and take a step."""
        nn.utils.clip_grad_norm_(self.layers.parameters(), self._settings.gradient_clip_norm)
        self.optimiser.step()

    @property
    def trained(self) -> Trained:
        """The head with its best weights."""
        layers = copy.deepcopy(self.layers)
        layers.load_state_dict(self._best_weights)
        return Trained(layers, self._best_epoch, self._n_epochs, *self._best)


class _Stack:
    """Runs whose weights lie side by side: each run's own are views of them."""

    def __init__(self, runs: Sequence[_Run], class_weights: torch.Tensor) -> None:
        self.runs, self._class_weights = runs, class_weights
        self._layers = runs[0].layers  # whose buffers serve all
        self._own = [dict(run.layers.named_parameters()) for run in runs]
        self._weights = {}
        for name, first in self._own[0].items():
            stacked = torch.stack([own[name].detach() for own in self._own])
            for own, row in zip(self._own, stacked, strict=True):
                own[name].data = row
            self._weights[name] = stacked.requires_grad_(first.requires_grad)

    def train_once(self, train: Maps, settings: TrainParams) -> None:
        """Every training slice once, in an order of each run's own."""
        self._layers.train()
        orders = [torch.randperm(len(train.labels), generator=run.generator) for run in self.runs]
        for chosen in torch.stack(orders).split(settings.batch_size, dim=1):  # (runs, batch)
            maps = train.maps[chosen]  # (runs, batch, width)
            for given, run in zip(maps, self.runs, strict=True):
                if run.dropout:
                    given.mul_(run.keep(given.numel()).view_as(given))
            self._step(maps, train.labels[chosen])

    def evaluate(self, part: Maps) -> tuple[list[float], list[float]]:
        """Loss and accuracy of each run."""
        self._layers.eval()
        # Not under no_grad: there a circuit compares its weights with the last ones, one by one.
        weights = {name: stacked.detach() for name, stacked in self._weights.items()}
        logits = self._compute(weights, part.maps.expand(len(self.runs), -1, -1))
        losses = self._losses(logits, part.labels.expand(len(self.runs), -1))
        accuracies = (logits.argmax(dim=2) == part.labels).double().mean(dim=1)
        return losses.tolist(), accuracies.tolist()

    def _step(self, maps: torch.Tensor, labels: torch.Tensor) -> None:
        for stacked in self._weights.values():
            stacked.grad = None
        # A run's weights touch its own loss alone, so the sum's gradient is each one's own.
        self._losses(self._compute(self._weights, maps), labels).sum().backward()
        for name, stacked in self._weights.items():
            if stacked.grad is not None:
                for own, row in zip(self._own, stacked.grad, strict=True):
                    own[name].grad = row
        for run in self.runs:
            run.step()

    def _compute(self, weights: dict[str, torch.Tensor], maps: torch.Tensor) -> torch.Tensor:
        """Logits ``(runs, batch, 4)``."""

        def one(own: dict[str, torch.Tensor], given: torch.Tensor) -> torch.Tensor:
            return functional_call(self._layers, own, (given,))

        return torch.vmap(one, randomness="different")(weights, maps)

    def _losses(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of each run, ``(runs,)``."""

        def one(own: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(own, shown, self._class_weights)

        return torch.vmap(one)(logits, labels)
