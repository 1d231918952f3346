"""A network whose answer is known by hand: it sums the brightness of the cells of its feature maps.

Its features are means over blocks of 8 x 8 pixels, one map bright, one dark; the logits are linear
in them.
"""

import numpy as np
import torch
from torch import nn

from hqcm.networks.output import Network, NetworkOutput
from hqcm.slices.stacks import Stack

BLOCK = 8


class BlockMeans(nn.Module):
    """Means of blocks and one less them: ``(batch, 2, cells, cells)``."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        means = nn.functional.avg_pool2d(images, BLOCK)
        return torch.cat([means, 1 - means], dim=1)


class Looker(Network):
    """Logits are weighted sums of the maps; the attention map is the first of them.

    Shape:
        - weights: ``(4, 2, cells, cells)``.
    """

    def __init__(self, weights: np.ndarray) -> None:
        super().__init__()
        self.features = BlockMeans()
        self.head = nn.Identity()
        self.classifier = nn.Linear(weights[0].size, 4)
        with torch.no_grad():
            self.classifier.weight.copy_(torch.from_numpy(weights.reshape(4, -1)))
            self.classifier.bias.zero_()

    def forward(self, images: torch.Tensor) -> NetworkOutput:
        maps = self.features(images)
        flat = maps.flatten(1)
        return NetworkOutput(self.classifier(flat), flat, maps[:, 0].double())


def stack_of(images: np.ndarray, labels: list[int] | None = None) -> Stack:
    """Slices with a tumour of a block's size in the upper left corner."""
    masks = np.zeros(images.shape, np.bool_)
    masks[:, :BLOCK, :BLOCK] = True
    n = len(images)
    return Stack(
        slice_id=[f"akter/{i}" for i in range(n)],
        images=images,
        masks=masks,
        has_mask=np.ones(n, np.bool_),
        labels=np.array([1] * n if labels is None else labels, np.int64),
    )
