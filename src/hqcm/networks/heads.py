"""Free quadratic forms: what the quantum layer is an instance of, without a circuit.

Classical layers in the quantum layer's place: the paper's counterpart and the controls.
"""

import math

import torch
from torch import nn

from hqcm.networks.chunks import directions
from hqcm.networks.variants import ClassicalVariant, HybridVariant, QuantumWidth


class QuadraticForms(nn.Module):
    r"""Output :math:`j` of chunk :math:`c` is :math:`z_c^T S_{cj} z_c / z_c^T z_c`.

    A circuit gives just this with :math:`S_{cj} = \mathrm{Re}(U_c^\dagger Y_j U_c)`, for its
    input is real and its unitary :math:`U_c` does not depend on the batch. Here every real
    symmetric :math:`S_{cj}` is allowed and trained.

    Args:
        n_qubits: outputs of a chunk; a chunk has ``2**n_qubits`` values.
        n_circuits: chunks.

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
        forms = draw_forms(n_circuits, n_qubits)
        self.weights = nn.Parameter(forms[..., rows, cols])

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        unit = directions(features, self.n_circuits).transpose(0, 1)  # (n_circuits, batch, N)
        forms = self.weights[..., self.place].transpose(1, 2)  # (n_circuits, N, n_qubits, N)
        turned = (unit @ forms.flatten(2)).unflatten(2, (-1, self.size))
        values = (turned * unit[:, :, None]).sum(dim=3)  # (n_circuits, batch, n_qubits)
        return values.transpose(0, 1).flatten(1)


def draw_forms(n_circuits: int, n_qubits: int) -> torch.Tensor:
    r"""Random forms with the eigenvalues that a random circuit's have.

    :math:`Q^T \mathrm{diag}(\lambda) Q` with :math:`\lambda_k = \cos(\pi (k + 1/2) / N)` and
    a random orthogonal :math:`Q`. The real part of a random unitary's
    :math:`U^\dagger Y_j U` has eigenvalues of the arcsine law on [-1, 1], as these: same bounds
    of the outputs, same spread :math:`1 / \sqrt{N + 2}` for random directions.

    Shape:
        - returns: ``(n_circuits, n_qubits, N, N)`` with ``N = 2**n_qubits``, symmetric.
    """
    size = 2**n_qubits
    eigenvalues = torch.cos(math.pi * (torch.arange(size) + 0.5) / size)
    basis, _ = torch.linalg.qr(torch.randn(n_circuits, n_qubits, size, size))
    return (basis * eigenvalues) @ basis.mT


class Directions(nn.Module):
    """Each chunk divided by its norm: see `directions`; input and output ``(batch, 160)``."""

    def __init__(self, n_circuits: int) -> None:
        super().__init__()
        self.n_circuits = n_circuits

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return directions(features, self.n_circuits).flatten(1)


class CompressedLinear(nn.Module):
    r"""Few weights: :math:`A_c (D z_c) + b_c` for each chunk, :math:`D` fixed, ReLU after it.

    :math:`D` holds the first ``n_coefficients`` rows of the orthonormal cosine transform.
    With :math:`r = 3 d - 1` coefficients the :math:`q (r + 1)` weights of a chunk are as many
    as the :math:`3 d q` angles of a circuit of depth :math:`d`.

    Args:
        n_qubits: outputs of a chunk; a chunk has ``2**n_qubits`` values.
        n_circuits: chunks.
        n_coefficients: what a chunk is compressed to, 1 to ``2**n_qubits``.

    Shape:
        - features: ``(batch, n_circuits * 2**n_qubits)``.
        - returns: ``(batch, n_circuits * n_qubits)``, 0 or more, chunk by chunk.

    Raises:
        ValueError: more coefficients than a chunk has values.

    Deviation:
        D-28 (the paper has no such network).
    """

    rows: torch.Tensor

    def __init__(self, *, n_qubits: int, n_circuits: int, n_coefficients: int) -> None:
        super().__init__()
        size = 2**n_qubits
        if n_coefficients > size:
            raise ValueError(
                f"n_coefficients must be at most {size} = 2**n_qubits, the values of a chunk; "
                f"got {n_coefficients}"
            )
        self.register_buffer("rows", cosine_rows(n_coefficients, size), persistent=False)
        self.maps = nn.ModuleList(nn.Linear(n_coefficients, n_qubits) for _ in range(n_circuits))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        chunks = features.unflatten(1, (len(self.maps), -1)) @ self.rows.T
        mapped = [linear(chunks[:, c]) for c, linear in enumerate(self.maps)]
        return torch.relu(torch.cat(mapped, dim=1))  # (batch, n_circuits * n_qubits)


def cosine_rows(n_rows: int, size: int) -> torch.Tensor:
    """``(n_rows, size)``: the lowest frequencies of the orthonormal DCT-II."""
    places = (torch.arange(size) + 0.5) / size
    rows = torch.cos(math.pi * torch.arange(n_rows)[:, None] * places) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    return rows


def build_classical_head(choice: ClassicalVariant, width: QuantumWidth) -> nn.Module:
    """What stands in the quantum layer's place, ``(batch, 160)`` to ``(batch, 25)``.

    Raises:
        ValueError: the variant asks for more coefficients than a chunk has values.

    Deviation:
        D-06 (`linear`), D-28 (`matched`), D-29 (`quadratic`).
    """
    linear = (width.n_amplitudes, width.n_features)
    match choice.head:
        case "linear":
            # Fig. 8 sets "Fully Connected Layer" against "Quantum Processing Layer" (D-06).
            return nn.Sequential(nn.Linear(*linear), nn.ReLU())
        case "normalised":
            return nn.Sequential(Directions(width.n_circuits), nn.Linear(*linear), nn.Tanh())
        case "quadratic":
            return QuadraticForms(n_qubits=width.n_qubits, n_circuits=width.n_circuits)
        case "matched":
            return CompressedLinear(
                n_qubits=width.n_qubits,
                n_circuits=width.n_circuits,
                n_coefficients=choice.n_coefficients or 0,  # never 0: the schema requires it
            )
        case "identity" | None:
            return nn.Identity()


def count_features(choice: HybridVariant | ClassicalVariant, width: QuantumWidth) -> int:
    """Length of the vector the classifier sees: 25, or 160 where nothing stands before it."""
    return width.n_amplitudes if choice.head == "identity" else width.n_features
