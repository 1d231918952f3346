"""Tasks that are read in processes of their own; these find their functions in a module."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.formats.reader import Reading


class Count(NamedTuple):
    """Yields 0, 1, ... and crashes before `crash`, if it comes to it."""

    name: str
    n: int
    crash: int = -1


class Fill(NamedTuple):
    """Yields so many arrays of a size, each full of its number; `progress` says how many."""

    progress: Path
    n: int
    size_bytes: int


def read_count(task: Count) -> Iterator[str]:
    for number in range(task.n):
        if number == task.crash:
            os.kill(os.getpid(), signal.SIGKILL)
        yield f"{task.name}{number}"


def read_fill(task: Fill) -> Iterator[NDArray[np.uint8]]:
    for number in range(task.n):
        task.progress.write_text(str(number))
        yield np.full(task.size_bytes, number, np.uint8)


def read_pid(seconds: float) -> Iterator[int]:
    time.sleep(seconds)
    yield os.getpid()


def say_crash(task: Count, n_results: int, exit_code: int) -> str:
    return f"{task.name} crashed after {n_results}: {exit_code}"


def no_crash(task: object, n_results: int, exit_code: int) -> Any:
    raise AssertionError(f"{task} crashed after {n_results}: {exit_code}")


class EndsProcess:
    """A function that cannot even be loaded: the process that tries ends."""

    def __call__(self, task: Count) -> Iterator[str]:
        raise AssertionError(task)

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (3,)


def may_crash(task: Count) -> bool:
    return task.crash >= 0


def never(_: object) -> bool:
    return False


def always(_: object) -> bool:
    """So that this process leaves every task to others."""
    return True


COUNT = Reading(read_count, may_crash, say_crash)
COUNT_ELSEWHERE = Reading(read_count, always, say_crash)
PID = Reading(read_pid, never, no_crash)
FILL = Reading(read_fill, never, no_crash)
FILL_ELSEWHERE = Reading(read_fill, always, no_crash)
