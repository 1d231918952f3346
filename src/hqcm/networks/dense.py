"""The whole circuit as one dense matrix; the fastest form up to six qubits."""

import torch

from hqcm.networks.circuit import rotation_matrices


def measured_unitary(
    weights: torch.Tensor, rings: torch.Tensor, ring_signs: torch.Tensor, basis: torch.Tensor
) -> torch.Tensor:
    r"""The circuits' unitaries, turned into the measured basis.

    :math:`W^{\otimes q} E_d R_d \cdots E_1 R_1` with :math:`R_l` the Kronecker product of
    layer :math:`l`'s rotations and :math:`E_l` its entangling ring.

    Shape:
        - weights: ``(n_circuits, depth, n_qubits, 3)``, radians.
        - rings, ring_signs: ``(depth, N)`` with ``N = 2**n_qubits``, from `entangling_layers`.
        - basis: ``(N, N, 2)``, from `basis_change`.
        - returns: ``(n_circuits, N, N)``, complex.
    """
    rotations = rotation_matrices(weights)  # (n_circuits, depth, n_qubits, 2, 2)
    layers = kronecker(rotations)  # (n_circuits, depth, N, N)
    unitary = torch.view_as_complex(basis.to(weights.dtype))
    for layer in reversed(range(weights.shape[1])):
        # The ring on the left of a layer is a permutation of that layer's rows.
        entangled = layers[:, layer, rings[layer]] * ring_signs[layer, :, None]
        unitary = unitary @ entangled
    return unitary


def kronecker(matrices: torch.Tensor) -> torch.Tensor:
    """Kronecker product over the wires; wire 0 is the most significant.

    Shape:
        - matrices: ``(..., n_qubits, 2, 2)``.
        - returns: ``(..., 2**n_qubits, 2**n_qubits)``.
    """
    product, *others = matrices.unbind(-3)
    for matrix in others:
        joined = product[..., :, None, :, None] * matrix[..., None, :, None, :]
        product = joined.flatten(-4, -3).flatten(-2, -1)
    return product
