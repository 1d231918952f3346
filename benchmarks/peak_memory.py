"""Seconds and peak memory of a command and of all it starts.

Linux counts the memory of whoever starts a program as the program's own. So that a large
benchmark does not stand behind every peak, this small script starts the command and looks.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of getrusage's ru_maxrss


class Cost(NamedTuple):
    """What a command took; the memory is that of the largest of its processes."""

    seconds: float
    peak_bytes: int


def run_command(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder, through this script.

    Raises:
        RuntimeError: it fails.
    """
    done = subprocess.run(
        [sys.executable, __file__, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: must end well; got\n{done.stderr}")
    return Cost(*json.loads(done.stdout))


def measure_command(command: Sequence[str]) -> tuple[int, Cost]:
    """Exit code and cost of a command; its output goes where errors go."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=sys.stderr)
    _, status, usage = os.wait4(process.pid, 0)  # of the process and of those it waited for
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, Cost(seconds, usage.ru_maxrss * _BYTES)


if __name__ == "__main__":
    code, cost = measure_command(sys.argv[1:])
    sys.stdout.write(json.dumps(cost))
    sys.exit(code)
