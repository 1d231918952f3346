"""What a circuit is made of: rotations, entangling rings, the measured basis."""

import functools

import torch
from torch import nn

from hqcm.networks.choices import Entangler


class Rotations(nn.Module):
    r"""One layer's rotations ``Rot(phi, theta, omega) = RZ(omega) RY(theta) RZ(phi)``.

    The paper writes :math:`R_{rot} = R_z(\theta_1) R_y(\theta_2) R_z(\theta_3)`, so
    :math:`(\theta_3, \theta_2, \theta_1) = (\phi, \theta, \omega)`. All wires together,

    .. math::
        R_z(a)^{\otimes} = \mathrm{diag}_i \exp(-\tfrac{i}{2} \textstyle\sum_j s_{ij} a_j),
        \qquad R_y(a)^{\otimes} = W^\dagger R_z(a)^{\otimes} W,

    with :math:`s_{ij} = \pm 1` for bit :math:`j` of basis state :math:`i` and :math:`W` the
    change to the eigenbasis of :math:`Y`: three diagonals and a constant do for any number of
    wires what would take a product of 2 x 2 matrices a wire.

    Args:
        n_wires: wires rotated together, 1 or more.

    Shape:
        - weights: ``(..., n_wires, 3)``, radians.
        - returns: ``(..., 2**n_wires, 2**n_wires)``, complex.

    Source:
        arXiv:2506.21937v1, section 3.3, equations of :math:`R_{rot}, R_z, R_y`.
    """

    minus_half_signs: torch.Tensor
    to_y: torch.Tensor
    from_y: torch.Tensor

    def __init__(self, n_wires: int) -> None:
        super().__init__()
        signs = wire_signs(n_wires).T / -2
        self.register_buffer("minus_half_signs", signs, persistent=False)
        to_y = y_basis(n_wires)
        self.register_buffer("to_y", to_y, persistent=False)
        # Inverse of the scaled unitary; a power of two divides exactly.
        from_y = to_y.transpose(0, 1) * torch.tensor([1, -1]) / len(to_y)
        self.register_buffer("from_y", from_y.contiguous(), persistent=False)

    def forward(self, weights: torch.Tensor) -> torch.Tensor:
        angles = weights.transpose(-1, -2) @ self.minus_half_signs  # (..., 3, N)
        phi, theta, omega = torch.complex(angles.cos(), angles.sin()).unbind(-2)
        to_y, from_y = torch.view_as_complex(self.to_y), torch.view_as_complex(self.from_y)
        about_y = from_y @ (theta[..., :, None] * to_y)
        return omega[..., :, None] * about_y * phi[..., None, :]


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


def y_basis(n_qubits: int) -> torch.Tensor:
    r"""Turns the eigenbasis of :math:`Y` on every wire into the computational basis.

    It is :math:`\sqrt{2^q}` times the unitary :math:`W^{\otimes q}`: so its elements are
    1, i, -1 or -i, which every precision holds exactly.

    Shape:
        - returns: ``(2**n_qubits, 2**n_qubits, 2)``, real and imaginary part last (a real
          buffer keeps its imaginary part when a module changes its dtype).
    """
    one_wire = torch.tensor([[1, -1j], [1, 1j]])
    return torch.view_as_real(functools.reduce(torch.kron, [one_wire] * n_qubits)).clone()


def wire_signs(n_qubits: int) -> torch.Tensor:
    """``(2**n_qubits, n_qubits)``: +1 where the wire's bit of the basis state is 0, else -1."""
    states = torch.arange(2**n_qubits)
    bits = [_bit(states, wire, n_qubits) for wire in range(n_qubits)]
    return 1.0 - 2.0 * torch.stack(bits, dim=1)


def _bit(states: torch.Tensor, wire: int, n_qubits: int) -> torch.Tensor:
    """The wire's bit of each basis state; wire 0 is the most significant."""
    return (states >> (n_qubits - 1 - wire)) & 1
