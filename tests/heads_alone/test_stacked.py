"""Heads trained side by side: as one after the other, each from its own start."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from hqcm.contracts.params import ParamsError
from hqcm.heads_alone.features import Maps
from hqcm.heads_alone.stacked import Trained, _Run, ask_heads, choose_rate, train_heads
from hqcm.networks.network import AttentionNetwork, build_network
from hqcm.training.epoch import TrainParams
from toy_params import toy_params

WIDTH = 32  # 8 maps of 2 x 2
HEADS = [name for name in toy_params()["variants"] if name not in {"resnet18", "counterpart_slow"}]


def toy(**train: Any) -> dict[str, Any]:
    params = toy_params()
    params["network"] |= {"projection_dropout": 0.0, "initial_weights": "torch"}
    params["train"] |= train
    return params


def clusters(n: int, seed: int) -> Maps:
    """Four classes, each with maps of its own that are high."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 4
    maps = torch.rand(n, WIDTH, generator=generator)
    maps[torch.arange(WIDTH) // 8 == labels[:, None]] += 2
    return Maps([str(i) for i in range(n)], maps, labels)


def train_plainly(
    variant: str, params: dict[str, Any], start: int, parts: tuple[Maps, Maps], rate: float
) -> nn.Module:
    """The last epoch's head, one step after the other; no dropout, no schedule."""
    train, _ = parts
    torch.manual_seed(start)
    network = build_network(variant, params)
    assert isinstance(network, AttentionNetwork)
    assert isinstance(network.projection, nn.Sequential)
    head = nn.Sequential(*network.projection, network.head, network.classifier)
    settings = params["train"]
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=settings["weight_decay"])
    generator = torch.Generator().manual_seed(start)
    for _ in range(settings["max_epochs"]):
        order = torch.randperm(len(train.labels), generator=generator)
        for chosen in order.split(settings["batch_size"]):
            optimiser.zero_grad()
            F.cross_entropy(head(train.maps[chosen]), train.labels[chosen]).backward()
            nn.utils.clip_grad_norm_(head.parameters(), settings["gradient_clip_norm"])
            optimiser.step()
    return head


# Without the released weights: their outputs are so large that rounding alone tells runs apart.
@pytest.mark.parametrize("variant", [name for name in HEADS if "released" not in name])
def test_each_seed_trains_as_it_would_in_a_plain_loop(variant: str) -> None:
    params = toy(max_epochs=3)
    parts = clusters(20, 0), clusters(12, 1)
    trained = train_heads(variant, params, [5, 6], parts, 1e-3)
    logits = ask_heads(trained, parts[1].maps)
    for start, own, head in zip([5, 6], logits, trained, strict=True):
        assert head.best_epoch == 3  # else the loop below went on for longer
        expected = train_plainly(variant, params, start, parts, 1e-3)(parts[1].maps)
        np.testing.assert_allclose(own, expected.detach(), atol=1e-4)


@pytest.mark.parametrize("variant", HEADS)
def test_every_head_learns_what_can_be_separated(variant: str) -> None:
    parts = clusters(64, 0), clusters(40, 1)
    params = toy(max_epochs=40, batch_size=32, early_stopping_patience=40)
    params["quantum"] |= {"n_qubits": 3, "n_circuits": 4}  # room for outputs that die
    heads = train_heads(variant, params, [0, 1, 2], parts, 0.03)
    assert max(head.validation_accuracy for head in heads) >= 0.95


def test_a_seed_does_not_depend_on_those_beside_it_nor_on_when_they_end() -> None:
    params = toy(max_epochs=12, early_stopping_patience=1, plateau_patience=0)
    params["network"]["projection_dropout"] = 0.5
    parts = clusters(24, 0), clusters(12, 1)
    parts[1].labels[::3] = 0  # so that the loss soon rises
    together = train_heads("paper", params, [0, 1, 2, 3], parts, 0.1)
    assert len({head.n_epochs for head in together}) > 1
    for start, head in enumerate(together):
        (alone,) = train_heads("paper", params, [start], parts, 0.1)
        assert alone[1:3] == head[1:3]
        np.testing.assert_allclose(
            ask_heads([alone], parts[1].maps), ask_heads([head], parts[1].maps), atol=1e-3
        )


def test_the_kept_weights_are_those_of_the_figures() -> None:
    params = toy(max_epochs=8, early_stopping_patience=3)
    train, validation = clusters(24, 0), clusters(16, 1)
    validation.labels[::3] = 0
    for head in train_heads("counterpart", params, [0, 1], (train, validation), 0.1):
        logits = torch.from_numpy(ask_heads([head], validation.maps)[0])
        loss = F.cross_entropy(logits, validation.labels).item()
        assert loss == pytest.approx(head.validation_loss, abs=1e-4)
        assert head.n_epochs in {head.best_epoch + 3, 8}


def test_dropout_keeps_the_mean_and_its_share() -> None:
    params = toy()
    params["network"]["projection_dropout"] = 0.25
    run = _Run("paper", params, 0, TrainParams(**params["train"]))
    factors = run.keep(40_001)
    assert factors.shape == (40_001,)
    assert sorted(set(factors.tolist())) == pytest.approx([0, 4 / 3])
    assert factors.mean().item() == pytest.approx(1, abs=0.02)
    for place in range(4):  # none of the four that one number gives is more often 0
        assert factors[place::4].mean().item() == pytest.approx(1, abs=0.04)
    assert not torch.equal(factors, run.keep(40_001))


def trained(accuracy: float, loss: float) -> Trained:
    return Trained(nn.Sequential(), 1, 1, loss, accuracy)


def test_the_rate_is_that_of_the_best_mean_on_validation() -> None:
    grid = {
        0.1: [trained(1.0, 0.1), trained(0.5, 0.1)],
        0.2: [trained(0.8, 0.9), trained(0.8, 0.9)],
        0.3: [trained(0.9, 0.8), trained(0.7, 0.8)],
        0.4: [trained(0.8, 0.8), trained(0.8, 0.8)],
    }
    assert choose_rate(grid) == 0.3  # of equals the lower loss, then the first


def test_a_network_without_a_head_is_refused() -> None:
    parts = clusters(8, 0), clusters(8, 1)
    with pytest.raises(ParamsError, match=r"variants\.resnet18 must have a head; got Residual"):
        train_heads("resnet18", toy(), [0], parts, 0.1)


def test_a_loss_that_is_not_finite_is_refused() -> None:
    train, validation = clusters(8, 0), clusters(8, 1)
    validation.maps[0, 0] = torch.nan
    with pytest.raises(ParamsError, match=r"loss must be finite; got nan at learning rate 0\.1"):
        train_heads("counterpart", toy(), [0], (train, validation), 0.1)
