"""`make gpu-check`: whether CUDA computes what the CPU does, how fast it trains, whether it waits.

Every comparison is with the CPU in float64. Without CUDA the CPU's other arithmetic takes its
place and a few small steps are trained; the last line then says what could not be checked. Ends
with exit code 1 when a check fails.
"""

import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch

from arithmetic import LIMITS, WAYS, Check, compare, place
from hqcm.contracts.params import read_yaml
from hqcm.training.device import prepare_process
from training import PARAMS, Params, make_learner, random_slices

N_PAPER = 5303  # training slices of the paper
N_SMALL, SMALL_BATCH = 12, 4  # without CUDA
VARIANTS = ("paper", "counterpart")
CHECKED = "the CPU's float32 and bfloat16 against its float64, a few small steps"
UNCHECKED = (
    "CUDA against the CPU, TF32, an epoch of the paper's size (its seconds, images a second and "
    "peak memory), host synchronisations"
)
_WAITED = "called a synchronizing CUDA operation"  # torch's own words


class Watch:
    """In place of the bar of an epoch: what torch has told of waiting, by the end of each step."""

    def __init__(self, told: list[warnings.WarningMessage]) -> None:
        self._told = told
        self.by_step: list[int] = []

    def count(self) -> int:
        """How often the host has waited for the device so far."""
        return sum(_WAITED in str(warning.message) for warning in self._told)

    def update(self) -> None:
        """A step is done."""
        self.by_step.append(self.count())


def train(variant: str, params: Params, n: int) -> Iterator[Check]:
    """An epoch of `n` slices, after one of a single batch that warms up; fresh weights in each."""
    execution = place("auto", params["train"]["precision"])
    has_cuda = "cuda" in execution.names
    small = random_slices(params["train"]["batch_size"], params, execution)
    make_learner(variant, params, small, execution).train_once(Watch([]))
    learner = make_learner(variant, params, random_slices(n, params, execution), execution)
    if has_cuda:
        torch.cuda.reset_peak_memory_stats(execution.device)
    with warnings.catch_warnings(record=True, action="always") as told, _telling(has_cuda):
        watch, start = Watch(told), time.perf_counter()
        mean_loss, *_ = learner.train_once(watch)
        seconds = time.perf_counter() - start
    name = f"{variant}, {n} slices, {' '.join(execution.names)}"
    speed = f"{seconds:.2f} s an epoch of training, {n / seconds:.0f} images/s"
    yield Check(f"{name}, loss", f"{mean_loss:.3g}; {speed}", math.isfinite(mean_loss))
    if has_cuda:
        yield from judge_waits(name, watch)
        peak = torch.cuda.max_memory_allocated(execution.device) / 1e9
        yield Check(f"{name}, peak memory", f"{peak:.2f} GB of tensors", holds=True)


def judge_waits(name: str, watch: Watch) -> Iterator[Check]:
    """No step waits; and torch does tell of waiting, for it has told of the tally's reading.

    The first step's count goes with what precedes it: there the order of the slices is sent.
    """
    first, last, end = watch.by_step[0], watch.by_step[-1], watch.count()
    seen = f"{last - first}; {first} up to the first step's end, {end - last} after the last"
    yield Check(f"{name}, host synchronisations between steps", seen, last == first)
    yield Check(f"{name}, the count sees the tally's reading", f"{end - last}", end > last)


@contextmanager
def _telling(has_cuda: bool) -> Iterator[None]:  # noqa: FBT001  (private, named at its call)
    """Let torch warn whenever the host waits; by its documentation it may miss some."""
    if has_cuda:
        torch.cuda.set_sync_debug_mode("warn")
    try:
        yield
    finally:
        if has_cuda:
            torch.cuda.set_sync_debug_mode("default")


def try_to(name: str, check: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """What a check yields; what torch refuses, or lacks memory for, has failed."""
    try:
        yield from check()
    except RuntimeError as error:
        yield Check(name, str(error).partition("\n")[0], holds=False)


def main() -> int:
    """Print every check and the verdict; the exit code."""
    prepare_process()
    params = read_yaml(PARAMS)
    has_cuda = torch.cuda.is_available()
    where = torch.cuda.get_device_name() if has_cuda else "no CUDA"
    _say(f"gpu-check: torch {torch.__version__} (CUDA {torch.version.cuda}), {where}")
    _say("Distances from the CPU's float64: norm of the difference / norm of what should be.")
    if not has_cuda:
        params["train"]["batch_size"] = SMALL_BATCH
    checks = []
    for check in list_checks(params, has_cuda=has_cuda):
        _say(f"{'ok    ' if check.holds else 'FAILED'} {check.name}: {check.seen}")
        checks.append(check)
    verdict, code = judge(checks, has_cuda=has_cuda)
    _say(verdict)
    return code


def list_checks(params: Params, *, has_cuda: bool) -> Iterator[Check]:
    """All that can be checked here, one after the other."""
    ways = WAYS if has_cuda else ("float32", "bfloat16")
    for name, limits in LIMITS.items():
        for way in (way for way in ways if way in limits):
            yield from try_to(f"{name}, {way}", partial(compare, name, way, params))
    for variant in VARIANTS:
        n = N_PAPER if has_cuda else N_SMALL
        yield from try_to(f"{variant}, {n} slices", partial(train, variant, params, n))


def judge(checks: list[Check], *, has_cuda: bool) -> tuple[str, int]:
    """The last line, and the exit code."""
    failed = [f"{check.name}: {check.seen}" for check in checks if not check.holds]
    if failed:
        return f"gpu-check: failed: {'; '.join(failed)}", 1
    if has_cuda:
        return "gpu-check: ok", 0
    return f"gpu-check: no CUDA: checked {CHECKED}; could not check {UNCHECKED}", 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  (talks to the person at the terminal)


if __name__ == "__main__":
    sys.exit(main())
