"""A training run that is cut short ends as if it had not been."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hqcm.slices.stacks import Stack
from hqcm.training.epoch import Learner
from hqcm.training.loop import Files, Trained, train_network
from hqcm.training.resume import State, digest_run, load_state, save_state
from toy_params import toy_params
from toy_training import files_in

N, SIZE, N_EPOCHS = 20, 16, 6


class CutError(Exception):
    """In the middle of an epoch."""


@pytest.fixture
def stack() -> Stack:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (N, SIZE, SIZE), np.uint8)
    masks = rng.random((N, SIZE, SIZE)) < 0.2
    return Stack(
        [f"toy/{i}" for i in range(N)], images, masks, np.ones(N, np.bool_), np.arange(N) % 4
    )


def train(stack: Stack, files: Files, variant: str = "paper", **changes: Any) -> Trained:
    params = toy_params()
    # The learning rate falls and early stopping nears, so that both have a past to be kept.
    params["train"] |= {"max_epochs": N_EPOCHS, "plateau_patience": 0, **changes}
    return train_network(variant, params, (stack, stack), 3, files)


def cut_in_epoch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Of the epochs trained from now on."""
    train_once, n_begun = Learner.train_once, 0

    def train_half(self: Learner, bar: Any) -> tuple[float, float, float]:
        nonlocal n_begun
        n_begun += 1
        result = train_once(self, bar)  # the weights have moved by then
        if n_begun == number:
            raise CutError
        return result

    monkeypatch.setattr(Learner, "train_once", train_half)


def assert_same(one: Trained, other: Trained, *folders: Path) -> None:
    weights, others = one.network.state_dict(), other.network.state_dict()
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    assert one[1:] == other[1:]
    for name in ("history.csv", "steps.csv"):
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second


@pytest.mark.parametrize("variant", ["paper", "counterpart"])
@pytest.mark.parametrize("cut", [1, 2, N_EPOCHS - 1, N_EPOCHS])
def test_a_run_goes_on_to_the_same_bits(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str, cut: int
) -> None:
    whole = train(stack, files_in(tmp_path / "whole"), variant)
    files = files_in(tmp_path / "cut")
    with monkeypatch.context() as patched:
        cut_in_epoch(patched, cut)
        with pytest.raises(CutError):
            train(stack, files, variant)
    resumed = train(stack, files, variant)
    assert_same(whole, resumed, tmp_path / "whole", tmp_path / "cut")


def test_a_run_cut_twice_and_one_cut_at_its_end(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(stack, files_in(tmp_path / "whole"))
    files = files_in(tmp_path / "cut")
    for _ in range(2):
        with monkeypatch.context() as patched:
            cut_in_epoch(patched, 3)
            with pytest.raises(CutError):
                train(stack, files)
    assert_same(whole, train(stack, files), tmp_path / "whole", tmp_path / "cut")
    cut_in_epoch(monkeypatch, 1)  # nothing is trained any more: the network was not yet safe
    files.history.unlink()  # as DVC does before it starts a stage
    assert_same(whole, train(stack, files), tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize("changes", [{"learning_rate": 0.02}, {"max_epochs": N_EPOCHS + 1}])
def test_another_configuration_begins_anew(
    stack: Stack, tmp_path: Path, changes: dict[str, Any]
) -> None:
    anew = train(stack, files_in(tmp_path / "anew"), **changes)
    files = files_in(tmp_path / "other")
    train(stack, files)
    assert_same(anew, train(stack, files, **changes), tmp_path / "anew", tmp_path / "other")


def test_what_decides_the_result_decides_the_digest(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = digest_run(["paper", 0], (stack,))
    assert one == digest_run(["paper", 0], (stack,))
    stack.masks[0, 0, 0] ^= True
    assert one != digest_run(["paper", 0], (stack,))
    stack.masks[0, 0, 0] ^= True
    assert one != digest_run(["paper", 1], (stack,))
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "another")
    assert one != digest_run(["paper", 0], (stack,))


def test_a_state_that_is_no_state_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state"
    assert load_state(path, "a") is None
    save_state(path, "a", State({"x": torch.arange(3)}, {"y": [0.1]}))
    kept = load_state(path, "a")
    assert kept is not None
    assert (kept.tensors["x"].tolist(), kept.values) == ([0, 1, 2], {"y": [0.1]})
    assert load_state(path, "b") is None
    path.write_bytes(path.read_bytes()[:-5])
    assert load_state(path, "a") is None
    assert [file.name for file in path.parent.iterdir()] == ["state"]
