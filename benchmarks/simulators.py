"""Other simulators that PyTorch differentiates, each computing the circuits of the quantum layer.

Each with the fused rotation and the batch axis that it has, in complex64. A function raises
ImportError where its package is absent; requirements-peers.txt pins them.
"""

from collections.abc import Callable

import torch

N_QUBITS, DEPTH, N_CIRCUITS = 5, 2, 5  # Table 3
WIRES = range(N_QUBITS)
# <Y> of each wire, (n, n_qubits), from amplitudes (n, 2**n_qubits) of unit norm and angles
# (n, depth, n_qubits, 3): a circuit of its own for every state.
Simulator = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def ring(layer: int) -> list[tuple[int, int]]:
    """Control and target of each CNOT of a strongly entangling layer."""
    return [(wire, (wire + layer % (N_QUBITS - 1) + 1) % N_QUBITS) for wire in WIRES]


def pyqtorch() -> Simulator:
    """One circuit; parameters by name, the batch as last axis."""
    import pyqtorch as pyq  # noqa: PLC0415  (a peer may be absent)

    gates, names = [], []
    for layer in range(DEPTH):
        for wire in WIRES:
            angle_names = [f"{angle} {layer} {wire}" for angle in ("phi", "theta", "omega")]
            gates.append(pyq.U(wire, *angle_names))
            names += angle_names
        gates += [pyq.CNOT(*wires) for wires in ring(layer)]
    circuit = pyq.QuantumCircuit(N_QUBITS, gates).to(dtype=torch.complex64)
    observables = [pyq.Observable(pyq.Y(wire)).to(dtype=torch.complex64) for wire in WIRES]

    def simulate(states: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        values = dict(zip(names, angles.flatten(1).unbind(1), strict=True))
        start = states.T.to(torch.complex64).reshape(*[2] * N_QUBITS, -1)
        end = pyq.run(circuit, start, values)
        return torch.stack([observable.expectation(end) for observable in observables], dim=1)

    return simulate


def deepquantum() -> Simulator:
    """One circuit whose every angle is encoded data; the batch goes through torch's vmap."""
    import deepquantum as dq  # noqa: PLC0415  (a peer may be absent)

    circuit = dq.QubitCircuit(N_QUBITS)
    for layer in range(DEPTH):
        for wire in WIRES:
            circuit.u3(wire, encode=True)
        for wires in ring(layer):
            circuit.cnot(*wires)
    for wire in WIRES:
        circuit.observable(wire, basis="y")

    def simulate(states: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        # Rot(phi, theta, omega) is U3(theta, omega, phi) but for a phase of the whole state.
        circuit(angles[..., [1, 2, 0]].flatten(1), states.to(torch.complex64).unsqueeze(-1))
        return circuit.expectation()

    return simulate


def torchquantum() -> Simulator:
    """Gates called on a device that holds the batch."""
    import torchquantum as tq  # noqa: PLC0415  (a peer may be absent)

    def simulate(states: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        device = tq.QuantumDevice(N_QUBITS, bsz=len(states))
        device.set_states(states.to(torch.complex64))
        for layer in range(DEPTH):
            for wire in WIRES:
                device.rot(wires=wire, params=angles[:, layer, wire])
            for wires in ring(layer):
                device.cnot(wires=list(wires))
        return tq.measurement.expval(device, list(WIRES), [tq.PauliY()] * N_QUBITS)

    return simulate


def tensorcircuit() -> Simulator:
    """One state's circuit under the backend's vmap."""
    import tensorcircuit as tc  # noqa: PLC0415  (a peer may be absent)

    backend = tc.set_backend("pytorch")

    def simulate_one(state: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        circuit = tc.Circuit(N_QUBITS, inputs=state.to(torch.complex64))
        for layer in range(DEPTH):
            for wire in WIRES:
                phi, theta, omega = angles[layer, wire].unbind()
                circuit.u(wire, theta=theta, phi=omega, lbd=phi)
            for wires in ring(layer):
                circuit.cnot(*wires)
        return torch.stack([circuit.expectation_ps(y=[wire]).real for wire in WIRES])

    return backend.vmap(simulate_one, vectorized_argnums=(0, 1))


PEERS: dict[str, Callable[[], Simulator]] = {
    "PyQTorch": pyqtorch,
    "DeepQuantum": deepquantum,
    "TorchQuantum": torchquantum,
    "TensorCircuit-NG": tensorcircuit,
}
