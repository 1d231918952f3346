"""The whole circuit as one dense matrix: the fastest form up to six qubits."""

from typing import NamedTuple

import torch
from torch import nn

from hqcm.networks.choices import Entangler
from hqcm.networks.circuit import Rotations, entangling_layers, y_basis


class Measured(NamedTuple):
    """A matrix and the weights it was made of."""

    weights: torch.Tensor
    matrix: torch.Tensor


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
        rings[-1] = torch.view_as_complex(y_basis(n_qubits)) @ rings[-1]
        # Three axes: a network that changes to channels_last would reorder four.
        self.register_buffer("rings", torch.view_as_real(rings).flatten(2), persistent=False)
        self._kept: Measured | None = None

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
        if self._kept is None or not torch.equal(self._kept.weights, weights):
            self._kept = Measured(weights.clone(), self._build(weights))
        return self._kept.matrix
