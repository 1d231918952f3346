"""`make bench`: every benchmark in a process of its own, then the report of all of them.

Ends with exit code 1 when a ratio misses its bound.
"""

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from measurement import Measurement, as_markdown, as_sentence, read

HERE = Path(__file__).parent
KEPT = HERE.parent / "data" / "benchmarks"
REPORTS = HERE.parent / "reports"
NAMES = ("quantum_layer", "training", "no_op", "memory")
INTRODUCTION = (
    "# Benchmarks",
    "",
    "Written by `make bench`. Contestants take turns in one run.",
    "Read the ratios, not the milliseconds: machines differ.",
    "",
)


def main() -> None:
    """Run, collect, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=NAMES, default=NAMES, help="run these anew")
    for name in parser.parse_args().only:
        print(f"bench: {name}", flush=True)
        command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(KEPT / f"{name}.json")]
        subprocess.run(command, check=True)
    paths = [KEPT / f"{name}.json" for name in NAMES]
    measurements = {path.stem: read(path) for path in paths if path.exists()}
    write(measurements)
    missed = [r for m in measurements.values() for r in m.ratios if not r.holds]
    if missed:
        sys.exit("bench: " + "; ".join(map(as_sentence, missed)))


def write(measurements: dict[str, Measurement]) -> None:
    """`reports/benchmarks.md` and `.json`."""
    machine = describe_machine()
    kept = {"machine": machine, **{name: asdict(m) for name, m in measurements.items()}}
    (REPORTS / "benchmarks.json").write_text(json.dumps(kept, indent=1) + "\n")
    lines = [*INTRODUCTION, *(f"* {name}: {value}" for name, value in machine.items()), ""]
    for measurement in measurements.values():
        lines += as_markdown(measurement)
    (REPORTS / "benchmarks.md").write_text("\n".join(lines).rstrip() + "\n")


def describe_machine() -> dict[str, str]:
    """What the figures depend on; no name of the machine."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": next(iter(names), platform.processor() or platform.machine()),
        "threads": str(torch.get_num_threads()),
        "CUDA": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "torch": torch.__version__,
        "Python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
