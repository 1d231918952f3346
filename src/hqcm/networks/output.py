"""What every network is made of and what it says about a batch."""

from typing import NamedTuple

import torch
from torch import nn


class NetworkOutput(NamedTuple):
    """What a network says about a batch.

    Shape:
        - logits: ``(batch, 4)``.
        - features: ``(batch, 25)``, what the classifier sees (Fig. 8); 160 in `identity`, 512
          in `resnet18`.
        - attention: ``(batch, H / 8, W / 8)``, the attention map, [0, 1], float64;
          ``(batch, 0, 0)`` from a network without one.
    """

    logits: torch.Tensor
    features: torch.Tensor
    attention: torch.Tensor


class Network(nn.Module):
    """A body that sees the image, a head or none, and a linear classifier.

    Shape:
        - images: ``(batch, 1, H, W)``, [0, 1].
        - returns: see `NetworkOutput`.
    """

    features: nn.Module
    head: nn.Module
    classifier: nn.Linear
