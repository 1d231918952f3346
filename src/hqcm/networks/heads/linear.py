"""One fully connected layer: the paper's classical counterpart (D-06)."""

from typing import Literal

from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import QuantumWidth

_ACTIVATIONS = {"none": nn.Identity, "relu": nn.ReLU, "tanh": nn.Tanh}


class Params(Section):
    """What follows the layer: nothing, or an activation."""

    activation: Literal["none", "relu", "tanh"]


def n_features(width: QuantumWidth) -> int:
    """As many as the quantum layer gives."""
    return width.n_features


def build(params: Params, width: QuantumWidth) -> nn.Module:
    """Fig. 8 sets "Fully Connected Layer" against "Quantum Processing Layer" (D-06)."""
    layer = nn.Linear(width.n_amplitudes, width.n_features)
    return nn.Sequential(layer, _ACTIVATIONS[params.activation]())
