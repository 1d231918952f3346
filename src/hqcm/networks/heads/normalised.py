"""The circuit's bounds without the circuit: chunks of norm 1, linear, tanh (D-28)."""

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
    """Outputs in [-1, 1], whatever the scale of the projected values."""
    linear = nn.Linear(width.n_amplitudes, width.n_features)
    return nn.Sequential(_Directions(width.n_circuits), linear, nn.Tanh())


class _Directions(nn.Module):
    """Each chunk divided by its norm: see `directions`; input and output ``(batch, 160)``."""

    def __init__(self, n_circuits: int) -> None:
        super().__init__()
        self.n_circuits = n_circuits

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return directions(features, self.n_circuits).flatten(1)
