"""What a circuit does to a batch of states, in two forms, and what both are made of.

As one dense matrix it is fastest up to six qubits, layer by layer in two halves from seven on.
"""

import functools
from typing import Literal

import torch
from torch import nn

Entangler = Literal["cnot", "cz", "none"]


class DenseCircuits(nn.Module):
    r"""Circuits that are built once a call and applied to the whole batch as one product.

    :math:`W^{\otimes q} E_d R_d \cdots E_1 R_1` with :math:`R_l` layer :math:`l`'s
    rotations, :math:`E_l` its entangling ring and :math:`W` the change to the measured basis.
    Without gradients the product is kept until the weights change.

    Args:
        n_qubits: wires of each circuit.
        depth: entangling layers.
        entangler: two-qubit gate of the ring.

    Shape:
        - chunks: ``(batch, n_circuits, 2**n_qubits)``, real.
        - weights: ``(n_circuits, depth, n_qubits, 3)``, radians.
        - returns: ``(n_circuits, batch, 2 * 2**n_qubits)``: real and imaginary part, one
          after the other, of :math:`\sqrt{2^q}` times each amplitude in the basis of Y.
    """

    rings: torch.Tensor

    def __init__(self, *, n_qubits: int, depth: int, entangler: Entangler) -> None:
        super().__init__()
        self.rotations = Rotations(n_qubits)
        rows, signs = entangling_layers(n_qubits, depth, entangler)
        identity = torch.eye(2**n_qubits, dtype=torch.complex64)
        rings = identity[rows] * signs[:, :, None]  # (depth, N, N)
        rings[-1] = torch.view_as_complex(_y_basis(n_qubits)) @ rings[-1]
        # Three axes: a network that changes to channels_last would reorder four.
        self.register_buffer("rings", torch.view_as_real(rings).flatten(2), persistent=False)
        self._kept: tuple[torch.Tensor, torch.Tensor] | None = None  # weights and their matrix

    def forward(self, chunks: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        matrix = self._build(weights) if torch.is_grad_enabled() else self._keep(weights)
        return chunks.transpose(0, 1) @ matrix

    def _build(self, weights: torch.Tensor) -> torch.Tensor:
        """(n_circuits, N, 2 * N), ready for real amplitudes on its left."""
        rings = torch.view_as_complex(self.rings.unflatten(2, (-1, 2)))
        layers = rings @ self.rotations(weights)
        product, *others = layers.unbind(1)  # each (n_circuits, N, N)
        for layer in others:
            product = layer @ product
        return torch.view_as_real(product.mT.contiguous()).flatten(2)

    def _keep(self, weights: torch.Tensor) -> torch.Tensor:
        if not weights.is_cpu:
            # To compare would wait for the device; to build is a few launches ahead of it.
            return self._build(weights)
        if self._kept is None or not torch.equal(self._kept[0], weights):
            self._kept = weights.clone(), self._build(weights)
        return self._kept[1]


class HalfKroneckerCircuits(nn.Module):
    r"""Circuits whose states are carried through layer by layer.

    A layer's rotations are a Kronecker product :math:`A \otimes B` over the first and the last
    wires, and :math:`(A \otimes B)\,\psi` is :math:`A \Psi B^T` with the state laid out as a
    matrix: two small products where the dense form has one that is too large.

    Args and shapes are those of `DenseCircuits`.
    """

    rows: torch.Tensor
    signs: torch.Tensor

    def __init__(self, *, n_qubits: int, depth: int, entangler: Entangler) -> None:
        super().__init__()
        self.n_first = n_qubits // 2
        self.first = Rotations(self.n_first)
        self.last = Rotations(n_qubits - self.n_first)
        rows, signs = entangling_layers(n_qubits, depth, entangler)
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("signs", signs, persistent=False)
        self.entangler = entangler

    def forward(self, chunks: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        first = self.first(weights[:, :, : self.n_first])  # (n_circuits, depth, F, F)
        last = self.last(weights[:, :, self.n_first :])  # (n_circuits, depth, L, L)
        state = torch.complex(chunks, torch.zeros_like(chunks)).transpose(0, 1)
        for layer, (rows, signs) in enumerate(zip(self.rows, self.signs, strict=True)):
            state = _turn(state, first[:, layer], last[:, layer])
            if self.entangler == "cnot":
                state = state.index_select(2, rows)
            elif self.entangler == "cz":
                state = state * signs
        to_y = (torch.view_as_complex(half.to_y) for half in (self.first, self.last))
        return torch.view_as_real(_turn(state, *to_y)).flatten(2)


def _turn(state: torch.Tensor, first: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
    r""":math:`A \Psi B^T` of every state ``(n_circuits, batch, F * L)``, A and B a circuit each."""
    n_circuits, batch, _ = state.shape
    n_first, n_last = first.shape[-1], last.shape[-1]
    turned = state.reshape(n_circuits, batch * n_first, n_last) @ last.mT
    return (first.unsqueeze(-3) @ turned.view(n_circuits, batch, n_first, n_last)).flatten(2)


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
        to_y = _y_basis(n_wires)
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


def _y_basis(n_qubits: int) -> torch.Tensor:
    r"""Turns the eigenbasis of :math:`Y` on every wire into the computational basis.

    It is :math:`\sqrt{2^q}` times the unitary :math:`W^{\otimes q}`: so its elements are
    1, i, -1 or -i, which every precision holds exactly. Real and imaginary part stand last, for
    a real buffer keeps both when a module changes its dtype.
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
