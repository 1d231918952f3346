"""Training end to end at toy size: repeatable, stops when it should, keeps the best."""

import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hqcm.contracts.params import ParamsError, check_section
from hqcm.networks.network import build_network
from hqcm.networks.output import Network, NetworkOutput
from hqcm.networks.variants import Variant
from hqcm.slices.stacks import Stack
from hqcm.training.batches import Batch
from hqcm.training.checkpoint import (
    _count_parameters,
    _metadata_path,
    load_checkpoint,
    save_checkpoint,
)
from hqcm.training.epoch import Learner, _count_unable, _Tally
from hqcm.training.loop import Trained, train_network
from toy_params import toy_params
from toy_training import files_in

N, SIZE = 20, 16


@pytest.fixture
def stack() -> Stack:
    """Four classes told apart by which quarter of the image is bright."""
    labels = np.arange(N) % 4
    images = np.full((N, SIZE, SIZE), 30, np.uint8)
    masks = np.zeros((N, SIZE, SIZE), np.bool_)
    half = SIZE // 2
    for i, label in enumerate(labels):
        row, col = half * (label // 2), half * (label % 2)
        images[i, row : row + half, col : col + half] = 200 + i
        masks[i, row + 2 : row + 6, col + 2 : col + 6] = label > 0
    return Stack([f"toy/{i}" for i in range(N)], images, masks, np.ones(N, np.bool_), labels)


def train(stack: Stack, folder: Path, variant: str = "paper", **changes: Any) -> Trained:
    params = toy_params()
    params["train"] |= changes
    # A flip would move a slice of this toy cohort into another class.
    params["augment"] = dict.fromkeys(params["augment"], 0.0)
    return train_network(variant, params, (stack, stack), 0, files_in(folder))


@pytest.mark.parametrize("variant", ["paper", "released", "counterpart", "quadratic"])
def test_same_seed_same_weights_and_history(stack: Stack, tmp_path: Path, variant: str) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    first = train(stack, one, variant).network.state_dict()
    second = train(stack, two, variant).network.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (one / "history.csv").read_bytes() == (two / "history.csv").read_bytes()


def test_another_seed_gives_other_weights(stack: Stack, tmp_path: Path) -> None:
    one, other = (
        train_network(
            "paper", toy_params(), (stack, stack), seed, files_in(tmp_path / str(seed))
        ).network.state_dict()
        for seed in (0, 1)
    )
    assert not torch.equal(one["classifier.weight"], other["classifier.weight"])


def test_learns_and_writes_every_epoch(stack: Stack, tmp_path: Path) -> None:
    trained = train(stack, tmp_path, max_epochs=25, early_stopping_patience=25, plateau_patience=25)
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["epoch"].tolist() == list(range(1, 26))
    assert history["train_accuracy"].iloc[-5:].mean() > 0.6  # chance: 0.25
    assert trained.best_epoch == history["validation_loss"].to_numpy().argmin() + 1
    assert trained.n_epochs == 25


def script_losses(monkeypatch: pytest.MonkeyPatch, *losses: float) -> None:
    """Validation losses to order, the last one for ever: those of a training are the machine's.

    Another rounding gives others after a few steps, and another best epoch.
    """
    given = itertools.chain(losses, itertools.repeat(losses[-1]))
    monkeypatch.setattr(Learner, "evaluate", lambda *_: (next(given), 0.25, 0, 0))


def test_early_stopping_counts_from_the_best_epoch(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_losses(monkeypatch, 3.0, 4.0, 2.0, 5.0, 2.0, 1.0)
    trained = train(stack, tmp_path, max_epochs=9, early_stopping_patience=2)
    assert (trained.best_epoch, trained.n_epochs) == (3, 5)


def test_plateau_cuts_the_learning_rate(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_losses(monkeypatch, 3.0, 2.0, 2.5)
    train(stack, tmp_path, learning_rate=0.5, max_epochs=7, early_stopping_patience=9,
          plateau_patience=1, plateau_factor=0.1)  # fmt: skip
    rates = pd.read_csv(tmp_path / "history.csv")["learning_rate"].tolist()
    assert rates == pytest.approx([0.5, 0.5, 0.5, 0.5, 0.05, 0.05, 0.005])


def test_a_variant_may_have_its_own_learning_rate(stack: Stack, tmp_path: Path) -> None:
    trained = train(stack, tmp_path, "counterpart_slow", max_epochs=1)
    slow = (tmp_path / "history.csv").read_bytes()
    assert pd.read_csv(tmp_path / "history.csv")["learning_rate"].tolist() == [0.001]
    same = train(stack, tmp_path, "counterpart", learning_rate=0.001, max_epochs=1)
    assert (tmp_path / "history.csv").read_bytes() == slow
    pairs = zip(trained.network.parameters(), same.network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(
    ("variant", "learning_rate"), [("counterpart", 0.01), ("counterpart_slow", 0.001)]
)
def test_the_checkpoint_tells_the_learning_rate(
    stack: Stack, tmp_path: Path, variant: str, learning_rate: float
) -> None:
    path = tmp_path / "toy.safetensors"
    trained = train(stack, tmp_path, variant, max_epochs=1)
    checked = toy_params() | {
        "variants": {variant: check_section(f"variants.{variant}", Variant, toy_params())}
    }
    save_checkpoint(path, trained, variant, 0, checked)
    described = json.loads(_metadata_path(path).read_text())
    assert described["learning_rate"] == learning_rate
    # As in the file: a key that is not there is not written as null.
    assert described["params"]["variants"][variant] == toy_params()["variants"][variant]


def test_frozen_angles_do_not_move_in_training_nor_count(stack: Stack, tmp_path: Path) -> None:
    trained = train(stack, tmp_path, "frozen", max_epochs=2)
    torch.manual_seed(0)
    fresh = build_network("frozen", toy_params()).state_dict()
    moved = {
        name
        for name, weights in trained.network.named_parameters()
        if not torch.equal(weights, fresh[name])
    }
    assert moved == {name for name, _ in trained.network.named_parameters()} - {"head.weights"}
    frozen, paper = (
        _count_parameters(network)
        for network in (trained.network, build_network("paper", toy_params()))
    )
    assert frozen == {"all": paper["all"] - paper["head"], "head": 0}


@pytest.mark.parametrize("variant", [*toy_params()["variants"]])
def test_checkpoint_round_trip(stack: Stack, tmp_path: Path, variant: str) -> None:
    trained = train(stack, tmp_path, variant, max_epochs=1)
    path = tmp_path / "toy.safetensors"
    save_checkpoint(path, trained, variant, 0, toy_params())
    loaded = load_checkpoint(path)
    assert not loaded.training
    for name, weights in trained.network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weights)
    first = path.read_bytes(), _metadata_path(path).read_bytes()
    save_checkpoint(path, trained, variant, 0, toy_params())
    assert (path.read_bytes(), _metadata_path(path).read_bytes()) == first


def test_restores_the_best_weights(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained for as many epochs as the best, the network is the one that was restored."""
    script_losses(monkeypatch, 3.0, 1.0, 2.0)
    long = train(stack, tmp_path, max_epochs=4, early_stopping_patience=4)
    assert (long.best_epoch, long.n_epochs) == (2, 4)
    script_losses(monkeypatch, 3.0, 1.0)
    short = train(stack, tmp_path, max_epochs=2)
    pairs = zip(long.network.parameters(), short.network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_missing_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors must exist; run `dvc repro`"):
        load_checkpoint(tmp_path / "none.safetensors")


def test_diverging_training_says_so(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(
        ParamsError, match=r"must be finite; got .*; try a lower train.learning_rat"
    ):
        train(stack, tmp_path, "counterpart", learning_rate=100, weight_decay=100, max_epochs=20)


@pytest.mark.parametrize("where", ["training", "validation"])
def test_a_value_that_is_not_finite_is_found(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """In epoch 2: its batch and slices are named, the state after epoch 1 is kept."""
    batch_size = toy_params()["train"]["batch_size"]
    forward, seen = Learner._forward, {"training": 0, "validation": 0}
    per_epoch = -(-N // batch_size)

    def spoil(self: Learner, batch: Batch) -> tuple[torch.Tensor, NetworkOutput]:
        loss, output = forward(self, batch)
        part = "training" if self.network.training else "validation"
        seen[part] += 1
        is_second = part == where and seen[part] == per_epoch + 2
        return (loss * math.nan if is_second else loss), output

    monkeypatch.setattr(Learner, "_forward", spoil)
    message = rf"network paper, epoch 2, {where}, batch 2 of {per_epoch}: .*must be finite; got nan"
    with pytest.raises(ParamsError, match=message) as caught:
        train(stack, tmp_path, max_epochs=3)
    named = str(caught.value).partition("for the slices ")[2].partition(";")[0].split(", ")
    assert set(named) < set(stack.slice_id)
    assert len(named) == min(batch_size, N - batch_size)
    files = files_in(tmp_path)
    assert str(files.unfinished) in str(caught.value)
    assert files.unfinished.is_file()
    assert len(pd.read_csv(files.history)) == 1


def test_new_tensors_are_not_filled(stack: Stack, tmp_path: Path) -> None:
    """Deterministic algorithms would, at a pass over the memory each."""
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]  # torch makes it a property of the module
    train(stack, tmp_path, max_epochs=1)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]  # torch makes it a property of the module


def test_tally_weighs_slices_not_batches() -> None:
    tally = _Tally(torch.device("cpu"))
    right, wrong = torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])
    tally.add(torch.tensor(2.0), right.expand(3, 2), torch.ones(3, dtype=torch.int64))
    tally.add(torch.tensor(6.0), wrong, torch.ones(1, dtype=torch.int64))
    assert tally.means() == pytest.approx((3.0, 0.75))


def test_history_shows_a_network_that_does_not_learn(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ReLUs that no slice reaches, and circuits."""

    def build(variant: str, params: Mapping[str, Any]) -> Network:
        network = build_network(variant, params)
        assert isinstance(network.head, torch.nn.Sequential)
        layer = network.head[0]
        assert isinstance(layer, torch.nn.Linear)
        torch.nn.init.constant_(layer.bias, -1e3)
        return network

    with monkeypatch.context() as patched:
        patched.setattr("hqcm.training.loop.build_network", build)
        train(stack, tmp_path, "counterpart", max_epochs=2)
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["dead_outputs"].iloc[-1] == 4  # of 2 circuits of 2 qubits: all
    assert (history["gradient_norm"] >= 0).all()
    train(stack, tmp_path, "paper", max_epochs=1)
    assert pd.read_csv(tmp_path / "history.csv")["dead_outputs"].iloc[-1] == 0


def test_counts_dead_and_saturated_outputs() -> None:
    outputs = [
        [0.0, 0.5, 0.995, -0.2],
        [0.0, -0.1, -0.999, 0.3],
        [0.0, 0.4, 1.0, 0.2],
        [0.0, 0.4, 0.991, 0.1],
    ]
    assert _count_unable(torch.tensor(outputs)) == (1, 1)
    unbounded = torch.tensor([[7.0, 1.5], [7.0, 2.5]])  # beyond 1 is no bound to be stuck at
    assert _count_unable(unbounded) == (1, 0)


def test_first_steps_are_those_of_the_epochs(stack: Stack, tmp_path: Path) -> None:
    train(stack, tmp_path, max_epochs=2)
    steps = pd.read_csv(tmp_path / "steps.csv")
    history = pd.read_csv(tmp_path / "history.csv")
    assert [*steps["step"]] == [1, 2, 3, 4, 5, 6]  # batches of 8, 8 and 4 slices
    means = [np.average(part["loss"], weights=[8, 8, 4]) for part in (steps[:3], steps[3:])]
    np.testing.assert_allclose(means, history["train_loss"], rtol=1e-6)
    norms = [part["gradient_norm"].mean() for part in (steps[:3], steps[3:])]
    np.testing.assert_allclose(norms, history["gradient_norm"], rtol=1e-6)
