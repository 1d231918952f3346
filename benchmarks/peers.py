"""The quantum layer against other simulators that PyTorch differentiates (requirements-peers)."""

import torch

from circuits import Layer, both_ways
from hqcm.networks.quantum import QuantumLayer
from measurement import Measurement, Ratio, Table, run
from simulators import DEPTH, N_CIRCUITS, N_QUBITS, PEERS, Simulator
from timing import Times, alternate, milliseconds, paired_ratio

WIDTH = N_CIRCUITS * 2**N_QUBITS
BATCHES = (1, 64, 1024)
TOLERANCE = 1e-4  # float32: rounding is 1e-6 to 1e-5, another circuit 1e-1


def measure() -> Measurement:
    """Compare with every peer that is there; time those that compute the same."""
    torch.manual_seed(0)
    ours = QuantumLayer(n_qubits=N_QUBITS, depth=DEPTH, n_circuits=N_CIRCUITS)
    layers: dict[str, Layer] = {"QuantumLayer": ours}
    skipped = []
    for name, peer in PEERS.items():
        try:
            layer = folded(peer(), ours.weights)
        except ImportError as error:
            skipped.append(f"{name}: not installed, see requirements-peers.txt ({error})")
            continue
        difference = largest_difference(ours, layer, ours.weights)
        if difference <= TOLERANCE:
            layers[name] = layer
        else:
            skipped.append(f"{name}: differs from QuantumLayer by {difference:.1e}, not timed")
    times = {batch: at_batch(layers, batch) for batch in BATCHES} if len(layers) > 1 else {}
    return Measurement(
        title="Quantum layer against other simulators",
        how="Forward and backward, float32; 5 circuits x 5 qubits x depth 2. Each simulator takes "
        "all circuits of a batch along its own batch axis and is timed only if outputs and "
        f"gradients agree with ours to {TOLERANCE:g}.",
        tables=[_table(times)] if times else [],
        ratios=[_ratio(at, name, b) for b, at in times.items() for name in at if name in PEERS],
        skipped=skipped,
    )


def folded(simulator: Simulator, weights: torch.Tensor) -> Layer:
    """The layer a simulator makes, its circuits side by side along the batch."""

    def forward(features: torch.Tensor) -> torch.Tensor:
        chunks = features.view(-1, 2**N_QUBITS)  # (batch * n_circuits, amplitudes)
        states = chunks / chunks.norm(dim=1, keepdim=True)
        angles = weights.repeat(len(features), 1, 1, 1)  # (batch * n_circuits, depth, wires, 3)
        return simulator(states, angles).view(len(features), -1)

    return forward


def largest_difference(ours: Layer, theirs: Layer, weights: torch.Tensor) -> float:
    """Of the outputs and of the gradients to weights and features; NaN counts as infinite."""
    features = torch.randn(4, WIDTH, requires_grad=True)
    cotangent = torch.randn(4, N_CIRCUITS * N_QUBITS)
    values = []
    for layer in (ours, theirs):
        outputs = layer(features)
        gradients = torch.autograd.grad(outputs, (weights, features), cotangent)
        values.append([outputs, *gradients])
    gaps = [(a - b).detach().abs().max() for a, b in zip(*values, strict=True)]
    return float(torch.stack(gaps).nan_to_num(nan=torch.inf).max())


def at_batch(layers: dict[str, Layer], batch: int) -> Times:
    """Seconds of every layer."""
    steps = {name: both_ways(layer, batch, WIDTH) for name, layer in layers.items()}
    return alternate(steps, rounds=15, seconds=20)


def _table(times: dict[int, Times]) -> Table:
    columns = ["contestant", *(f"batch {batch}, ms" for batch in times)]
    rows = [[name, *(milliseconds(at[name]) for at in times.values())] for name in times[64]]
    return Table("Median (quartiles):", columns, rows)


def _ratio(times: Times, name: str, batch: int) -> Ratio:
    return Ratio(
        f"QuantumLayer against {name}, batch {batch}",
        *paired_ratio(times[name], times["QuantumLayer"]),
    )


if __name__ == "__main__":
    run(__doc__, measure)
