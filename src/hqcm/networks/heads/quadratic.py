"""Free quadratic forms: what the quantum layer is an instance of, without a circuit (D-29)."""

import math

import torch
from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.chunks import directions
from hqcm.networks.variants import QuantumWidth

Params = Section  # no keys of its own


def n_features(width: QuantumWidth) -> int:
    """As many as the quantum layer gives."""
    return width.n_features


def build(_: Section, width: QuantumWidth) -> nn.Module:
    """Forms of the spread that random circuits have."""
    return _QuadraticForms(n_qubits=width.n_qubits, n_circuits=width.n_circuits)


class _QuadraticForms(nn.Module):
    r"""Output :math:`j` of chunk :math:`c` is :math:`z_c^T S_{cj} z_c / z_c^T z_c`.

    A circuit gives just this with :math:`S_{cj} = \mathrm{Re}(U_c^\dagger Y_j U_c)`, for its
    input is real and its unitary :math:`U_c` does not depend on the batch. Here every real
    symmetric :math:`S_{cj}` is allowed and trained.

    Shape:
        - features: ``(batch, n_circuits * 2**n_qubits)``, real, finite, any scale.
        - returns: ``(batch, n_circuits * n_qubits)``, dimensionless, chunk by chunk; in
          [-1, 1] at the start, of any size once trained.
        - weights (trained): ``(n_circuits, n_qubits, N * (N + 1) / 2)`` with
          ``N = 2**n_qubits``: the upper triangles, row by row.

    Source:
        The identity follows from section 3.3 of arXiv:2506.21937v1.

    Deviation:
        D-07 (all-zero chunks give 0), D-29 (initial forms).
    """

    place: torch.Tensor

    def __init__(self, *, n_qubits: int, n_circuits: int) -> None:
        super().__init__()
        self.n_circuits, self.size = n_circuits, 2**n_qubits
        rows, cols = torch.triu_indices(self.size, self.size)
        # Where each element of the symmetric matrix lies in its upper triangle.
        place = torch.empty(self.size, self.size, dtype=torch.int64)
        place[rows, cols] = place[cols, rows] = torch.arange(len(rows))
        self.register_buffer("place", place, persistent=False)
        self.weights = nn.Parameter(_draw_forms(n_circuits, n_qubits)[..., rows, cols])

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        unit = directions(features, self.n_circuits).transpose(0, 1)  # (n_circuits, batch, N)
        forms = self.weights[..., self.place].transpose(1, 2)  # (n_circuits, N, n_qubits, N)
        turned = (unit @ forms.flatten(2)).unflatten(2, (-1, self.size))
        values = (turned * unit[:, :, None]).sum(dim=3)  # (n_circuits, batch, n_qubits)
        return values.transpose(0, 1).flatten(1)


def _draw_forms(n_circuits: int, n_qubits: int) -> torch.Tensor:
    r"""Random symmetric ``(n_circuits, n_qubits, N, N)`` with a random circuit's eigenvalues.

    :math:`Q^T \mathrm{diag}(\lambda) Q` with :math:`\lambda_k = \cos(\pi (k + 1/2) / N)` and
    a random orthogonal :math:`Q`. The real part of a random unitary's
    :math:`U^\dagger Y_j U` has eigenvalues of the arcsine law on [-1, 1], as these: same bounds
    of the outputs, same spread :math:`1 / \sqrt{N + 2}` for random directions.
    """
    size = 2**n_qubits
    eigenvalues = torch.cos(math.pi * (torch.arange(size) + 0.5) / size)
    basis, _ = torch.linalg.qr(torch.randn(n_circuits, n_qubits, size, size))
    return (basis * eigenvalues) @ basis.mT
