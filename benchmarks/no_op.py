"""A `dvc repro` that finds nothing to do: the wait behind every small change."""

import subprocess
import sys
from pathlib import Path

from measurement import Measurement, Ratio, Table, alternate, milliseconds, run, spread

ROOT = Path(__file__).resolve().parents[1]
CEILING_S = 1.0
REPRO, VERSION = "no-op `dvc repro`", "`dvc --version`"


def measure() -> Measurement:
    """The wait, beside that for DVC to start at all."""
    title, how = "No-op `dvc repro`", "The whole command, in turn with one that only starts DVC."
    try:
        call_dvc("status", "--quiet")
    except subprocess.CalledProcessError:
        return Measurement(title, how, skipped=["not up to date; run `make repro` first"])
    times = alternate({REPRO: lambda: call_dvc("repro"), VERSION: lambda: call_dvc("--version")}, 7)
    return Measurement(
        title=title,
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


def call_dvc(*words: str) -> None:
    """Run it in the project, and wait."""
    subprocess.run([sys.executable, "-m", "dvc", *words], cwd=ROOT, capture_output=True, check=True)


if __name__ == "__main__":
    run(__doc__, measure)
