"""Run `dvc repro`, and say before each stage how long the whole may still take.

Called by `make repro`. How long a stage takes is what it took last time in this folder, which git
does not keep; before the first time, what it took on the machine named in
`benchmarks/stage_seconds.json`. Into a file goes no progress bar: a log holds lines.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent
_RECORD = _PROJECT / "benchmarks" / "stage_seconds.json"
_LAST_TIME = _PROJECT / ".dvc" / "tmp" / "stage_seconds.json"
_TOLD = re.compile(r"(Running s|S)tage '([^']+)'")


class Forecast(logging.Handler):
    """Hears which stage DVC is at, and prints how many there are and how long they may take.

    Args:
        names: of all stages, ``train_hybrid@paper-random-0``; seconds are those of what stands
            before the ``@``.
        seconds: known ones.
        source: whose they are, for the reader.
        clock: gives seconds; only differences count.
    """

    def __init__(
        self,
        names: Sequence[str],
        seconds: Mapping[str, float],
        source: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(logging.INFO)
        self.measured: dict[str, float] = {}
        self._left, self._n, self._clock = [*names], len(names), clock
        self._seconds, self._source = seconds, source
        self._running: tuple[str, float] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """DVC tells of a stage when it starts, or when there is nothing to do."""
        told = _TOLD.match(record.getMessage())
        if not told or told[2] not in self._left:
            return
        self.end_stage()
        if told[1] != "S":
            number = self._n - len(self._left) + 1
            print(f"Stage {number} of {self._n}; {self._tell_time()}", flush=True)
            self._running = told[2], self._clock()
        self._left.remove(told[2])

    def end_stage(self) -> None:
        """The stage that runs has ended well: note how long it took."""
        if self._running:
            name, start = self._running
            self.measured[_kind(name)] = round(self._clock() - start, 1)
        self._running = None

    def _tell_time(self) -> str:
        """Up to: stages that turn out to be up to date take no time."""
        seconds = sum(self._seconds.get(_kind(name), 0.0) for name in self._left)
        minutes = max(1, round(seconds / 60))
        return f"up to about {minutes} min left for all, as {self._source}"


def _kind(name: str) -> str:
    return name.partition("@")[0]


def main() -> int:
    """Run DVC in this process, so that it has the terminal to itself."""
    if not sys.stderr.isatty():
        os.environ["TQDM_DISABLE"] = "1"
    from dvc.cli import main as run_dvc  # noqa: PLC0415  (a second of import, after the variable)
    from dvc.repo import Repo  # noqa: PLC0415

    record = json.loads(_RECORD.read_text())
    last = json.loads(_LAST_TIME.read_text()) if _LAST_TIME.exists() else {}
    with Repo(str(_PROJECT)) as repo:
        names = [stage.addressing for stage in repo.index.stages]
    is_known = {*map(_kind, names)} <= {*last}
    source = "last time" if is_known else f"on {record['machine']}"
    forecast = Forecast(names, record["seconds"] | last, source)
    logging.getLogger("dvc").addHandler(forecast)
    code: int = run_dvc(["repro"])
    if code == 0:
        forecast.end_stage()
    _LAST_TIME.parent.mkdir(exist_ok=True)
    _LAST_TIME.write_text(json.dumps(last | forecast.measured, indent=2) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
