"""The quantum layer against PennyLane and against a fully connected layer."""

import torch

from circuits import both_ways, contestants, lightning
from measurement import Curves, Measurement, Ratio, Table, run
from timing import Times, alternate, milliseconds, paired_ratio, spread

PAPER = (5, 2, 5)  # qubits, depth, circuits (Table 3)
BATCHES = (1, 64, 1024)
QUBITS = range(2, 13)
DEPTHS = (1, 2, 4, 6, 8)
CIRCUITS = (1, 2, 5, 8, 16)
# The dearest contestant takes seconds at 12 qubits.
LARGEST_PENNYLANE_QUBITS = 10


def measure() -> Measurement:
    """Batches at the paper's size, then each size alone at batch 64."""
    torch.manual_seed(0)
    times = {batch: at_size(PAPER, batch, rounds=25) for batch in BATCHES}
    sweeps = [
        sweep("qubits", {n: (n, 2, 5) for n in QUBITS}),
        sweep("depth", {d: (5, d, 5) for d in DEPTHS}),
        sweep("circuits", {c: (5, 2, c) for c in CIRCUITS}),
    ]
    return Measurement(
        title="Quantum layer",
        how="Forward and backward, float32; 5 circuits x 5 qubits x depth 2 unless an axis says "
        "otherwise. PennyLane: default.qubit, backprop, one QNode a circuit, batch broadcast; "
        "folded: all circuits in one QNode.",
        tables=[_table(times)],
        curves=sweeps,
        ratios=[
            _ratio(times[64], "PennyLane", 45.0),
            _ratio(times[64], "PennyLane folded", 4.0),
        ],
    )


def at_size(size: tuple[int, int, int], batch: int, rounds: int) -> Times:
    """Seconds of every contestant that can stand this size."""
    n_qubits, depth, n_circuits = size
    width = n_circuits * 2**n_qubits
    layers = contestants(n_qubits, depth, n_circuits)
    if size == PAPER and batch == 1:
        layers["lightning.qubit"] = lightning(layers["QuantumLayer"].weights)  # type: ignore[attr-defined]
    if n_qubits > LARGEST_PENNYLANE_QUBITS:
        layers = {"QuantumLayer": layers["QuantumLayer"], "Linear": layers["Linear"]}
    steps = {name: both_ways(layer, batch, width) for name, layer in layers.items()}
    return alternate(steps, rounds, seconds=20)


def sweep(axis: str, sizes: dict[int, tuple[int, int, int]]) -> Curves:
    """Milliseconds at batch 64 against one size."""
    series: dict[str, list[tuple[float, float]]] = {}
    for value, size in sizes.items():
        for name, times in at_size(size, 64, rounds=3).items():
            series.setdefault(name, []).append((value, 1e3 * spread(times)[1]))
    return Curves(f"Quantum layer against {axis}", axis, "ms, forward and backward", series)


def _table(times: dict[int, Times]) -> Table:
    names = list(dict.fromkeys(name for at in times.values() for name in at))
    rows = [
        [name, *(milliseconds(at[name]) if name in at else "-" for at in times.values())]
        for name in names
    ]
    columns = ["contestant", *(f"batch {batch}, ms" for batch in times)]
    return Table("Median (quartiles):", columns, rows)


def _ratio(times: Times, of: str, floor: float) -> Ratio:
    return Ratio(
        f"{of} / QuantumLayer, batch 64", *paired_ratio(times[of], times["QuantumLayer"]), floor
    )


if __name__ == "__main__":
    run(__doc__, measure)
