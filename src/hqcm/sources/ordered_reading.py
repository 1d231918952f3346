"""Reading tasks in several processes, the results in the order of the tasks."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from select import select
from typing import TypeVar

from hqcm.sources.worker import Reading, Signal, Worker

T = TypeVar("T")  # a task
R = TypeVar("R")  # a result
_TASKS_EACH = 2  # a process has the next one when it is done with one
_TASKS_AHEAD = 16  # times the number of processes: how far the first may be behind the last
_BYTES_AHEAD = 1 << 23  # results that wait for their turn here; others wait where they are


def read_in_processes(reading: Reading[T, R], tasks: Iterable[T], n_processes: int) -> Generator[R]:
    """The results of every task, task after task.

    The arrays in a result are there until the next result is asked for. Memory does not grow
    with the number of tasks or of their results, nor when the results are taken slowly: who has
    read far ahead waits. The processes end with the iterator; close it where it may not be used
    up.

    Args:
        reading: how a task is read.
        tasks: taken as they are needed.
        n_processes: 1 or more.

    Raises:
        RuntimeError: a process does not even start.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(closing(Worker(reading))) for _ in range(n_processes)]
        yield from _in_order(workers, iter(tasks))


def _in_order(workers: Sequence[Worker[T, R]], tasks: Iterator[T]) -> Iterator[R]:
    turns: deque[Worker[T, R]] = deque()  # who reads each task that is not fetched to its end
    while True:
        turns.extend(_give(workers, islice(tasks, _TASKS_AHEAD * len(workers) - len(turns))))
        if not turns:
            return
        _receive(workers, turns[0])
        while turns and turns[0].results:
            received = turns[0].fetch()
            if received.message is Signal.DONE:
                turns.popleft()
            else:
                yield received.message
                received.release()


def _give(workers: Sequence[Worker[T, R]], tasks: Iterator[T]) -> Iterator[Worker[T, R]]:
    """Give out tasks until every worker has enough; say who got each."""
    n_wanted = sum(_TASKS_EACH - len(worker.tasks) for worker in workers)
    for task in islice(tasks, n_wanted):
        idlest = min(workers, key=lambda worker: len(worker.tasks))
        idlest.give(task)
        yield idlest


def _receive(workers: Sequence[Worker[T, R]], first: Worker[T, R]) -> None:
    """Wait for the worker whose turn it is; meanwhile take what others have, if there is room."""
    has_room = sum(worker.n_bytes for worker in workers) < _BYTES_AHEAD
    asked = [worker for worker in workers if worker is first or (has_room and worker.tasks)]
    for worker in select(asked, [], [])[0]:
        worker.receive()
