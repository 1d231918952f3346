"""The same circuits through PennyLane: the check on `quantum`, and its slower stand-in."""

import pennylane as qp
import torch

from hqcm.networks.circuit import Entangler

_GATES = {"cnot": qp.CNOT, "cz": qp.CZ}


def circuit_expectations(
    chunks: torch.Tensor, weights: torch.Tensor, entangler: Entangler
) -> torch.Tensor:
    r""":math:`\langle Y_j \rangle` of every circuit on ``default.qubit``.

    Shape:
        - chunks: ``(batch, n_circuits, 2**n_qubits)``, real, any scale; an all-zero chunk,
          for which PennyLane returns NaN, gives 0 (D-07).
        - weights: ``(n_circuits, depth, n_qubits, 3)``, radians.
        - returns: ``(batch, n_circuits, n_qubits)``, the dtype of the chunks.

    Source:
        arXiv:2506.21937v1, section 4.2: "implemented via PennyLane".
    """
    is_zero = (chunks == 0).all(dim=2, keepdim=True)
    state = chunks.where(~is_zero, 1.0)
    node = _node(weights.shape[2], entangler)
    circuits = [torch.stack(node(state[:, c], angles), dim=1) for c, angles in enumerate(weights)]
    expectations = torch.stack(circuits, dim=1).to(chunks.dtype)
    return expectations.where(~is_zero, 0.0)


def apply_layers(angles: torch.Tensor, entangler: Entangler) -> None:
    """Queue the trained layers of one circuit; angles ``(depth, n_qubits, 3)``, radians."""
    wires = range(angles.shape[1])
    if entangler == "none":
        for layer in angles:
            for wire in wires:
                qp.Rot(*layer[wire], wires=wire)
    else:
        qp.StronglyEntanglingLayers(angles, wires=wires, imprimitive=_GATES[entangler])


def _node(n_qubits: int, entangler: Entangler) -> qp.QNode:
    wires = range(n_qubits)

    @qp.qnode(qp.device("default.qubit", wires=n_qubits), interface="torch", diff_method="backprop")
    def circuit(state: torch.Tensor, angles: torch.Tensor) -> list[qp.measurements.ExpectationMP]:
        qp.AmplitudeEmbedding(state, wires=wires, normalize=True)
        apply_layers(angles, entangler)
        return [qp.expval(qp.PauliY(wire)) for wire in wires]

    return circuit
