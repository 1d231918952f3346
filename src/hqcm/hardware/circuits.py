"""The circuits on a PennyLane device, with finite shots or noise after every gate, and their cost.

Noise and cost are those of a small gate set; what it takes to load a slice's numbers counts too.
"""

import inspect
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

import pennylane as qp
import torch
from pennylane.drawer.drawable_layers import drawable_layers

from hqcm.hardware.conditions import Condition, GateCount
from hqcm.hardware.structure import Gate
from hqcm.networks.circuit import Entangler
from hqcm.networks.pennylane_backend import apply_layers

_GATE_SET = ("RZ", "RY", "CNOT")
"""What a machine is taken to have: superconducting and ion ones have these, or a few away."""
_NOISY_GATES = ("RY", "CNOT")
"""RZ is a change of frame that takes no time: McKay et al., Phys. Rev. A 96, 022330 (2017)."""
NOISE_DEVICE = "default.mixed"
_MAX_AT_A_TIME = 1_000_000
"""Shots, or elements of density matrices; devices keep tens of bytes each."""


def run_circuits(
    chunks: torch.Tensor,
    weights: torch.Tensor,
    entangler: Entangler,
    *,
    condition: Condition,
    device: Any,  # noqa: ANN401  (PennyLane has no types)
    n_draws: int = 1,
) -> torch.Tensor:
    r"""Expectations :math:`\langle Y_j \rangle` as a device measures them.

    On each wire RZ, RY turn Y into Z, which the device measures. Depolarising noise acts on
    the circuit in gates of `_GATE_SET`, the loading of the amplitudes included: after every gate
    of `_NOISY_GATES`, on each wire it touches. A readout error flips what is read.

    Args:
        chunks: what is loaded as amplitudes.
        weights: the circuits' angles.
        entangler: two-qubit gate of the rings.
        condition: shots and noise.
        device: from `new_device`; with noise, one that knows channels.
        n_draws: how often all shots are repeated.

    Shape:
        - chunks: ``(batch, n_circuits, 2**n_qubits)``, real, any scale; an all-zero chunk has
          no state to load and gives 0 (D-07).
        - weights: ``(n_circuits, depth, n_qubits, 3)``, radians.
        - returns: ``(n_draws, batch, n_circuits, n_qubits)`` float64; one draw without shots.

    Source:
        arXiv:2506.21937v1, section 3.3; amplitudes loaded by rotations after Möttönen et al.,
        arXiv:quant-ph/0407010.
    """
    n_qubits = weights.shape[2]
    is_zero = (chunks == 0).all(dim=2, keepdim=True)
    states = chunks.double().where(~is_zero, 1.0)
    node = _node(n_qubits, entangler, condition, device, n_draws)
    size = max(1, _MAX_AT_A_TIME // max((condition.shots or 1) * n_draws, 4**n_qubits))
    circuits = []
    for own, angles in zip(states.unbind(1), weights.double(), strict=True):
        parts = [_run(node, part, angles, n_qubits) for part in own.split(size)]
        circuits.append(torch.cat(parts, dim=1))
    return torch.stack(circuits, dim=2).where(~is_zero, 0.0)


def _node(
    n_qubits: int,
    entangler: Entangler,
    condition: Condition,
    device: Any,  # noqa: ANN401  (PennyLane's)
    n_draws: int,
) -> qp.QNode:
    @partial(qp.QNode, device=device, interface="torch", diff_method=None)
    def circuit(state: torch.Tensor, angles: torch.Tensor) -> list[qp.measurements.ExpectationMP]:
        prepare(state, n_qubits)
        apply_layers(angles, entangler)
        _turn_y_to_z(n_qubits)
        for wire in range(n_qubits if condition.readout else 0):
            qp.BitFlip(condition.readout, wires=wire)
        return [qp.expval(qp.PauliZ(wire)) for wire in range(n_qubits)]

    if condition.depolarising:
        noise = {qp.noise.op_in(_NOISY_GATES): partial(_depolarise, condition.depolarising)}
        circuit = qp.add_noise(_to_gate_set(circuit), qp.NoiseModel(noise))
    return qp.set_shots(circuit, condition.shots and ((condition.shots, n_draws),))


def _depolarise(probability: float, gate: qp.operation.Operation, **_: object) -> None:
    for wire in gate.wires:
        qp.DepolarizingChannel(probability, wires=wire)


def _run(node: qp.QNode, states: torch.Tensor, angles: torch.Tensor, n_qubits: int) -> torch.Tensor:
    """(n_draws, batch, n_qubits), however PennyLane nests them."""
    results = node(states, angles)
    draws = results if isinstance(results[0], list | tuple) else [results]
    wires = [torch.as_tensor(wire).double().reshape(-1) for draw in draws for wire in draw]
    return torch.stack(wires).view(len(draws), n_qubits, len(states)).transpose(1, 2)


def new_device(name: str, n_qubits: int, seed: int) -> Any:  # noqa: ANN401  (PennyLane's)
    """A device by its PennyLane name; its shots follow the seed if it takes one.

    Raises:
        ValueError: no such device is installed.
    """
    if name not in qp.plugin_devices:
        raise ValueError(
            "hardware.device must be a PennyLane device that is installed, one of "
            f"{', '.join(sorted(qp.plugin_devices))}; got {name!r}"
        )
    takes_seed = "seed" in inspect.signature(qp.plugin_devices[name].load()).parameters
    return qp.device(name, wires=n_qubits, **({"seed": seed} if takes_seed else {}))


def prepare(state: torch.Tensor, n_qubits: int) -> None:
    """Load amplitudes; wire 0 is the most significant."""
    qp.AmplitudeEmbedding(state, wires=range(n_qubits), normalize=True)


def _turn_y_to_z(n_qubits: int) -> None:
    # Machines measure Z: the y axis turns to x, then to z.
    for wire in range(n_qubits):
        qp.RZ(-torch.pi / 2, wires=wire)
        qp.RY(-torch.pi / 2, wires=wire)


def _to_gate_set(circuit: Callable[..., Any]) -> Any:  # noqa: ANN401  (a quantum function or node)
    """The same circuit in gates of `_GATE_SET`; a readout error is no gate."""
    # A global phase is what a decomposition leaves over; no machine has to do it.
    gates = {*_GATE_SET, "GlobalPhase", "BitFlip"}
    with_cz = qp.transforms.decompose(circuit, gate_set={*gates, "CZ"})
    return qp.transforms.decompose(_exchange_cz(with_cz), gate_set=gates)


@qp.transform
def _exchange_cz(tape: qp.tape.QuantumScript) -> Any:  # noqa: ANN401  (tapes and how to join them)
    """A CZ is a CNOT between Hadamard gates; PennyLane's own rule takes two CNOT."""
    parts = (_as_cnot(gate) if gate.name == "CZ" else [gate] for gate in tape.operations)
    return [tape.copy(operations=[*chain(*parts)])], lambda results: results[0]


def _as_cnot(gate: qp.operation.Operation) -> list[qp.operation.Operation]:
    target = gate.wires[1]
    hadamard = [qp.RZ(torch.pi, target), qp.RY(torch.pi / 2, target)]
    return [*hadamard, qp.CNOT(gate.wires), *hadamard]


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
        "turning Y to Z": lambda: _turn_y_to_z(n_qubits),
    }

    def whole() -> None:
        for part in parts.values():
            part()

    return {name: _count(part) for name, part in {**parts, "whole circuit": whole}.items()}


def _count(part: Callable[[], None]) -> GateCount:
    tape = qp.tape.make_qscript(_to_gate_set(part))()
    gates = [gate for gate in tape.operations if gate.name != "GlobalPhase"]
    kinds = Counter(gate.name for gate in gates)
    depth = qp.tape.QuantumScript(gates).graph.get_depth()
    return GateCount(rz=kinds["RZ"], ry=kinds["RY"], cnot=kinds["CNOT"], depth=depth)


def lay_out(n_qubits: int, depth: int, entangler: Entangler) -> list[list[Gate]]:
    """The gates of one circuit in the columns in which PennyLane draws them, and what is read."""

    def circuit() -> None:
        prepare(torch.ones(2**n_qubits), n_qubits)
        apply_layers(torch.ones(depth, n_qubits, 3), entangler)

    drawn = {"AmplitudeEmbedding", "Rot", "CNOT", "CZ"}
    tape = qp.tape.make_qscript(qp.transforms.decompose(circuit, gate_set=drawn))()
    columns = [
        [Gate(name=gate.name, wires=[*gate.wires]) for gate in column]
        for column in drawable_layers(tape.operations)
    ]
    return [*columns, [Gate(name="expval(PauliY)", wires=[wire]) for wire in range(n_qubits)]]
