"""Training (paper 4.2): epochs, plateau schedule, early stopping, the best weights."""

import copy
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm import tqdm

from hqcm.contracts.params import ParamsError, check_section
from hqcm.networks.network import build_network
from hqcm.networks.output import Network
from hqcm.networks.variants import Variant
from hqcm.slices.stacks import Stack
from hqcm.training.batches import DeviceStack, read_parts
from hqcm.training.device import Execution, prepare_process
from hqcm.training.epoch import Epoch, Learner, TrainParams, write_first_steps, write_history
from hqcm.training.resume import (
    State,
    capture_optimiser,
    capture_randomness,
    digest_run,
    load_state,
    restore_optimiser,
    restore_randomness,
    save_state,
)


class Files(NamedTuple):
    """What a run reads, and what it writes that is not the network.

    `prepared` and `split` are the slices' store and a protocol's split. `history` is a CSV of all
    epochs, written after each; `steps` one of the first steps, written at the end; `unfinished`
    holds the state after the last whole epoch, from which a run that was cut short goes on. It is
    left behind, to be removed when the network is safe.
    """

    prepared: Path
    split: Path
    history: Path
    steps: Path
    unfinished: Path


class Trained(NamedTuple):
    """A network with its best weights, on the CPU, and how it came to them."""

    network: Network
    best_epoch: int
    n_epochs: int
    learning_rate: float
    device: str
    precision: str


def train_on_files(variant: str, params: Mapping[str, Any], seed: int, files: Files) -> Trained:
    """`train_network` with the slices that lie in files."""
    return train_network(variant, params, read_parts(files.prepared, files.split), seed, files)


def train_network(
    variant: str,
    params: Mapping[str, Any],
    parts: tuple[Stack, Stack],
    seed: int,
    files: Files,
) -> Trained:
    """Train a variant to its lowest validation loss.

    Args:
        variant: a section of `variants`.
        params: laid out as `params.yaml`; sections `train`, `loss`, `augment` and what
            `build_network` needs.
        parts: training and validation slices.
        seed: of the weights, the dropout, the order and the augmentation.
        files: where the run writes what is not the network.

    Returns:
        The network at the epoch of lowest validation loss. Same seed and machine, same bits,
        whether or not the run was cut short and begun again.

    Raises:
        ParamsError: a section is not as it must be, or a loss or gradient is not finite.

    Source:
        arXiv:2506.21937v1, section 4.2 and Table 3.

    Deviation:
        D-14 (learning rate; a variant's own comes first), D-15 (what early stopping
        watches), D-16 (seeds).
    """
    prepare_process()
    torch.manual_seed(seed)
    settings = _tuned_settings(variant, params)
    execution = Execution(settings)
    network = build_network(variant, params)
    network.to(execution.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the pair
    train, validation = (DeviceStack(part, execution.device) for part in parts)
    params = {**params, "train": settings}
    learner = Learner(network, train, params, execution, torch.Generator().manual_seed(seed))
    course = _Course(learner)
    digest = digest_run([variant, seed, params, *execution.names], parts)
    course.restore(load_state(files.unfinished, digest))
    with _progress(variant, learner.n_steps, settings.max_epochs, len(course.epochs)) as bar:
        while not course.is_over:
            number = len(course.epochs) + 1
            try:
                course.follow(learner.epoch(number, validation, bar))
            except FloatingPointError as error:
                before = f"; the state after epoch {number - 1} is kept in {files.unfinished}"
                raise ParamsError(
                    f"network {variant}, epoch {number}, {error}; try a lower train.learning_rate"
                    f"{before if course.epochs else ''}"
                ) from None
            write_history(files.history, course.epochs)
            save_state(files.unfinished, digest, course.capture())
    write_history(files.history, course.epochs)
    network.load_state_dict(course.best_weights)
    write_first_steps(files.steps, learner.first_steps)
    n_epochs = len(course.epochs)
    rate = settings.learning_rate
    return Trained(network.cpu(), course.best_epoch, n_epochs, rate, *execution.names)


def _tuned_settings(variant: str, params: Mapping[str, Any]) -> TrainParams:
    """Section `train`, with the learning rate of the variant where it has one of its own."""
    settings = check_section("train", TrainParams, params)
    own = check_section(f"variants.{variant}", Variant, params).learning_rate
    return settings if own is None else settings.model_copy(update={"learning_rate": own})


class _Course:
    """A run between two epochs: all that the next one and the end depend on."""

    def __init__(self, learner: Learner) -> None:
        settings = learner.settings
        self._learner, self._settings = learner, settings
        self._schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            learner.optimiser, factor=settings.plateau_factor, patience=settings.plateau_patience
        )
        self.epochs: list[Epoch] = []
        self.best_epoch = 0
        self.best_weights: dict[str, torch.Tensor] = {}

    @property
    def is_over(self) -> bool:
        """After the last epoch, or too many without a lower validation loss."""
        n_since_best = len(self.epochs) - self.best_epoch
        has_stalled = n_since_best >= self._settings.early_stopping_patience
        return len(self.epochs) == self._settings.max_epochs or has_stalled

    def follow(self, epoch: Epoch) -> None:
        """Keep the weights if they are the best so far; lower the learning rate if it is time."""
        earlier = [before.validation_loss for before in self.epochs]
        self.epochs.append(epoch)
        if epoch.validation_loss < min(earlier, default=math.inf):
            self.best_epoch = epoch.epoch
            self.best_weights = copy.deepcopy(self._learner.network.state_dict())
        self._schedule.step(epoch.validation_loss)

    def capture(self) -> State:
        """Everything, for `restore`."""
        optimiser = capture_optimiser(self._learner.optimiser)
        tensors = {
            "weights": self._learner.network.state_dict(),
            "best": self.best_weights,
            "optimiser": optimiser.tensors,
            "random": capture_randomness(self._learner.generator),
            "first": {"steps": self._learner.recorded_steps},
        }
        values = {
            "optimiser": optimiser.values,
            "schedule": self._schedule.state_dict(),
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
        }
        flat = {f"{kind}/{name}": t for kind, all_ in tensors.items() for name, t in all_.items()}
        return State(flat, values)

    def restore(self, state: State | None) -> None:
        """Go on from what `capture` gave; None: begin."""
        if state is None:
            return

        def of(kind: str) -> dict[str, torch.Tensor]:
            start = kind + "/"
            own = (name for name in state.tensors if name.startswith(start))
            return {name.removeprefix(start): state.tensors[name] for name in own}

        self._learner.network.load_state_dict(of("weights"))
        self.best_weights = of("best")
        optimiser = State(of("optimiser"), state.values["optimiser"])
        restore_optimiser(self._learner.optimiser, optimiser)
        restore_randomness(self._learner.generator, of("random"))
        device = self._learner.recorded_steps.device
        self._learner.recorded_steps = of("first")["steps"].to(device)
        self._schedule.load_state_dict(state.values["schedule"])
        self.epochs = [Epoch(*row) for row in state.values["epochs"]]
        self.best_epoch = state.values["best_epoch"]


def _progress(variant: str, n_steps: int, n_epochs: int, n_done: int) -> tqdm:
    """A bar of all steps: the time left is that to the last epoch, if none stops it early."""
    seconds = 0.5 if sys.stderr.isatty() else 30.0
    total, initial = n_steps * n_epochs, n_steps * n_done
    return tqdm(total=total, initial=initial, desc=variant, unit="step", mininterval=seconds)
