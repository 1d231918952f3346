"""Feature extraction (paper 3.1, Fig. 2): three convolutional blocks."""

import torch
from torch import nn

from hqcm.networks.convolution import Convolution
from hqcm.networks.variants import NetworkParams


class ConvolutionBlock(nn.Module):
    r"""Equation 1 (3.1) followed by 2 x 2 max-pooling.

    :math:`y = \mathrm{ReLU}(\mathrm{BN}(W * x + b))`, then the maximum over 2 x 2 pixels.

    Shape:
        - images: ``(batch, n_in, rows, cols)``, even rows and cols.
        - returns: ``(batch, n_out, rows / 2, cols / 2)``, 0 or more.

    Source:
        arXiv:2506.21937v1, section 3.1, equation of :math:`y_1`.
    """

    def __init__(self, n_in: int, n_out: int, kernel_size_px: int) -> None:
        super().__init__()
        self.convolution = Convolution(n_in, n_out, kernel_size_px)
        self.normalisation = nn.BatchNorm2d(n_out)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        normalised = self.normalisation(self.convolution(images))  # (batch, n_out, rows, cols)
        # The maximum commutes with ReLU; pooling first leaves ReLU a quarter of the work.
        return torch.relu(nn.functional.max_pool2d(normalised, 2))


class FeatureExtractor(nn.Module):
    r"""Three blocks: :math:`x \mapsto F`.

    Shape:
        - images: ``(batch, 1, H, W)``, [0, 1], H and W multiples of 8.
        - returns: ``(batch, 32, H / 8, W / 8)``, 0 or more.

    Source:
        arXiv:2506.21937v1, section 3.1; the released model where the text is silent.

    Deviation:
        D-01 (batch norm on the input), D-02 (blocks 2 and 3), D-03 (dropout).
    """

    def __init__(self, params: NetworkParams) -> None:
        super().__init__()
        widths = [1, *params.filters]
        self.input_normalisation = nn.BatchNorm2d(1) if params.input_batch_norm else nn.Identity()
        sizes = zip(widths[:-1], widths[1:], params.kernel_sizes_px, strict=True)
        self.blocks = nn.Sequential(*(ConvolutionBlock(*size) for size in sizes))
        self.dropout = nn.Dropout(params.feature_dropout)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.blocks(self.input_normalisation(images)))
