"""Layer by layer on the batch, half of the wires at a time: from seven qubits on."""

import torch
from torch import nn

from hqcm.networks.choices import Entangler
from hqcm.networks.circuit import Rotations, entangling_layers


class HalfKroneckerCircuits(nn.Module):
    r"""Circuits whose states are carried through layer by layer.

    A layer's rotations are a Kronecker product :math:`A \otimes B` over the first and the last
    wires, and :math:`(A \otimes B)\,\psi` is :math:`A \Psi B^T` with the state laid out as a
    matrix: two small products where the dense form has one that is too large.

    Args:
        n_qubits: wires of each circuit.
        depth: entangling layers.
        entangler: two-qubit gate of the ring.

    Shape:
        As `hqcm.networks.dense.DenseCircuits`.
    """

    rows: torch.Tensor
    signs: torch.Tensor
    first_to_y: torch.Tensor
    last_to_y: torch.Tensor

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
            state = both_halves(state, first[:, layer], last[:, layer])
            state = self._entangle(state, rows, signs)
        to_y = (torch.view_as_complex(half.to_y) for half in (self.first, self.last))
        measured = both_halves(state, *to_y)
        return torch.view_as_real(measured).flatten(2)

    def _entangle(
        self, state: torch.Tensor, rows: torch.Tensor, signs: torch.Tensor
    ) -> torch.Tensor:
        if self.entangler == "cnot":
            return state.index_select(2, rows)
        return state * signs if self.entangler == "cz" else state


def both_halves(state: torch.Tensor, first: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
    r""":math:`A \Psi B^T` of every state.

    Shape:
        - state: ``(n_circuits, batch, F * L)``.
        - first, last: ``(n_circuits, F, F)`` and ``(n_circuits, L, L)``, or without circuits.
        - returns: as state.
    """
    n_circuits, batch, _ = state.shape
    n_first, n_last = first.shape[-1], last.shape[-1]
    turned = state.reshape(n_circuits, batch * n_first, n_last) @ last.mT
    return (first.unsqueeze(-3) @ turned.view(n_circuits, batch, n_first, n_last)).flatten(2)
