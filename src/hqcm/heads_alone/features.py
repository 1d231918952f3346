"""What a trained network hands to its projection: the features, frozen, that heads are trained on.

They are taken before the projection, not behind it, for the projection has been trained for the
head of its own network; all that follows is trained anew. So have convolutions and attention, but
the features of both networks of the pair serve every head.
"""

from typing import Any, NamedTuple

import torch
from torch import nn

from hqcm.contracts.params import ParamsError
from hqcm.networks.output import Network
from hqcm.slices.stacks import Stack
from hqcm.training.inference import InferenceParams, predict


class Maps(NamedTuple):
    """The attended maps of a part's slices, and what they show.

    Shape:
        - maps: ``(n, 32 * H / 8 * W / 8)`` float32, 0 or more, each slice's 32 maps in a row.
        - labels: ``(n,)`` int64, 0-3.
    """

    slice_id: list[str]
    maps: torch.Tensor
    labels: torch.Tensor


def read_maps(network: Network, stack: Stack, params: InferenceParams) -> Maps:
    """The maps of slices as they are, not augmented, from the network in evaluation mode.

    Raises:
        ParamsError: the network has no projection.
    """
    projection = getattr(network, "projection", None)
    if projection is None:
        raise ParamsError("features must come from a network with a projection; got one without")
    taken: list[torch.Tensor] = []

    def take(_: nn.Module, given: tuple[Any, ...]) -> None:
        taken.append(given[0].flatten(1))

    hook = projection.register_forward_pre_hook(take)
    try:
        predict(network, stack, params)
    finally:
        hook.remove()
    return Maps(stack.slice_id, torch.cat(taken).cpu(), torch.from_numpy(stack.labels))
