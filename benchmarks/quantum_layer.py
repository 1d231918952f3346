"""The quantum layer against PennyLane and a fully connected layer, and its two forms by size."""

from collections.abc import Callable

import pennylane as qp
import torch
from torch import nn

from hqcm.networks.circuit import DenseCircuits, HalfKroneckerCircuits
from hqcm.networks.quantum import QuantumLayer
from measurement import Measurement, Ratio, Table, Times, alternate, milliseconds, paired_ratio, run

N_QUBITS, DEPTH, N_CIRCUITS = 5, 2, 5  # Table 3
BATCHES = (1, 64, 1024)
SIZES = range(4, 10)  # qubits, on both sides of the crossover
FORMS: dict[str, type[DenseCircuits] | type[HalfKroneckerCircuits]] = {
    "dense": DenseCircuits,
    "two halves": HalfKroneckerCircuits,
}

Layer = Callable[[torch.Tensor], torch.Tensor]


def measure() -> Measurement:
    """Every contestant at each batch, then both forms at each size."""
    torch.manual_seed(0)
    times = {batch: time_batch(batch) for batch in BATCHES}
    ours, pennylane, folded = (times[64][name] for name in list(times[64])[:3])
    return Measurement(
        title="Quantum layer",
        how="Forward and backward, float32; 5 circuits x 5 qubits x depth 2. PennyLane: "
        "default.qubit, backprop, one QNode a circuit, batch broadcast; folded: all circuits in "
        "one QNode.",
        tables=[
            _table("contestant", {f"batch {batch}, ms": at for batch, at in times.items()}),
            _table("form, batch 64", {f"{n} qubits, ms": time_forms(n) for n in SIZES}),
        ],
        ratios=[
            Ratio("PennyLane / QuantumLayer, batch 64", *paired_ratio(pennylane, ours), 45.0),
            Ratio("PennyLane folded / QuantumLayer, batch 64", *paired_ratio(folded, ours), 4.0),
        ],
    )


def time_batch(batch: int) -> Times:
    """Seconds of ours, PennyLane as the authors had it, folded, and a linear layer."""
    ours = new_layer(N_QUBITS)
    layers: dict[str, Layer] = {
        "QuantumLayer": ours,
        "PennyLane": new_layer(N_QUBITS, backend="pennylane"),
        "PennyLane folded": fold(ours.weights),
        "Linear": nn.Linear(N_CIRCUITS * 2**N_QUBITS, N_CIRCUITS * N_QUBITS),
    }
    steps = {name: both_ways(layer, batch, N_QUBITS) for name, layer in layers.items()}
    return alternate(steps, rounds=25, seconds=20)


def time_forms(n_qubits: int) -> Times:
    """Seconds of the layer in each form, batch 64."""
    steps = {}
    for name, form in FORMS.items():
        layer = new_layer(n_qubits)
        layer.circuits = form(n_qubits=n_qubits, depth=DEPTH, entangler="cnot")
        steps[name] = both_ways(layer, 64, n_qubits)
    return alternate(steps, rounds=9, seconds=5)


def new_layer(n_qubits: int, **choices: object) -> QuantumLayer:
    """At the paper's depth and number of circuits."""
    return QuantumLayer(n_qubits=n_qubits, depth=DEPTH, n_circuits=N_CIRCUITS, **choices)  # type: ignore[arg-type]


def fold(weights: torch.Tensor) -> Layer:
    """All circuits in one QNode on default.qubit, side by side along its batch axis."""
    n_circuits, _, n_qubits, _ = weights.shape
    wires = range(n_qubits)

    @qp.qnode(qp.device("default.qubit", wires=n_qubits), interface="torch", diff_method="backprop")
    def circuit(state: torch.Tensor, angles: torch.Tensor) -> list[qp.measurements.ExpectationMP]:
        qp.AmplitudeEmbedding(state, wires=wires, normalize=True)
        for layer, turns in enumerate(angles):
            for wire in wires:
                qp.Rot(*turns[wire], wires=wire)
            for wire in wires:
                qp.CNOT([wire, (wire + layer % (n_qubits - 1) + 1) % n_qubits])
        return [qp.expval(qp.PauliY(wire)) for wire in wires]

    def forward(features: torch.Tensor) -> torch.Tensor:
        batch = len(features)
        angles = weights.permute(1, 2, 3, 0).repeat(1, 1, 1, batch)  # (depth, wires, 3, states)
        expectations = circuit(features.reshape(batch * n_circuits, -1), angles)
        return torch.stack(expectations, dim=1).view(batch, -1).to(features.dtype)

    return forward


def both_ways(layer: Layer, batch: int, n_qubits: int) -> Callable[[], object]:
    """Forward and backward, to the features and to the weights."""
    features = torch.rand(batch, N_CIRCUITS * 2**n_qubits, requires_grad=True)

    def step() -> None:
        features.grad = None
        layer(features).sum().backward()

    return step


def _table(what: str, times: dict[str, Times]) -> Table:
    names = next(iter(times.values()))
    rows = [[name, *(milliseconds(at[name]) for at in times.values())] for name in names]
    return Table("Median (quartiles):", [what, *times], rows)


if __name__ == "__main__":
    run(__doc__, measure)
