"""A `dvc repro` that finds nothing to do: the wait behind every small change."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from measurement import Measurement, Ratio, Table, run
from timing import alternate, milliseconds, spread

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
CEILING_S = 1.0
REPRO, VERSION = "no-op `dvc repro`", "`dvc --version`"
NOT_UP_TO_DATE = f"{REPRO}: the pipeline is not up to date; run `make repro` first"


def measure(root: Path = ROOT, rounds: int = ROUNDS) -> Measurement:
    """The wait, beside that for DVC to start at all."""
    how = "The whole command, from the shell's side, in turn with one that only starts DVC."
    if not is_up_to_date(root):
        return Measurement("No-op `dvc repro`", how, skipped=[NOT_UP_TO_DATE])
    contestants = {REPRO: partial(_dvc, root, "repro"), VERSION: partial(_dvc, root, "--version")}
    times = alternate(contestants, rounds)
    return Measurement(
        title="No-op `dvc repro`",
        how=how,
        tables=[
            Table(
                "Milliseconds: median (quartiles)",
                ["command", "ms"],
                [[name, milliseconds(each)] for name, each in times.items()],
            )
        ],
        ratios=[Ratio(f"{REPRO}, seconds", *spread(times[REPRO]), ceiling=CEILING_S)],
    )


def is_up_to_date(root: Path) -> bool:
    """Whether DVC would have nothing to do; not so where it does not know the folder."""
    try:
        _dvc(root, "status", "--quiet")
    except subprocess.CalledProcessError:
        return False
    return True


def _dvc(root: Path, *words: str) -> None:
    command = [sys.executable, "-m", "dvc", *words]
    subprocess.run(command, cwd=root, capture_output=True, check=True)


if __name__ == "__main__":
    run(__doc__, measure)
