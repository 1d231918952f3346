"""Temporary folders in memory where the system has such, so that no disk is measured."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

MEMORY_DISC = Path("/dev/shm")  # noqa: S108  (Linux's; a random name below it, as everywhere)
LARGEST_BYTES = 4_000_000_000  # what the largest benchmark writes, and as much again


def memory_folder() -> TemporaryDirectory[str]:
    """A temporary folder in memory if there is room, else where the system has its own.

    What is measured writes gigabytes: on a disk, it and everyone else would wait for that.
    """
    has_room = MEMORY_DISC.is_dir() and shutil.disk_usage(MEMORY_DISC).free > LARGEST_BYTES
    return TemporaryDirectory(dir=MEMORY_DISC if has_room else None)
