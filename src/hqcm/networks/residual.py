"""What a practitioner would use instead: a residual network, trained from scratch."""

import torch
from torch import nn

from hqcm.contracts.labels import N_CLASSES
from hqcm.networks.output import Network, NetworkOutput

DOWNSAMPLING = 32  # the edge's, from the image to the last stage's maps
N_FILTERS = 64  # of the first convolution, whose maps have half the image's edge
_N_POOLED = 512  # channels of the last stage


class ResidualNetwork(Network):
    """torchvision's `resnet18` for one channel; it has no attention map and no head.

    Under autocast the convolutions run in the lower precision, the classifier in float32.

    Shape:
        - images: ``(batch, 1, H, W)``, [0, 1].
        - returns: see `NetworkOutput`; the features are the 512 pooled values.

    Source:
        He et al., arXiv:1512.03385; ``torchvision.models.resnet18``.

    Deviation:
        D-30 (the paper has no such network).
    """

    def __init__(self) -> None:
        # A second of import, paid only by those who ask for it.
        from torchvision.models import resnet18  # noqa: PLC0415

        super().__init__()
        body = resnet18(weights=None)
        body.conv1 = nn.Conv2d(1, N_FILTERS, 7, stride=2, padding=3, bias=False)
        # As torchvision draws its own.
        nn.init.kaiming_normal_(body.conv1.weight, mode="fan_out", nonlinearity="relu")
        body.fc = nn.Identity()
        self.features = body
        self.head = nn.Identity()
        self.classifier = nn.Linear(_N_POOLED, N_CLASSES)

    def forward(self, images: torch.Tensor) -> NetworkOutput:
        pooled = self.features(images).float()  # (batch, 512)
        with torch.autocast(images.device.type, enabled=False):
            logits = self.classifier(pooled)  # (batch, 4)
        no_map = images.new_zeros(len(images), 0, 0, dtype=torch.float64)
        return NetworkOutput(logits, pooled, no_map)
