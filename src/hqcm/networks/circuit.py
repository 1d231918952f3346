"""What a circuit is made of: rotations, entangling rings, the measured basis."""

import functools

import torch

from hqcm.networks.parameters import Entangler


def rotation_matrices(weights: torch.Tensor) -> torch.Tensor:
    r"""``Rot(phi, theta, omega) = RZ(omega) RY(theta) RZ(phi)`` of every wire.

    The paper writes :math:`R_z(\theta_1) R_y(\theta_2) R_z(\theta_3)`, so
    :math:`(\theta_3, \theta_2, \theta_1) = (\phi, \theta, \omega)`.

    Shape:
        - weights: ``(..., 3)``, radians.
        - returns: ``(..., 2, 2)``, complex.

    Source:
        arXiv:2506.21937v1, section 3.3, equations of :math:`R_{rot}, R_z, R_y`.
    """
    phi, theta, omega = (weights / 2).unbind(-1)
    cosine, sine = torch.cos(theta), torch.sin(theta)
    both, difference = phi + omega, phi - omega
    # Not torch.polar: its gradient is wrong where the radius, here a cosine, is negative.
    diagonal = torch.complex(cosine * torch.cos(both), -cosine * torch.sin(both))
    off_diagonal = torch.complex(sine * torch.cos(difference), -sine * torch.sin(difference))
    rows = [diagonal, -off_diagonal.conj(), off_diagonal, diagonal.conj()]
    return torch.stack(rows, dim=-1).unflatten(-1, (2, 2))


def entangling_layers(
    n_qubits: int, depth: int, entangler: Entangler
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""The rings of two-qubit gates as signed permutations of the basis states.

    Layer :math:`l` has the gates from wire :math:`i` to wire :math:`(i + r) \bmod q` for
    :math:`i = 0 \ldots q - 1` in turn, with range :math:`r = l \bmod (q - 1) + 1`.

    Shape:
        - returns: rows ``(depth, 2**n_qubits)`` int64 and signs ``(depth, 2**n_qubits)``:
          the ring takes a state :math:`\psi` to ``signs * psi[rows]``.

    Source:
        arXiv:2506.21937v1, section 3.3, equation of CNOT;
        ``pennylane.StronglyEntanglingLayers`` for the ranges.
    """
    states = torch.arange(2**n_qubits)
    rows, signs = states.repeat(depth, 1), torch.ones(depth, 2**n_qubits)
    if entangler == "none" or n_qubits == 1:
        return rows, signs
    for layer in range(depth):
        distance = layer % (n_qubits - 1) + 1
        for wire in range(n_qubits):
            control = _bit(states, wire, n_qubits)
            target = (wire + distance) % n_qubits
            if entangler == "cz":
                signs[layer] *= 1 - 2 * control * _bit(states, target, n_qubits)
            else:
                # CNOT is its own inverse, so gathering flips the target where control is 1.
                rows[layer] = rows[layer][states ^ (control << (n_qubits - 1 - target))]
    return rows, signs


def basis_change(n_qubits: int) -> torch.Tensor:
    r"""Turns the eigenbasis of :math:`Y` on every wire into the computational basis.

    Shape:
        - returns: ``(2**n_qubits, 2**n_qubits, 2)``, real and imaginary part last (a real
          buffer keeps its imaginary part when a module changes its dtype).
    """
    one_wire = torch.tensor([[1, -1j], [1, 1j]], dtype=torch.complex128) / 2**0.5
    return torch.view_as_real(functools.reduce(torch.kron, [one_wire] * n_qubits)).clone()


def wire_signs(n_qubits: int) -> torch.Tensor:
    """``(2**n_qubits, n_qubits)``: +1 where the wire's bit of the basis state is 0, else -1."""
    states = torch.arange(2**n_qubits)
    bits = [_bit(states, wire, n_qubits) for wire in range(n_qubits)]
    return 1.0 - 2.0 * torch.stack(bits, dim=1)


def _bit(states: torch.Tensor, wire: int, n_qubits: int) -> torch.Tensor:
    """The wire's bit of each basis state; wire 0 is the most significant."""
    return (states >> (n_qubits - 1 - wire)) & 1
