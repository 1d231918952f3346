"""No head at all: the projected values go straight to the classifier."""

from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import QuantumWidth


class Params(Section):
    """No keys of its own."""


def n_features(width: QuantumWidth) -> int:
    """All of the projected values."""
    return width.n_amplitudes


def build(_: Params, __: QuantumWidth) -> nn.Module:
    """Nothing."""
    return nn.Identity()
