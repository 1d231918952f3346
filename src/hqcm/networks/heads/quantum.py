"""The paper's head: the quantum layer (3.3)."""

from pydantic import Field
from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.circuit import Entangler
from hqcm.networks.quantum import QuantumLayer
from hqcm.networks.variants import MAX_DEPTH, QuantumParams, QuantumWidth


class Params(Section):
    """`depth`, 1 to 1,000, is for `quantum.depth`; with `frozen` the angles stay as drawn."""

    entangler: Entangler
    depth: int | None = Field(default=None, ge=1, le=MAX_DEPTH)
    frozen: bool | None = None


def n_features(width: QuantumWidth) -> int:
    """One value a wire of each circuit."""
    return width.n_features


def build(params: Params, quantum: QuantumParams) -> nn.Module:
    """Circuits with angles drawn anew."""
    layer = QuantumLayer(
        n_qubits=quantum.n_qubits,
        depth=params.depth or quantum.depth,
        n_circuits=quantum.n_circuits,
        entangler=params.entangler,
        backend=quantum.backend,
    )
    layer.weights.requires_grad_(not params.frozen)
    return layer
