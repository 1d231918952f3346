"""Grad-CAM: where the evidence for the predicted class lies."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hqcm.networks.output import Network
from hqcm.networks.residual import ResidualNetwork
from hqcm.slices.stacks import Stack
from hqcm.training.batches import DeviceStack
from hqcm.training.inference import Examined


def explain_classes(
    network: Examined, stack: Stack, classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The Grad-CAM of one class of each slice.

    Shape:
        - classes: ``(n,)``, 0-3.
        - returns: ``(n, cells, cells)``, [0, 1], see `_weigh_maps`.
    """
    slices = DeviceStack(stack, network.device)
    wanted = torch.from_numpy(classes).to(network.device)
    positions = torch.arange(len(slices), device=network.device)
    batches = [
        _weigh_maps(*_differentiate(network, slices.batch(chosen).images, wanted[chosen]))
        for chosen in positions.split(network.batch_size)
    ]
    return torch.cat(batches).cpu().numpy()


def _weigh_maps(maps: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    r"""The class's evidence on the feature maps, as a fraction of its largest value.

    :math:`L = \mathrm{ReLU}(\sum_k \alpha_k A^k)`, :math:`\alpha_k` the mean over pixels of
    :math:`\partial y / \partial A^k`; then :math:`L / \max L`. Where nothing speaks for the
    class, :math:`L = 0` everywhere, and stays 0.

    Shape:
        - maps, gradient: ``(batch, channels, rows, cols)``.
        - returns: ``(batch, rows, cols)``, float32, [0, 1].

    Source:
        Selvaraju et al., Grad-CAM, ICCV 2017 (arXiv:1610.02391), equations 1 and 2.
    """
    weights = gradient.float().mean(dim=(2, 3), keepdim=True)  # (batch, channels, 1, 1)
    evidence = torch.relu((weights * maps.float()).sum(dim=1))  # (batch, rows, cols)
    largest = evidence.amax(dim=(1, 2), keepdim=True)
    return torch.where(largest > 0, evidence / largest, 0)


def _find_feature_maps(network: Network) -> nn.Module:
    """The module that gives the last feature maps with a place in the image."""
    if isinstance(network, ResidualNetwork):
        return network.features.get_submodule("layer4")
    # The third convolutional block (32 maps), before attention and projection.
    return network.features


def _differentiate(
    network: Examined, images: torch.Tensor, classes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    seen: list[torch.Tensor] = []

    def cut(_module: nn.Module, _inputs: object, maps: torch.Tensor) -> torch.Tensor:
        seen.append(maps.detach().requires_grad_())
        return seen[0]

    handle = _find_feature_maps(network.network).register_forward_hook(cut)
    try:
        logits = network.ask(images).logits
    finally:
        handle.remove()
    chosen = logits.gather(1, classes.unsqueeze(1)).sum()  # slices do not know one another
    (gradient,) = torch.autograd.grad(chosen, seen)
    return seen[0].detach(), gradient
