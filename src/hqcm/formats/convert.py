"""From a folder of native files to a slice store, whatever the format."""

import importlib
import importlib.util
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from hqcm.cohort.converted import Fold, Rejection, write_table
from hqcm.formats.native_format import NativeFormat, Task, find_files
from hqcm.formats.reading import read_in_order
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter

_FILES_A_PROCESS = 200  # fewer are read sooner than one more process has started
_MOST_PROCESSES = 8  # read as fast as this one writes
_REASONS_SHOWN = 5


def load_format(params: SourceParams) -> NativeFormat:
    """What the module calls its ``FORMAT``.

    It is found by its name, so that a new format is a new file and no edit of those that are
    there: docs/decisions/0017.

    Raises:
        ValueError: there is no such module, or it has no ``FORMAT``.
    """
    name = f"hqcm.formats.{params.format}"
    module = importlib.import_module(name) if importlib.util.find_spec(name) else None
    native: NativeFormat | None = getattr(module, "FORMAT", None)
    if native is None:
        raise ValueError(
            f"sources: format must be a module of hqcm.formats with a FORMAT; got {params.format}"
        )
    return native


def convert(
    source: str,
    raw: Path,
    native: NativeFormat,
    slices: Path,
    *,
    folds: Path | None = None,
    n_processes: int | None = None,
) -> list[Rejection]:
    """Write every slice found under a folder to a store, few of them in memory at a time.

    The store and the rejections are the same whatever the number of processes.

    Args:
        source: its name, which the slices bear.
        raw: folder of native files, or a link to one; searched to any depth.
        native: how to read them.
        slices: the store to write.
        folds: the table of published folds to write, if the format knows of such; empty where
            none are found.
        n_processes: how many read, besides this one, which writes. If not given, as many as
            there are cores for it, fewer if there is too little to read.

    Returns:
        The files that gave no slice, or not all of theirs, sorted.

    Raises:
        NotADirectoryError: `raw` is not a folder.
        ValueError: not one slice is left.
    """
    files = find_files(raw)
    if n_processes is None:
        n_processes = min(count_cores(), len(files) // _FILES_A_PROCESS, _MOST_PROCESSES)
    n_slices = 0
    rejections: list[Rejection] = []
    found: list[Fold] = []
    tasks = _keep_tasks(native.plan(files), rejections)
    reading = read_in_order(native, source, tasks, max(1, n_processes))
    with SliceWriter(slices) as store, closing(reading) as items:
        for item in items:
            if isinstance(item, Slice):
                store.add(item)
                n_slices += 1
            elif isinstance(item, Fold):
                found.append(item)
            else:
                rejections.append(item)
    if n_slices == 0:
        raise ValueError(_nothing_left(raw, native.expected, sorted(rejections)))
    if folds is not None and native.has_folds:
        write_table(folds, Fold, found)
    return sorted(rejections)


def _keep_tasks(planned: Iterable[Task | Rejection], rejections: list[Rejection]) -> Iterator[Task]:
    """The tasks as they are needed; what else was planned joins the rejections."""
    for item in planned:
        if isinstance(item, Rejection):
            rejections.append(item)
        else:
            yield item


def count_cores() -> int:
    """The cores this process may use, which `taskset` or a scheduler may have cut."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _nothing_left(raw: Path, expected: str, rejections: Sequence[Rejection]) -> str:
    shown = [f"  {file}: {reason}" for file, reason in rejections[:_REASONS_SHOWN]]
    if len(rejections) > _REASONS_SHOWN:
        shown.append(f"  ... and {len(rejections) - _REASONS_SHOWN} more")
    got = f"got no slice and {len(rejections)} rejected files"
    return "\n".join([f"{raw} must hold {expected}; {got}", *shown])
