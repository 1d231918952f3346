"""Dual attention (paper 3.2, Fig. 3): channel first, then spatial, applied to the raw features."""

import torch
from torch import nn

from hqcm.contracts.params import Section
from hqcm.networks.variants import Fusion, KernelSize

_BRANCH_KERNELS_PX = (1, 3, 5)  # 3.2: k in {1, 3, 5}


class AttentionParams(Section):
    """Section `attention`; where a variant has such a key, it comes first."""

    spatial_kernel_px: KernelSize
    fusion: Fusion
    channel_relu: bool


class ChannelAttention(nn.Module):
    r"""Weights the channels by their global content.

    :math:`T_c = \sigma(C_2(\mathrm{ReLU}(C_1(\mathrm{GAP}(F)))))`,
    :math:`F_\mathrm{channel} = F \odot T_c`.

    Shape:
        - features: ``(batch, channels, rows, cols)``.
        - returns: the same.

    Source:
        arXiv:2506.21937v1, section 3.2, equations of :math:`c_{avg}`, :math:`T_c`,
        :math:`F_{channel}`.

    Deviation:
        D-04 (reduction ratio), D-05 (no ReLU in the released model).
    """

    def __init__(self, channels: int, reduction: int, *, relu: bool) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // reduction, 1)
        self.activation = nn.ReLU() if relu else nn.Identity()
        self.excite = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        average = features.mean(dim=(2, 3), keepdim=True)  # (batch, channels, 1, 1)
        weights = torch.sigmoid(self.excite(self.activation(self.squeeze(average))))
        return features * weights


class SpatialAttention(nn.Module):
    r"""The attention map: where the network looks.

    :math:`S = \frac{1}{3} \sum_{k \in \{1,3,5\}} C_k(F_\mathrm{channel})`,
    :math:`T_s = \sigma(C_7(S))`.

    Shape:
        - features: ``(batch, channels, rows, cols)``.
        - returns: ``(batch, 1, rows, cols)``, float64, [0, 1].

    Source:
        arXiv:2506.21937v1, section 3.2, equations of :math:`S_{avg}`, :math:`T_s`.

    Deviation:
        D-05 (the released model learns the branches' weights and has a 1 x 1 instead of
        the 7 x 7 convolution), D-24 (float64).
    """

    def __init__(self, channels: int, kernel_size_px: int, fusion: Fusion) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(channels, channels, size, padding=size // 2) for size in _BRANCH_KERNELS_PX
        )
        ones = torch.ones(len(self.branches))
        self.branch_weights = nn.Parameter(ones) if fusion == "learned" else None
        self.gate = nn.Conv2d(channels, 1, kernel_size_px, padding=kernel_size_px // 2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        maps = torch.stack([branch(features) for branch in self.branches])  # (3, batch, ...)
        if self.branch_weights is None:
            fused = maps.mean(dim=0)
        else:
            shares = self.branch_weights / self.branch_weights.sum()
            fused = torch.einsum("k,kbcij->bcij", shares.to(maps.dtype), maps)
        # In float32 a map of 1e-13 gives the loss no gradient and never comes back (D-24).
        return torch.sigmoid(self.gate(fused).double())


class DualAttention(nn.Module):
    r"""Sequential channel and spatial attention with a residual.

    :math:`F_\mathrm{final} = F \odot (1 + T_s)` with the raw :math:`F`: channel attention
    only shapes :math:`T_s`.

    Shape:
        - features: ``(batch, channels, rows, cols)``.
        - returns: attended features, the same shape; attention map ``(batch, 1, rows, cols)``
          in [0, 1], float64.

    Source:
        arXiv:2506.21937v1, section 3.2, equation of :math:`F_{final}`; after CBAM
        (arXiv:1807.06521).
    """

    def __init__(self, channel: ChannelAttention, spatial: SpatialAttention) -> None:
        super().__init__()
        self.channel, self.spatial = channel, spatial

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        attention = self.spatial(self.channel(features))  # (batch, 1, rows, cols)
        return features * (1 + attention.float()), attention
