"""Trained networks taken apart: their blocks by a slice sent through, their circuits as forms."""

import torch
from torch import nn

from hqcm.hardware.circuits import lay_out
from hqcm.hardware.structure import Block, Structure
from hqcm.networks.features import ConvolutionBlock
from hqcm.networks.network import AttentionNetwork
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer

_MOST_WEIGHTS = 200_000
"""Of all forms: a picture shows six qubits, not seven."""
_DIGITS = 3  # of a weight, which lies in [-1, 1]
_PLAIN = (nn.Identity, nn.Flatten, nn.Dropout)  # compute nothing once trained


def take_apart(name: str, network: Network, counterpart: Network, size_px: int) -> Structure:
    """Describe the hybrid network and the head of its counterpart.

    Args:
        name: of the hybrid network's run.
        network: with a quantum layer for a head.
        counterpart: the classical network that it is compared with.
        size_px: edge of the slices.

    Raises:
        ValueError: the first network has no quantum layer.
    """
    layer = network.head
    if not isinstance(network, AttentionNetwork) or not isinstance(layer, QuantumLayer):
        raise ValueError(  # noqa: TRY004  (the study names the wrong network, not a caller)
            f"{name}: must have a quantum layer; got {type(layer).__name__}"
        )
    has_same_body = isinstance(counterpart, AttentionNetwork)
    other = counterpart.head
    depth = layer.weights.shape[1]
    return Structure(
        network=name,
        blocks=_trace(_name_blocks(network), network, size_px),
        n_parameters=_count(network),
        counterpart=_trace([(_name_layers(other), other)], counterpart, size_px)[0]
        if has_same_body
        else None,
        n_qubits=layer.n_qubits,
        n_circuits=layer.n_circuits,
        depth=depth,
        columns=lay_out(layer.n_qubits, min(depth, 2), layer.entangler),
        forms=_list_forms(layer),
    )


def _name_blocks(network: AttentionNetwork) -> list[tuple[str, nn.Module]]:
    """In the order of the data; no parameter lies outside them."""
    start = network.features.get_submodule("input_normalisation")
    convolutions = [
        ("convolution {} x {}".format(*block.convolution.kernel_size), block)
        for block in network.features.modules()
        if isinstance(block, ConvolutionBlock)
    ]
    return [
        ("MRI slice" if isinstance(start, nn.Identity) else "MRI slice, normalised", start),
        *convolutions,
        ("attention", network.attention),
        ("projection", network.projection),
        ("quantum layer", network.head),
        ("classifier", network.classifier),
    ]


def _trace(blocks: list[tuple[str, nn.Module]], network: Network, size_px: int) -> list[Block]:
    shapes: dict[nn.Module, list[int]] = {}

    def note(block: nn.Module, _: object, given: torch.Tensor | tuple[torch.Tensor, ...]) -> None:
        maps = given if isinstance(given, torch.Tensor) else given[0]
        shapes[block] = [*maps.shape[1:]]

    hooks = [block.register_forward_hook(note) for _, block in blocks]
    with torch.inference_mode():
        network(next(network.parameters()).new_zeros(1, 1, size_px, size_px))
    for hook in hooks:
        hook.remove()
    return [
        Block(name=name, shape=shapes[block], n_parameters=_count(block)) for name, block in blocks
    ]


def _name_layers(head: nn.Module) -> str:
    """The layers that compute, by their classes: ``Linear, ReLU``."""
    layers = head.children() if isinstance(head, nn.Sequential) else [head]
    names = [type(each).__name__.strip("_") for each in layers if not isinstance(each, _PLAIN)]
    return ", ".join(names) or "nothing"


def _count(block: nn.Module) -> int:
    return sum(weights.numel() for weights in block.parameters())  # those left as drawn too


def _list_forms(layer: QuantumLayer) -> list[list[list[float]]]:
    if layer.n_circuits * layer.n_qubits * 4**layer.n_qubits > _MOST_WEIGHTS:
        return []
    forms = measure_forms(layer)
    rows, columns = torch.triu_indices(*forms.shape[2:])
    listed: list[list[list[float]]] = forms[:, :, rows, columns].tolist()
    return [[[round(weight, _DIGITS) for weight in form] for form in own] for own in listed]


def measure_forms(layer: QuantumLayer) -> torch.Tensor:
    r"""The symmetric :math:`S_{cj}` by which the layer gives :math:`z^T S_{cj} z / z^T z`.

    Asked of the layer itself: :math:`e_i` has the output :math:`S_{ii}`, and :math:`e_i + e_k` has
    :math:`(S_{ii} + S_{kk}) / 2 + S_{ik}`.

    Shape:
        - returns: ``(n_circuits, n_qubits, N, N)`` with ``N = 2**n_qubits``.

    Source:
        The identity follows from section 3.3 of arXiv:2506.21937v1; see docs/paper.md.
    """
    size = 2**layer.n_qubits
    units = torch.eye(size, device=layer.weights.device)
    pairs = (units[:, None] + units).flatten(0, 1)  # (N * N, N); on the diagonal 2 e_i
    with torch.no_grad():
        outputs = layer(pairs.repeat(1, layer.n_circuits))
    outputs = outputs.view(size, size, layer.n_circuits, layer.n_qubits).permute(2, 3, 0, 1)
    diagonal = outputs.diagonal(dim1=2, dim2=3)
    forms = outputs - (diagonal[..., :, None] + diagonal[..., None, :]) / 2
    return forms + torch.diag_embed(diagonal)
