"""The quantum layer as PennyLane can compute it, beside ours and a plain fully connected one."""

from collections.abc import Callable
from functools import partial

import pennylane as qp
import torch
from torch import nn

from hqcm.networks.quantum import QuantumLayer

Layer = Callable[[torch.Tensor], torch.Tensor]


def contestants(n_qubits: int, depth: int, n_circuits: int) -> dict[str, Layer]:
    """Ours, PennyLane as the paper's authors had it, PennyLane folded, and a linear layer."""
    layer = partial(QuantumLayer, n_qubits=n_qubits, depth=depth, n_circuits=n_circuits)
    ours = layer()
    return {
        "QuantumLayer": ours,
        "PennyLane": layer(backend="pennylane"),
        "PennyLane folded": folded(ours.weights),
        "Linear": nn.Linear(n_circuits * 2**n_qubits, n_circuits * n_qubits),
    }


def folded(weights: torch.Tensor) -> Layer:
    """All circuits in one QNode on default.qubit, side by side along its batch axis."""
    n_circuits, _, n_qubits, _ = weights.shape
    wires = range(n_qubits)

    @qp.qnode(qp.device("default.qubit", wires=n_qubits), interface="torch", diff_method="backprop")
    def circuit(state: torch.Tensor, angles: torch.Tensor) -> list[qp.measurements.ExpectationMP]:
        qp.AmplitudeEmbedding(state, wires=wires, normalize=True)
        for layer, turns in enumerate(angles):
            for wire in wires:
                qp.Rot(*turns[wire], wires=wire)
            for wire in wires if n_qubits > 1 else ():
                qp.CNOT([wire, (wire + layer % (n_qubits - 1) + 1) % n_qubits])
        return [qp.expval(qp.PauliY(wire)) for wire in wires]

    def forward(features: torch.Tensor) -> torch.Tensor:
        batch = len(features)
        angles = weights.permute(1, 2, 3, 0).repeat(1, 1, 1, batch)  # (depth, wires, 3, states)
        expectations = circuit(features.reshape(batch * n_circuits, -1), angles)
        return torch.stack(expectations, dim=1).view(batch, -1).to(features.dtype)

    return forward


def lightning(weights: torch.Tensor) -> Layer:
    """lightning.qubit with the adjoint method, which takes one state at a time."""
    n_qubits = weights.shape[2]
    wires = range(n_qubits)

    @qp.qnode(
        qp.device("lightning.qubit", wires=n_qubits), interface="torch", diff_method="adjoint"
    )
    def circuit(state: torch.Tensor, angles: torch.Tensor) -> list[qp.measurements.ExpectationMP]:
        qp.AmplitudeEmbedding(state, wires=wires, normalize=True)
        qp.StronglyEntanglingLayers(angles, wires=wires)
        return [qp.expval(qp.PauliY(wire)) for wire in wires]

    def forward(features: torch.Tensor) -> torch.Tensor:
        chunks = features.view(len(features), len(weights), -1)
        rows = []
        for slice_chunks in chunks:
            pairs = zip(slice_chunks, weights, strict=True)
            rows.append(torch.cat([torch.stack(circuit(*pair)) for pair in pairs]))
        return torch.stack(rows).to(features.dtype)

    return forward


def both_ways(layer: Layer, batch: int, width: int) -> Callable[[], object]:
    """Forward and backward, to the features and to the weights."""
    features = torch.rand(batch, width, requires_grad=True)

    def step() -> None:
        features.grad = None
        layer(features).sum().backward()

    return step
