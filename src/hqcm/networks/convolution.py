"""The convolution of Equation 1, by the way that is fastest where it runs."""

import torch
from torch import nn

from hqcm.networks.fourier import convolve

SMALLEST_KERNEL_PX = 5
"""From here on the convolution theorem pays (docs/decisions/0015)."""


class Convolution(nn.Conv2d):
    r"""`torch.nn.Conv2d` of an odd square kernel, stride 1, images padded to keep their size.

    On the CPU, in float32 or float64 and from 5 x 5 on, it is computed through the frequencies;
    elsewhere, under autocast and when compiled, by torch's own kernels. The results agree to
    rounding.

    Args:
        n_in: channels of the images.
        n_out: channels of the result.
        kernel_size_px: odd.

    Shape:
        - images: ``(batch, n_in, rows, cols)``.
        - returns: ``(batch, n_out, rows, cols)``.

    Source:
        arXiv:2506.21937v1, section 3.1, W * x in the equation of :math:`y_1`.
    """

    may_transform: bool = True
    """False: always torch's own kernels, to compare with."""

    def __init__(self, n_in: int, n_out: int, kernel_size_px: int) -> None:
        super().__init__(n_in, n_out, kernel_size_px, padding=kernel_size_px // 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not self._pays(images):
            return super().forward(images)
        convolved = convolve(images, self.weight)
        return convolved if self.bias is None else convolved + self.bias[:, None, None]

    def _pays(self, images: torch.Tensor) -> bool:
        return (
            self.may_transform
            and images.device.type == "cpu"
            and images.dtype in {torch.float32, torch.float64}
            and not torch.is_autocast_enabled("cpu")
            and not torch.compiler.is_compiling()  # which would make the transforms at every call
            and self.kernel_size[0] >= SMALLEST_KERNEL_PX
        )
