"""No head at all: the projected values go straight to the classifier."""

from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import QuantumWidth

Params = Section  # no keys of its own


def n_features(width: QuantumWidth) -> int:
    """All of the projected values."""
    return width.n_amplitudes


def build(_: Section, __: QuantumWidth) -> nn.Module:
    """Nothing."""
    return nn.Identity()
