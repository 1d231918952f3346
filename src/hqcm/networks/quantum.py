"""The quantum processing layer (paper 3.3, Fig. 4), computed exactly."""

import math

import torch
from torch import nn

from hqcm.networks.circuit import DenseCircuits, Entangler, HalfKroneckerCircuits, wire_signs
from hqcm.networks.variants import Backend

_MAX_DENSE_QUBITS = 6  # the crossover at any depth, measured: `make bench`


class QuantumLayer(nn.Module):
    r"""Independent variational circuits on amplitude-embedded features.

    Circuit :math:`c` loads its chunk :math:`z_c` of :math:`2^q` values as amplitudes
    (divided by its norm, wire 0 most significant), applies ``depth`` strongly entangling
    layers :math:`U_c(\theta)` and returns :math:`\langle Y_j \rangle` for each wire
    :math:`j`. As :math:`U_c` does not depend on the batch, it is built once a call, turned
    into the eigenbasis of :math:`Y`, and applied to the whole batch as one matrix product
    (`DenseCircuits`, up to six qubits; above, in two halves, `HalfKroneckerCircuits`):

    .. math:: \langle Y_j \rangle = \sum_i s_{ij} |(W^{\otimes q} U_c z_c)_i|^2 / z_c^T z_c

    with :math:`s_{ij} = \pm 1` for bit :math:`j` of :math:`i` and :math:`W` the change of
    basis of one wire.

    Args:
        n_qubits: wires of each circuit, 1 or more.
        depth: entangling layers, 1 or more.
        n_circuits: circuits side by side, 1 or more.
        entangler: two-qubit gate of the ring: ``cnot``, ``cz`` or ``none``.
        backend: ``exact`` (here) or ``pennylane`` (default.qubit); the same numbers.

    Shape:
        - features: ``(batch, n_circuits * 2**n_qubits)``, real, finite, any scale.
        - returns: ``(batch, n_circuits * n_qubits)``, dimensionless, in [-1, 1], circuit by
          circuit.
        - weights (trained): ``(n_circuits, depth, n_qubits, 3)``, radians, the Euler angles
          of PennyLane's ``Rot(phi, theta, omega)``, uniform in [0, 2 pi) at the start.

    Raises:
        ValueError: a size is below 1, or the feature axis has another length.

    Source:
        arXiv:2506.21937v1, section 3.3; entangler layout as
        ``pennylane.StronglyEntanglingLayers`` (Schuld et al., arXiv:1804.00633).

    Deviation:
        D-07: a chunk that is all zero has no direction; its outputs and their gradients
        are 0.
    """

    signs: torch.Tensor

    def __init__(
        self,
        *,
        n_qubits: int,
        depth: int,
        n_circuits: int,
        entangler: Entangler = "cnot",
        backend: Backend = "exact",
    ) -> None:
        super().__init__()
        if min(n_qubits, depth, n_circuits) < 1:
            raise ValueError(
                "n_qubits, depth and n_circuits must be 1 or more; "
                f"got {n_qubits}, {depth} and {n_circuits}"
            )
        self.n_qubits, self.n_circuits = n_qubits, n_circuits
        self.entangler, self.backend = entangler, backend
        self.weights = nn.Parameter(torch.rand(n_circuits, depth, n_qubits, 3) * 2 * math.pi)
        form = DenseCircuits if n_qubits <= _MAX_DENSE_QUBITS else HalfKroneckerCircuits
        self.circuits = form(n_qubits=n_qubits, depth=depth, entangler=entangler)
        # A column of ones sums the squares; twice each: real and imaginary part of an amplitude.
        signs = nn.functional.pad(wire_signs(n_qubits), (0, 1), value=1.0)
        self.register_buffer("signs", signs.repeat_interleave(2, dim=0), persistent=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        n_amplitudes = 2**self.n_qubits
        if features.dim() != 2 or features.shape[1] != self.n_circuits * n_amplitudes:  # noqa: PLR2004  (batch, features)
            raise ValueError(
                f"features must have shape (batch, {self.n_circuits * n_amplitudes}) = "
                f"(batch, {self.n_circuits} circuits x {n_amplitudes} amplitudes); "
                f"got {tuple(features.shape)}"
            )
        chunks = features.view(-1, self.n_circuits, n_amplitudes)
        if self.backend == "pennylane":
            # Two seconds of import, paid only by those who ask for them.
            from hqcm.networks.pennylane_backend import circuit_expectations  # noqa: PLC0415

            return circuit_expectations(chunks, self.weights, self.entangler).flatten(1)
        return self._exact(chunks).flatten(1)  # (batch, n_circuits * n_qubits)

    def _exact(self, chunks: torch.Tensor) -> torch.Tensor:
        """(batch, n_circuits, 2**n_qubits) to (batch, n_circuits, n_qubits)."""
        # Largest magnitude 1, so that squares neither over- nor underflow; all-zero chunks stay so.
        # The expectations do not change with the scale: the factor counts as a constant.
        largest = chunks.detach().abs().amax(dim=-1, keepdim=True)
        scaled = chunks / largest.clamp(min=torch.finfo(chunks.dtype).tiny)
        amplitudes = self.circuits(scaled, self.weights)  # (n_circuits, batch, 2 * N)
        sums = (amplitudes * amplitudes) @ self.signs  # (n_circuits, batch, wires + 1)
        # The circuit is unitary: the last sum is that of the squares that went in. It is 1 or
        # more, or 0 where there is nothing to divide.
        return (sums[..., :-1] / sums[..., -1:].clamp(min=0.5)).transpose(0, 1)
