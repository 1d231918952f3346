"""One fully connected layer: the paper's classical counterpart (D-06)."""

from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import QuantumWidth

Params = Section  # no keys of its own


def n_features(width: QuantumWidth) -> int:
    """As many as the quantum layer gives."""
    return width.n_features


def build(_: Section, width: QuantumWidth) -> nn.Module:
    """Fig. 8 sets "Fully Connected Layer" against "Quantum Processing Layer" (D-06)."""
    return nn.Sequential(nn.Linear(width.n_amplitudes, width.n_features), nn.ReLU())
