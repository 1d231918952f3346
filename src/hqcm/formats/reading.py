"""Tasks are read by other processes, and what they give comes in the order of the tasks.

A decoder may end its process on crafted bytes, never end, or fill the memory. So nothing is read in
this process, however few the files or the cores: that costs the file and nothing else. Starting the
first process takes half a second.
"""

import multiprocessing
import resource
import warnings
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future

from pebble import ProcessExpired, ProcessPool

from hqcm.cohort.converted import Rejection
from hqcm.formats.native_format import Item, NativeFormat, Task, describe, require_content
from hqcm.slices.store import Slice

_LIMIT_S = 60  # for one task: a slice takes some hundredths of a second
_LIMIT_BYTES = 1 << 32  # of memory: a picture of the most pixels takes 2 GiB, a slice some MiB
_TASKS_WAITING = 4  # read and not yet fetched, or ready for whoever is done first
# The one start method that every platform has; and a copy of a process with threads may hang.
_CONTEXT = multiprocessing.get_context("spawn")


def read_in_order(
    native: NativeFormat, source: str, tasks: Iterable[Task], n_processes: int
) -> Generator[Item, None, None]:
    """What every task gives, task after task.

    Memory is that of the largest few tasks, however many there are: with each process reading
    one and some waiting, the next is given out when the first of them is fetched. The processes
    end with the iterator; close it where it may not be used up.

    Args:
        native: how a task is read.
        source: whose slices they are.
        tasks: taken as they are needed.
        n_processes: how many read, besides this one.

    Raises:
        BrokenProcessPool: the processes that read do not even start.
    """
    pool = ProcessPool(
        n_processes, context=_CONTEXT, initializer=_limit_memory, initargs=[_LIMIT_BYTES]
    )
    waiting: deque[tuple[Task, Future[list[Item]]]] = deque()
    try:
        for task in tasks:
            reading = pool.schedule(_read_task, (native, source, task), timeout=_LIMIT_S)
            waiting.append((task, reading))
            if len(waiting) == n_processes + _TASKS_WAITING:
                yield from _fetch(*waiting.popleft())
        while waiting:
            yield from _fetch(*waiting.popleft())
    finally:
        pool.stop()
        pool.join()


def _limit_memory(n_bytes: int) -> None:
    """What asks for more is told that there is none: a `MemoryError`, or the end of a process."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or n_bytes < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, hard))


def _fetch(task: Task, future: Future[list[Item]]) -> list[Item]:
    """Wait for a task; where its process has ended, say so in place of what it would give."""
    try:
        # Two limits: pebble may lose a task whose process ends in the moment of taking it.
        return future.result(2 * _LIMIT_S)
    except ProcessExpired as end:
        reason = f"reading it ended the process with exit code {end.exitcode}"
    except TimeoutError:
        reason = f"reading it took more than {_LIMIT_S} s and was ended"
    return [Rejection(task.image.name, f"must be readable; {reason}")]


def _read_task(native: NativeFormat, source: str, task: Task) -> list[Item]:
    """Read one task; what its files make the decoder raise becomes a `Rejection` at the end."""
    items: list[Item] = []
    with warnings.catch_warnings():
        # Decoders warn of every departure from their standard, quoting headers: identity.
        warnings.simplefilter("ignore")
        # But pixels for another Rows x Columns are an error, of which pydicom only warns.
        warnings.filterwarnings("error", "The decoded RLE segment contains non-conformant padding")
        try:
            require_content(task.image)
            for item in native.read(source, task):
                items.append(item)  # noqa: PERF402  (kept, if the next one fails)
        except Exception as error:  # noqa: BLE001  (decoders raise anything, plain Exception too, on a broken file; nothing is lost, the file is listed)
            n_slices = sum(isinstance(item, Slice) for item in items)
            after = f"after slice {n_slices}: " if n_slices else ""
            items.append(Rejection(task.image.name, after + describe(error, task.image)))
    return items
