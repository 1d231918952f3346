"""What the circuits cost: gates and depth on a hardware gate set, counted by PennyLane."""

from collections import Counter
from collections.abc import Callable

import pennylane as qp
import torch

from hqcm.hardware.circuits import prepare, to_gate_set, turn_y_to_z
from hqcm.hardware.found import GateCount
from hqcm.networks.choices import Entangler
from hqcm.networks.pennylane_backend import apply_layers


def count_gates(n_qubits: int, depth: int, entangler: Entangler) -> dict[str, GateCount]:
    """Gates of one circuit, part by part and whole; every wire is joined to every other.

    The gates that load amplitudes are as many for any slice, only their angles differ: counted
    are those of amplitudes in general position, none of them zero or the same.
    """
    state = torch.arange(1.0, 2**n_qubits + 1, dtype=torch.float64).sqrt()
    angles = torch.linspace(0.1, 1.0, depth * n_qubits * 3).double().view(depth, n_qubits, 3)
    parts: dict[str, Callable[[], None]] = {
        "loading the amplitudes": lambda: prepare(state, n_qubits),
        "trained layers": lambda: apply_layers(angles, entangler),
        "turning Y to Z": lambda: turn_y_to_z(n_qubits),
    }

    def whole() -> None:
        for part in parts.values():
            part()

    return {name: _count(part) for name, part in {**parts, "whole circuit": whole}.items()}


def _count(part: Callable[[], None]) -> GateCount:
    tape = qp.tape.make_qscript(to_gate_set(part))()
    gates = [gate for gate in tape.operations if gate.name != "GlobalPhase"]
    kinds = Counter(gate.name for gate in gates)
    return GateCount(
        rz=kinds["RZ"],
        ry=kinds["RY"],
        cnot=kinds["CNOT"],
        depth=qp.tape.QuantumScript(gates).graph.get_depth(),
    )
