"""Peak memory of the stage `prepare`: flat, however many slices there are."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter
from measurement import Measurement, Ratio, Table, run, spread

ROOT = Path(__file__).resolve().parents[1]
N_SLICES = (1000, 10000)
ROUNDS = 3  # a peak is the same each time, to a percent
SIZE_PX = 64  # memory that grows with the number of slices does so at any size of theirs
CEILING = 1.1  # names and index of 9,000 more slices, 0.3 to 0.6 kB each, and no pixels
LOOK = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measure() -> Measurement:
    """At a few slices and at many, in turn."""
    with TemporaryDirectory() as name:
        stores = [write_store(Path(name, f"{n}.h5"), n) for n in N_SLICES]
        peaks = [[peak_of_prepare(store) for store in stores] for _ in range(ROUNDS)]
    rows = [
        [f"{n}", f"{spread(list(each))[1] / 1e6:.0f}"]
        for n, each in zip(N_SLICES, zip(*peaks, strict=True), strict=True)
    ]
    return Measurement(
        title="Memory of a stage",
        how=f"`prepare` on slices of {SIZE_PX} x {SIZE_PX}, resident peak of its process.",
        tables=[Table("Medians", ["slices", "MB"], rows)],
        ratios=[
            Ratio(
                f"memory of `prepare`, {N_SLICES[1]} slices against {N_SLICES[0]}",
                *spread([many / few for few, many in peaks]),
                ceiling=CEILING,
            )
        ],
    )


def write_store(path: Path, n: int) -> Path:
    """Slices of noise, every other one with a mask."""
    image = np.random.default_rng(0).integers(0, 4096, (SIZE_PX, SIZE_PX), dtype=np.uint16)
    with SliceWriter(path) as writer:
        for i in range(n):
            mask = image > 4000 if i % 2 else None  # noqa: PLR2004  (noise, whatever its shape)
            writer.add(Slice(f"figshare/{i}.mat", "figshare", f"{i}", i % 4, image, mask))
    return path


def peak_of_prepare(store: Path) -> float:
    """Bytes."""
    words = ["--slices", str(store), "--prepared", str(store.with_suffix(".prepared.h5"))]
    # Linux counts the memory of whoever starts a program as the program's own: a small one does.
    command = [sys.executable, "-c", LOOK, sys.executable, "stages/prepare.py", *words]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)


if __name__ == "__main__":
    run(__doc__, measure)
