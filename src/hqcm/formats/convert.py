"""From a folder of native files to a slice store, whatever the format."""

import importlib
import importlib.util
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from hqcm.cohort.converted import Fold, Rejection, requirement, write_table
from hqcm.contracts.command_line import PARTIAL_PREFIX, publish
from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.formats.native_format import Item, NativeFormat, Task, find_files
from hqcm.formats.reading import read_in_order
from hqcm.slices.sources import SourceParams
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
    rejected: Path | None = None,
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
        rejected: the table of rejections to write. Where the conversion fails for what the files
            hold, it is published all the same, for it says why.
        folds: the table of published folds to write, if the format knows of such; empty where
            none are found.
        n_processes: how many read, besides this one, which writes. If not given, as many as
            there are cores for it, fewer if there is too little to read.

    Returns:
        The files that gave no slice, or not all of theirs, sorted.

    Raises:
        NotADirectoryError: `raw` is not a folder.
        ValueError: not one slice is left, or the masks of a tumour's class are all empty in a
            folder: they are not in an encoding that is read.
    """
    files = find_files(raw)
    if n_processes is None:
        n_processes = min(count_cores(), len(files) // _FILES_A_PROCESS, _MOST_PROCESSES)
    found = _Found()
    found.rejections += files.closed
    tasks = _keep_tasks(native.plan(files), found.rejections)
    reading = read_in_order(native, source, tasks, max(1, n_processes))
    with SliceWriter(slices) as store, closing(reading) as items:
        for item in items:
            found.take(item, store)
    failure = found.say_what_is_missing(raw, native.expected)
    found.rejections.sort()
    if rejected is not None:
        write_table(rejected, Rejection, found.rejections)
    if failure and rejected is not None:
        final = rejected.with_name(rejected.name.removeprefix(PARTIAL_PREFIX))
        publish(rejected, final)
        failure += f"\nAll reasons: {final}"
    if failure:
        raise ValueError(failure)
    if folds is not None and native.has_folds:
        write_table(folds, Fold, found.folds)
    return found.rejections


class _Found:
    """What the files gave: slices to the store at once, all else kept."""

    def __init__(self) -> None:
        self.rejections: list[Rejection] = []
        self.folds: list[Fold] = []
        self._slice_ids: set[str] = set()
        # By folder and class: masks of tumours, and those of them that show one.
        self._n_masks: Counter[tuple[str, str]] = Counter()
        self._n_drawn: Counter[tuple[str, str]] = Counter()

    def take(self, item: Item, store: SliceWriter) -> None:
        """A slice whose id is another's is rejected: two names may be one, written in a line."""
        if isinstance(item, Fold):
            self.folds.append(item)
        elif isinstance(item, Rejection):
            self.rejections.append(item)
        elif item.slice_id in self._slice_ids:
            name = item.slice_id.removeprefix(f"{item.source}/")
            self.rejections.append(Rejection(name, "slice_id must be unique; got another's"))
        else:
            store.add(item)
            self._slice_ids.add(item.slice_id)
            if item.mask is not None and item.label != HEALTHY:
                where = item.slice_id.rpartition("/")[0], CLASS_NAMES[item.label]
                self._n_masks[where] += 1
                self._n_drawn[where] += bool(item.mask.any())

    def say_what_is_missing(self, raw: Path, expected: str) -> str:
        """Why there is nothing to go on with, or nothing where there is; whole in the rejections.

        Without a name: what a terminal shows, people pass on.
        """
        if not self._slice_ids:
            return _nothing_left(raw, expected, self.rejections)
        must, said = "must hold masks that show tumours, or no masks", []
        for where in sorted(where for where in self._n_masks if not self._n_drawn[where]):
            said.append(f"{self._n_masks[where]} empty masks of {where[1]}")
            folder = where[0].partition("/")[2] or "."
            self.rejections.append(Rejection(folder, f"{must}; got {said[-1]}"))
        return f"{raw} {must} in each folder; got {', '.join(said)}" if said else ""


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
    reasons = Counter(requirement(reason) for _, reason in rejections).most_common()
    shown = [f"  {n} x {reason}" for reason, n in reasons[:_REASONS_SHOWN]]
    if len(reasons) > _REASONS_SHOWN:
        shown.append(f"  ... and {len(reasons) - _REASONS_SHOWN} other reasons")
    got = f"got no slice and {len(rejections)} rejected files"
    return "\n".join([f"{raw} must hold {expected}; {got}", *shown])
