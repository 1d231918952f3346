"""As many trained numbers as the circuits have angles: few weights on compressed chunks (D-28)."""

import math

import torch
from pydantic import Field
from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import QuantumWidth


class Params(Section):
    """`n_coefficients`: what each chunk is compressed to, 1 to 2**n_qubits."""

    n_coefficients: int = Field(ge=1)


def n_features(width: QuantumWidth) -> int:
    """As many as the quantum layer gives."""
    return width.n_features


def build(params: Params, width: QuantumWidth) -> nn.Module:
    """Raises `ValueError` where more coefficients are asked for than a chunk has values."""
    return _CompressedLinear(
        n_qubits=width.n_qubits, n_circuits=width.n_circuits, n_coefficients=params.n_coefficients
    )


class _CompressedLinear(nn.Module):
    r"""Few weights: :math:`A_c (D z_c) + b_c` for each chunk, :math:`D` fixed, ReLU after it.

    :math:`D` holds the first ``n_coefficients`` rows of the orthonormal cosine transform.
    With :math:`r = 3 d - 1` coefficients the :math:`q (r + 1)` weights of a chunk are as many
    as the :math:`3 d q` angles of a circuit of depth :math:`d`.

    Shape:
        - features: ``(batch, n_circuits * 2**n_qubits)``.
        - returns: ``(batch, n_circuits * n_qubits)``, 0 or more, chunk by chunk.

    Deviation:
        D-28 (the paper has no such network).
    """

    rows: torch.Tensor

    def __init__(self, *, n_qubits: int, n_circuits: int, n_coefficients: int) -> None:
        super().__init__()
        size = 2**n_qubits
        if n_coefficients > size:
            raise ValueError(
                f"n_coefficients must be at most {size} = 2**quantum.n_qubits, "
                f"the values of a chunk; got {n_coefficients}"
            )
        self.register_buffer("rows", _cosine_rows(n_coefficients, size), persistent=False)
        self.maps = nn.ModuleList(nn.Linear(n_coefficients, n_qubits) for _ in range(n_circuits))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        chunks = features.unflatten(1, (len(self.maps), -1)) @ self.rows.T
        mapped = [linear(chunks[:, c]) for c, linear in enumerate(self.maps)]
        return torch.relu(torch.cat(mapped, dim=1))  # (batch, n_circuits * n_qubits)


def _cosine_rows(n_rows: int, size: int) -> torch.Tensor:
    """``(n_rows, size)``: the lowest frequencies of the orthonormal DCT-II."""
    places = (torch.arange(size) + 0.5) / size
    rows = torch.cos(math.pi * torch.arange(n_rows)[:, None] * places) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    return rows
