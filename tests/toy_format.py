"""A format whose files are text, read in this process or another: one number is one slice."""

import os
import signal
import struct
import time
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hqcm.cohort.converted import Rejection
from hqcm.formats.native_format import NativeFormat, RawFiles, Task
from hqcm.slices.store import Slice


class DecoderError(Exception):
    """Like those of decoders that derive from nothing more precise."""


ERRORS: dict[str, BaseException] = {
    "overflow": OverflowError("too large"),
    "struct": struct.error("unpack"),
    "zlib": zlib.error("incorrect header"),
    "recursion": RecursionError("too deep"),
    "syntax": SyntaxError("not a PNG"),
    "memory": MemoryError("no room"),
    "key": KeyError("image"),
    "own": DecoderError("own kind"),
    "plain": Exception("what Pillow's TIFF reader raises"),
}


class Plan(NamedTuple):
    """What a format planned, sorted out."""

    tasks: list[Task]
    rejections: list[Rejection]


def sort_out(planned: Iterable[Task | Rejection]) -> Plan:
    items = list(planned)
    return Plan(
        [item for item in items if isinstance(item, Task)],
        [item for item in items if isinstance(item, Rejection)],
    )


def plan(files: RawFiles) -> Iterator[Task | Rejection]:
    for file in files:
        yield Task(file) if file.name.endswith(".txt") else Rejection(file.name, "no text")


def plan_twice(files: RawFiles) -> Iterator[Task | Rejection]:
    """The first file comes again at the end."""
    yield from plan(files)
    yield Task(files[0])


def read(source: str, task: Task) -> Iterator[Slice | Rejection]:
    """Each word: a pixel value is a slice, a name an error, `!` a warning, or see the code."""
    for number, word in enumerate(task.image.path.read_text().split()):
        if word in ERRORS:
            raise ERRORS[word]
        if word == "!":
            warnings.warn("Patient's Name: Jane Doe", stacklevel=1)
        elif word == "crash":
            os.kill(os.getpid(), signal.SIGKILL)  # as a segmentation fault would
        elif word == "eat":
            np.ones(1 << 31, np.uint8)  # 2 GiB
        elif word == "sleep":
            time.sleep(600)
        else:
            name = f"{source}/{task.image.name}#{number}"
            yield Slice(name, source, name, 0, np.full((2, 3), int(word)), None)


TOY = NativeFormat("text files", plan, read)


def write_raw(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder
