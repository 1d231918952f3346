"""Who reads tasks: what is common to this process and others, and this process."""

from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum, auto
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from hqcm.formats.channel import Received, count_bytes

T = TypeVar("T")  # a task
R = TypeVar("R")  # a result
_KEPT_BYTES = 1 << 24  # glibc learns from blocks up to twice this size


class Signal(Enum):
    """What a reader says besides its results: it runs; it has read a task to its end."""

    READY = auto()
    DONE = auto()


class Reading(NamedTuple, Generic[T, R]):
    """How a task is read, and what stands for the results that a crash took.

    Attributes:
        read: yields the results of a task. A function of a module or a `partial` of one: it is
            pickled, and so are tasks and results.
        may_crash: whether the task is known to be able to end the process that reads it; then it
            is never this one.
        crashed: called with a task, the number of results it gave, and the exit code of the
            process that was reading it.
    """

    read: Callable[[T], Iterator[R]]
    may_crash: Callable[[T], bool]
    crashed: Callable[[T, int, int], R]


def keep_freed_memory() -> None:
    """Have the allocator keep freed arrays of a slice's size for the next slice.

    glibc gives every array larger than any that was freed before back to the system, and the
    system hands it out anew page by page: a fifth of the time of a slice, and processes wait
    for each other there. It keeps what is smaller than the largest block that was freed.
    """
    np.empty(_KEPT_BYTES, np.uint8)  # freed at once, and none of its pages ever touched


class Reader(Generic[T, R]):
    """Tasks on one side, their results on the other, both in order.

    Attributes:
        tasks: given and not yet read to their end.
        results: read and not yet fetched, with a `Signal.DONE` after those of each task.
        n_bytes: what the results take.
    """

    def __init__(self, reading: Reading[T, R]) -> None:
        self._reading = reading
        self.tasks: deque[T] = deque()
        self.results: deque[Received] = deque()
        self.n_bytes = 0

    def give(self, task: T) -> None:
        """Have one more task read, after those it has."""
        self.tasks.append(task)

    def fetch(self) -> Received:
        """Take the first of the results."""
        fetched = self.results.popleft()
        self.n_bytes -= fetched.n_bytes
        return fetched

    def _append(self, received: Received) -> None:
        self.results.append(received)
        self.n_bytes += received.n_bytes
        if received.message is Signal.DONE:
            self.tasks.popleft()


class Here(Reader[T, R]):
    """This process: reads when it is told to, one result at a time."""

    def __init__(self, reading: Reading[T, R]) -> None:
        super().__init__(reading)
        self._items: Iterator[R | Signal] = iter(())

    def give(self, task: T) -> None:
        """Have a task read; it must be the only one."""
        super().give(task)
        self._items = chain(self._reading.read(task), [Signal.DONE])

    def read_one(self, *, is_fetched: bool) -> None:
        """Read one result, or find that there is none; unless fetched at once, it counts."""
        item = next(self._items)
        self._append(Received(item, 0 if is_fetched else count_bytes(item)))
