"""From a folder of native files to a slice store, whatever the format."""

import os
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain, groupby
from pathlib import Path

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slice_writer import SliceWriter
from hqcm.contracts.slices import Slice
from hqcm.sources.native_format import NativeFormat, Task
from hqcm.sources.ordered_reading import read_in_processes
from hqcm.sources.raw_files import find_files
from hqcm.sources.task_reading import read_task, reject_crash
from hqcm.sources.worker import Reading

_TASKS_A_PROCESS = 400  # fewer are read sooner than a process has started and handed them over
_REASONS_SHOWN = 5


def convert(
    raw: Path, native: NativeFormat, slices: Path, n_processes: int | None = None
) -> list[Rejection]:
    """Write every slice found under a folder to a store, few of them in memory at a time.

    The store and the rejections are the same whatever the number of processes.

    Args:
        raw: folder of native files, or a link to one; searched to any depth.
        native: how to read them.
        slices: the store to write.
        n_processes: how many read, while this one writes; 1: this one does both. If not given,
            as many as there are cores for it, fewer if there is too little to read.

    Returns:
        The files that gave no slice, or not all of theirs.

    Raises:
        NotADirectoryError: `raw` is not a folder.
        ValueError: not one slice is left.
    """
    tasks, rejections = native.plan(find_files(raw))
    if n_processes is None:
        n_processes = min(_count_cores(), len(tasks) // _TASKS_A_PROCESS)
    n_slices = 0
    with SliceWriter(slices) as store, closing(_read_all(native, tasks, n_processes)) as items:
        for item in items:
            if isinstance(item, Slice):
                store.add(item)
                n_slices += 1
            else:
                rejections.append(item)
    if n_slices == 0:
        raise ValueError(_nothing_left(raw, native.expected, sorted(rejections)))
    return rejections


def _count_cores() -> int:
    """The cores this process may use, which `taskset` or a scheduler may have cut."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_all(
    native: NativeFormat, tasks: Sequence[Task], n_processes: int
) -> Generator[Slice | Rejection]:
    reading = Reading(partial(read_task, native), reject_crash)
    if n_processes > 1:
        yield from read_in_processes(reading, tasks, min(n_processes, len(tasks)))
        return
    for may_crash, run in groupby(tasks, native.may_crash):
        if may_crash:
            yield from read_in_processes(reading, run, 1)
        else:
            yield from chain.from_iterable(map(reading.read, run))


def _nothing_left(raw: Path, expected: str, rejections: Sequence[Rejection]) -> str:
    shown = [f"  {file}: {reason}" for file, reason in rejections[:_REASONS_SHOWN]]
    if len(rejections) > _REASONS_SHOWN:
        shown.append(f"  ... and {len(rejections) - _REASONS_SHOWN} more")
    got = f"got no slice and {len(rejections)} rejected files"
    return "\n".join([f"{raw} must hold {expected}; {got}", *shown])
