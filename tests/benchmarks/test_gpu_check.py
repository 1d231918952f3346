"""`make gpu-check` as far as a CPU goes: what it would say of a machine that errs or waits."""

import math
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

import arithmetic
import gpu_check
from arithmetic import Check, Way
from hqcm.training.epoch import Learner
from toy_params import toy_params
from training import make_learner, random_slices

WAITED = "called a synchronizing CUDA operation (Triggered internally at somewhere.cpp:1.)"
WITHOUT_CUDA = pytest.mark.skipif(torch.cuda.is_available(), reason="tells of machines without")


@pytest.fixture(autouse=True)
def repeatable() -> Iterator[None]:
    """The comparisons leave torch as `prepare_process` has it; other tests had it otherwise."""
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)


@pytest.mark.parametrize("name", arithmetic.PIECES)
@pytest.mark.parametrize("way", ["float64", "float32", "bfloat16"])
def test_the_cpu_agrees_with_itself(name: str, way: str) -> None:
    if way in arithmetic.LIMITS[name]:
        checks = list(arithmetic.compare(name, way, toy_params()))
        assert [check.name for check in checks] == [
            f"{name}, {way}, outputs",
            f"{name}, {way}, gradients",
        ]
        assert all(check.holds for check in checks), checks


@pytest.mark.parametrize("name", arithmetic.PIECES)
@pytest.mark.parametrize("error", ["outputs", "gradients"])
def test_what_is_beyond_its_limit_fails(
    name: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = arithmetic.PIECES[name]

    def wrong(params: arithmetic.Params, way: Way) -> arithmetic.Piece:
        piece = make(params, way)
        if way.dtype == torch.float64:  # the reference
            return piece
        if error == "outputs":
            off = tuple(output + 0.1 * output.detach() for output in piece.outputs)
        else:  # the values, with other slopes
            off = tuple(1.1 * output - 0.1 * output.detach() for output in piece.outputs)
        return piece._replace(outputs=off)

    monkeypatch.setitem(arithmetic.PIECES, name, wrong)
    held = {
        c.name.rpartition(", ")[2]: c.holds
        for c in arithmetic.compare(name, "float32", toy_params())
    }
    assert held == {"outputs": error != "outputs", "gradients": error != "gradients"}


def test_what_is_not_finite_is_far_off() -> None:
    for bad in (math.nan, math.inf):
        assert arithmetic.distance(torch.tensor([1.0, bad]), torch.ones(2)) == math.inf
    assert arithmetic.distance(torch.tensor([3.0, 5.25]), torch.tensor([3.0, 4.0])) == 0.25


def test_an_arithmetic_is_put_back() -> None:
    settings = torch.backends.cudnn.conv  # type: ignore[attr-defined]  # torch makes it a property of the module
    settings.fp32_precision, before = "tf32", settings.fp32_precision
    way = Way(arithmetic.place("cpu", "float32"), torch.float32, "ieee")

    def refuse(_: arithmetic.Params, __: Way) -> arithmetic.Piece:
        assert settings.fp32_precision == "ieee"
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        arithmetic.answer(refuse, toy_params(), way)
    assert settings.fp32_precision == "tf32"
    assert not torch.is_deterministic_algorithms_warn_only_enabled()
    settings.fp32_precision = before


def watch_an_epoch(monkeypatch: pytest.MonkeyPatch, waiting_step: int | None) -> list[Check]:
    """The judgement of an epoch of four steps in which torch tells of waiting where it is told."""
    step, n_steps = Learner._step, 0

    def waiting(self: Learner, batch: Any) -> Any:
        nonlocal n_steps
        n_steps += 1
        if n_steps in {1, waiting_step}:  # the first sends the order of the slices
            warnings.warn(WAITED, stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        return step(self, batch)

    params = toy_params()
    execution = arithmetic.place("cpu", "float32")
    slices = random_slices(32, params, execution)
    learner = make_learner("paper", params, slices, execution)
    monkeypatch.setattr(Learner, "_step", waiting)
    with warnings.catch_warnings(record=True, action="always") as told:
        watch = gpu_check.Watch(told)
        learner.train_once(watch)
        warnings.warn(WAITED, stacklevel=1)  # the tally is read
    assert len(watch.by_step) == 4
    return list(gpu_check.judge_waits("paper", watch))


def test_an_epoch_that_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, control = watch_an_epoch(monkeypatch, waiting_step=None)
    assert steps.holds
    assert control.holds
    assert steps.seen == "0; 1 up to the first step's end, 1 after the last"


@pytest.mark.parametrize("step", [2, 4])
def test_one_synchronisation_between_steps_fails(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    steps, _ = watch_an_epoch(monkeypatch, waiting_step=step)
    assert not steps.holds
    assert steps.seen.startswith("1;")


def test_a_count_that_sees_nothing_fails() -> None:
    watch = gpu_check.Watch([])
    watch.update()
    steps, control = gpu_check.judge_waits("paper", watch)
    assert steps.holds
    assert not control.holds


def test_a_loss_that_is_not_finite_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    train_once = Learner.train_once

    def diverging(self: Learner, bar: Any) -> tuple[float, float, float]:
        return math.nan, *train_once(self, bar)[1:]

    monkeypatch.setattr(Learner, "train_once", diverging)
    (loss, *_) = gpu_check.train("paper", toy_params(), 16)
    assert not loss.holds


def test_what_torch_refuses_fails_in_a_line() -> None:
    def refuse() -> Iterator[Check]:
        yield Check("first", "0", holds=True)
        raise RuntimeError("no deterministic implementation\nand more")

    first, refused = gpu_check.try_to("second", refuse)
    assert first.holds
    assert refused == Check("second", "no deterministic implementation", holds=False)


GOOD, BAD = Check("one", "1", holds=True), Check("two", "2e-1 (limit 0.1)", holds=False)


def test_the_verdict() -> None:
    assert gpu_check.judge([GOOD], has_cuda=True) == ("gpu-check: ok", 0)
    failed = "gpu-check: failed: two: 2e-1 (limit 0.1)", 1
    assert gpu_check.judge([GOOD, BAD], has_cuda=True) == failed
    assert gpu_check.judge([BAD, GOOD], has_cuda=False) == failed
    said, code = gpu_check.judge([GOOD], has_cuda=False)
    assert code == 0
    assert said.startswith("gpu-check: no CUDA: checked ")
    unchecked = said.partition("could not check ")[2]
    for what in ("CUDA against the CPU", "TF32", "peak memory", "host synchronisations"):
        assert what in unchecked


@WITHOUT_CUDA
@pytest.mark.parametrize("limit", [1e-5, 0.0])
def test_without_cuda_it_runs_to_its_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], limit: float
) -> None:
    monkeypatch.setattr(gpu_check, "read_yaml", lambda _: toy_params())
    monkeypatch.setitem(arithmetic.LIMITS["quantum layer"], "float32", (limit, 1e-5))
    code = gpu_check.main()
    lines = capsys.readouterr().out.splitlines()
    for name in (*arithmetic.PIECES, *gpu_check.VARIANTS):
        assert any(name in line for line in lines[:-1])
    verdict = "could not check" if limit else "gpu-check: failed: quantum layer, float32, outputs"
    assert verdict in lines[-1]
    assert code == (0 if limit else 1)
