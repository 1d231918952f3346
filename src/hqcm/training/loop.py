"""Training (paper 4.2): epochs, plateau schedule, early stopping, the best weights."""

import copy
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm import tqdm

from hqcm.contracts.params import check_section
from hqcm.networks.network import build_network
from hqcm.networks.output import Network
from hqcm.networks.variants import Variant
from hqcm.slices.stacks import Stack
from hqcm.training.batches import DeviceStack
from hqcm.training.device import Execution, prepare_process
from hqcm.training.epoch import Epoch, Learner, TrainParams, write_first_steps, write_history


class Trained(NamedTuple):
    """A network with its best weights, on the CPU, and how it came to them."""

    network: Network
    best_epoch: int
    n_epochs: int
    learning_rate: float
    device: str
    precision: str


def train_network(
    variant: str,
    params: Mapping[str, Any],
    parts: tuple[Stack, Stack],
    seed: int,
    records: tuple[Path, Path],
) -> Trained:
    """Train a variant to its lowest validation loss.

    Args:
        variant: a section of `variants`.
        params: laid out as `params.yaml`; sections `train`, `loss`, `augment` and what
            `build_network` needs.
        parts: training and validation slices.
        seed: of the weights, the dropout, the order and the augmentation.
        records: CSVs of the history, written after every epoch, and of the first steps, written
            at the end.

    Returns:
        The network at the epoch of lowest validation loss. Same seed and machine, same bits.

    Raises:
        ValueError: a section is not as it must be, or the loss stops being finite.

    Source:
        arXiv:2506.21937v1, section 4.2 and Table 3.

    Deviation:
        D-14 (learning rate; a variant's own comes first), D-15 (what early stopping
        watches), D-16 (seeds).
    """
    history, steps = records
    prepare_process()
    torch.manual_seed(seed)
    settings = _tuned_settings(variant, params)
    execution = Execution(settings)
    network = build_network(variant, params)
    network.to(execution.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the pair
    train, validation = (DeviceStack(part, execution.device) for part in parts)
    params = {**params, "train": settings}
    learner = Learner(network, train, params, execution, torch.Generator().manual_seed(seed))
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        learner.optimiser, factor=settings.plateau_factor, patience=settings.plateau_patience
    )
    best = _BestWeights(network)
    epochs: list[Epoch] = []
    with _progress(variant, settings.max_epochs * learner.n_steps) as bar:
        for number in range(1, settings.max_epochs + 1):
            epoch = learner.epoch(number, validation, bar)
            epochs.append(epoch)
            write_history(history, epochs)
            _require_finite(epoch)
            best.consider(epoch)
            if number - best.epoch >= settings.early_stopping_patience:
                break
            schedule.step(epoch.validation_loss)
    network.load_state_dict(best.weights)
    write_first_steps(steps, learner.first_steps)
    return Trained(network.cpu(), best.epoch, len(epochs), settings.learning_rate, *execution.names)


def _tuned_settings(variant: str, params: Mapping[str, Any]) -> TrainParams:
    """Section `train`, with the learning rate of the variant where it has one of its own."""
    settings = check_section("train", TrainParams, params)
    own = check_section(f"variants.{variant}", Variant, params).learning_rate
    return settings if own is None else settings.model_copy(update={"learning_rate": own})


class _BestWeights:
    """The weights of the epoch with the lowest validation loss so far."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loss = math.inf
        self.epoch = 0
        self.weights: dict[str, torch.Tensor] = {}

    def consider(self, epoch: Epoch) -> None:
        if epoch.validation_loss < self._loss:
            self._loss, self.epoch = epoch.validation_loss, epoch.epoch
            self.weights = copy.deepcopy(self._network.state_dict())


def _progress(variant: str, n_steps: int) -> tqdm:
    """A bar of all steps: the time left is that to the last epoch, if none stops it early."""
    seconds = 0.5 if sys.stderr.isatty() else 30.0
    return tqdm(total=n_steps, desc=variant, unit="step", mininterval=seconds)


def _require_finite(epoch: Epoch) -> None:
    if not math.isfinite(epoch.train_loss + epoch.validation_loss):
        raise ValueError(
            f"epoch {epoch.epoch}: losses must be finite; got {epoch.train_loss} in training and "
            f"{epoch.validation_loss} in validation; try a lower train.learning_rate"
        )
