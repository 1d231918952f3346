"""Reading one task, whatever its files do to the decoder."""

import re
import warnings
from collections.abc import Callable, Iterator
from typing import TypeVar

from hqcm.contracts.rejections import Rejection
from hqcm.contracts.slices import Slice
from hqcm.sources.native_format import NativeFormat, Task
from hqcm.sources.raw_files import RawFile, require_content

Result = TypeVar("Result")
_LONGEST_REASON = 400  # characters: a decoder may quote the bytes it choked on


def read_task(native: NativeFormat, task: Task) -> Iterator[Slice | Rejection]:
    """Read one task; whatever its files do to the decoder becomes a `Rejection`."""
    items = _read_content(native, task)
    n_slices = 0
    while True:
        with warnings.catch_warnings():
            # Decoders warn of every departure from their standard, quoting headers: identity.
            warnings.simplefilter("ignore")
            item = attempt(task.image, lambda: next(items, None))
        if item is None:
            return
        n_slices += isinstance(item, Slice)
        yield _after(n_slices, item) if isinstance(item, Rejection) else item


def attempt(file: RawFile, read: Callable[[], Result]) -> Result | Rejection:
    """What reading a file gives, or why it could not be read."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001  (decoders raise anything, plain Exception too, on a broken file; nothing is lost, the file is listed)
        return Rejection(file.name, describe(error, file))


def describe(error: Exception, file: RawFile) -> str:
    """One line of what an exception says, without the machine's paths."""
    text = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    for form in (str(file.path), repr(str(file.path))[1:-1]):
        text = text.replace(form, file.name)
    return re.sub(r"\s+", " ", text).strip()[:_LONGEST_REASON]


def reject_crash(task: Task, n_slices: int, exit_code: int) -> Rejection:
    """What stands for the slices that were lost when reading ended its process."""
    reason = f"must be readable; reading it ended the process with exit code {exit_code}"
    return _after(n_slices, Rejection(task.image.name, reason))


def _after(n_slices: int, rejection: Rejection) -> Rejection:
    """Say that a file was read in part."""
    if n_slices == 0:
        return rejection
    return rejection._replace(reason=f"after slice {n_slices}: {rejection.reason}")


def _read_content(native: NativeFormat, task: Task) -> Iterator[Slice | Rejection]:
    require_content(task.image)
    yield from native.read(task)
