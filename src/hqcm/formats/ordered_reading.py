"""Reading tasks in several processes, the results in the order of the tasks."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from select import select
from typing import Generic, TypeVar

from hqcm.formats.reader import Here, Reader, Reading, Signal, keep_freed_memory
from hqcm.formats.worker import Worker

T = TypeVar("T")  # a task
R = TypeVar("R")  # a result
_TASKS_EACH = 3  # another process has the next one when it is done with one, however busy this is
_TASKS_AHEAD = 64  # how far the first may be behind the last
_BYTES_AHEAD = 1 << 24  # results that wait for their turn; then who is ahead waits


def read_in_order(reading: Reading[T, R], tasks: Iterable[T], n_processes: int) -> Generator[R]:
    """The results of every task, task after task.

    The arrays in a result are there until the next result is asked for. Memory does not grow
    with the number of tasks or of their results, nor when the results are taken slowly: who has
    read far ahead waits. The processes end with the iterator; close it where it may not be used
    up.

    Args:
        reading: how a task is read.
        tasks: taken as they are needed.
        n_processes: how many read, this one among them; it reads when nothing else is to do.
            One more is started if it is 1 and a task may crash.

    Raises:
        RuntimeError: a process does not even start.
    """
    keep_freed_memory()
    asked = ((task, reading.may_crash(task)) for task in tasks)
    with closing(_Crew(reading, n_processes)) as crew:
        yield from _in_order(crew, asked)


class _Crew(Generic[T, R]):
    """This process and others, which are started when there is something for them to read."""

    def __init__(self, reading: Reading[T, R], n_processes: int) -> None:
        self._reading = reading
        self._n_others = n_processes - 1
        self._here = Here(reading)
        self._others: list[Worker[T, R]] = []

    def close(self) -> None:
        """End the other processes."""
        for worker in self._others:
            worker.close()

    def find_reader(self, *, may_crash: bool) -> Reader[T, R] | None:
        """Who shall have the next task, if anybody can take one."""
        if len(self._others) < max(self._n_others, int(may_crash)):
            self._others.append(Worker(self._reading))
        able: list[Reader[T, R]] = []
        if may_crash or self._n_others > 0:
            # Who still starts gets what nobody else may read: the rest would wait for its turn.
            able += [
                worker
                for worker in self._others
                if len(worker.tasks) < _TASKS_EACH and (worker.is_ready or may_crash)
            ]
        if not self._here.tasks and not may_crash:
            able.append(self._here)
        return min(able, key=lambda reader: len(reader.tasks), default=None)

    def read_on(self, first: Reader[T, R]) -> None:
        """Take what others have read, read a little here, or wait; `first` is never passed over."""
        n_bytes = self._here.n_bytes + sum(worker.n_bytes for worker in self._others)
        has_room = n_bytes < _BYTES_AHEAD
        asked = [
            worker
            for worker in self._others
            if worker is first or not worker.is_ready or (has_room and worker.tasks)
        ]
        reads_here = first is self._here or bool(has_room and self._here.tasks)
        ready = select(asked, [], [], 0 if reads_here else None)[0] if asked else []
        for worker in ready:
            worker.receive()
        if first is self._here or (reads_here and not ready):
            self._here.read_one(is_fetched=first is self._here)


def _in_order(crew: _Crew[T, R], asked: Iterator[tuple[T, bool]]) -> Iterator[R]:
    turns: deque[Reader[T, R]] = deque()  # who reads each task that is not fetched to its end
    next_asked = next(asked, None)
    while True:
        while next_asked and len(turns) < _TASKS_AHEAD:
            task, may_crash = next_asked
            reader = crew.find_reader(may_crash=may_crash)
            if reader is None:
                break
            reader.give(task)
            turns.append(reader)
            next_asked = next(asked, None)
        if not turns:
            return
        crew.read_on(turns[0])
        while turns and turns[0].results:
            received = turns[0].fetch()
            if received.message is Signal.DONE:
                turns.popleft()
            else:
                yield received.message
                received.release()
