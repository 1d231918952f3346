"""The convolution of Equation 1, by the way that is fastest where it runs.

On the CPU it goes by the convolution theorem, as products of real matrices. An image of R x C
pixels takes (R + k // 2)(C + k // 2) / 2 complex products a pair of channels instead of R C k^2
real ones: a tenth, for k = 5. The Fourier transforms themselves are products with matrices of sines
and cosines; at this size that is faster than a fast Fourier transform, which moves the numbers
through memory once more for every change of their order. Gradients are those of the products.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import nn

_Tensor = torch.Tensor
SMALLEST_KERNEL_PX = 5  # from here on the convolution theorem pays (docs/decisions/0015)
_is_direct = ContextVar("is_direct", default=False)


@contextmanager
def direct_convolutions() -> Iterator[None]:
    """Within it, torch's own kernels compute every `Convolution`: slower, and rounded otherwise."""
    token = _is_direct.set(True)
    try:
        yield
    finally:
        _is_direct.reset(token)


class Convolution(nn.Conv2d):
    r"""`torch.nn.Conv2d` of an odd square kernel, stride 1, images padded to keep their size.

    On the CPU, in float32 or float64 and from 5 x 5 on, it is computed through the frequencies;
    elsewhere and under autocast by torch's own kernels. The results agree to rounding.

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

    def __init__(self, n_in: int, n_out: int, kernel_size_px: int) -> None:
        super().__init__(n_in, n_out, kernel_size_px, padding=kernel_size_px // 2)

    def forward(self, images: _Tensor) -> _Tensor:
        if not self._pays(images):
            return super().forward(images)
        convolved = _convolve(images, self.weight)
        return convolved if self.bias is None else convolved + self.bias[:, None, None]

    def _pays(self, images: _Tensor) -> bool:
        return (
            images.device.type == "cpu"
            and images.dtype in {torch.float32, torch.float64}
            and not torch.is_autocast_enabled("cpu")
            and not _is_direct.get()
            and self.kernel_size[0] >= SMALLEST_KERNEL_PX
        )


def _convolve(images: _Tensor, weight: _Tensor) -> _Tensor:
    r"""What `torch.nn.functional.conv2d` gives with ``padding=k // 2``.

    :math:`y = \mathcal{F}^{-1}(\mathcal{F}(x) \cdot \overline{\mathcal{F}(w)})`, at periods of
    :math:`R + \lfloor k/2 \rfloor` and :math:`C + \lfloor k/2 \rfloor` pixels, so that nothing
    comes round from the other border. Fastest from channels_last, which the result is in.

    Source:
        Mathieu et al., arXiv:1312.5851: networks trained through the frequencies.
    """
    n, n_in, n_row_px, n_column_px = images.shape
    n_out, _, k, _ = weight.shape
    to = _make_transforms(n_row_px, n_column_px, k, images.dtype)
    n_rows, n_columns = len(to.rows) // 2, len(to.columns) // 2
    rows = to.rows @ images.permute(0, 2, 3, 1).reshape(n, n_row_px, n_column_px * n_in)
    columns = to.columns @ rows.reshape(n * n_rows, 2 * n_column_px, n_in)
    spectra = columns.reshape(n, n_rows * n_columns, 2 * n_in).transpose(0, 1)
    taps = weight.permute(2, 3, 1, 0).reshape(k * k, n_in * n_out)
    kernels = (to.kernels @ taps).reshape(2, n_rows * n_columns, 2 * n_in, n_out)
    # One product a frequency, (batch, 2 n_in) by (2 n_in, n_out), for each part.
    parts = [(spectra @ kernel).transpose(0, 1) for kernel in kernels]
    product = torch.stack(parts, 2).reshape(n * n_rows, 2 * n_columns, n_out)
    rows = (to.columns.T @ product).reshape(n, 2 * n_rows, n_column_px * n_out)
    return (to.back @ rows).reshape(n, n_row_px, n_column_px, n_out).permute(0, 3, 1, 2)


class _Transforms(NamedTuple):
    """Matrices that take real images into the frequency domain and back.

    Complex numbers are pairs, real part first. Along rows, where real images have conjugate halves,
    one half of the frequencies is kept: `n_rows`; along columns all: `n_columns`.
    """

    rows: _Tensor  # (n_rows x pair, R)
    columns: _Tensor  # (n_columns x pair, pair x C)
    kernels: _Tensor  # (pair of the product x n_rows x n_columns x pair of the image, k x k)
    back: _Tensor  # (R, n_rows x pair)


@lru_cache(maxsize=16)
@torch.inference_mode(mode=False)  # what is kept serves training too, inference tensors would not
def _make_transforms(n_row_px: int, n_column_px: int, k: int, dtype: torch.dtype) -> _Transforms:
    row_period, column_period = n_row_px + k // 2, n_column_px + k // 2
    n_rows = row_period // 2 + 1
    of_rows = _make_waves(row_period, n_rows, torch.arange(n_row_px))
    of_columns = _make_waves(column_period, column_period, torch.arange(n_column_px))
    offsets = torch.arange(k) - k // 2
    of_taps = torch.einsum(
        "ri,cj->rcij",
        _make_waves(row_period, n_rows, offsets),
        _make_waves(column_period, column_period, offsets),
    ).conj()
    # The half that is left out is the conjugate of the one kept, but for the frequencies that
    # are their own conjugates: 0 and, in an even period, the highest.
    own = torch.arange(n_rows) * 2 % row_period == 0
    weights = torch.where(own, 1, 2).double() / (row_period * column_period)
    rows = torch.stack((of_rows.real, of_rows.imag), 1)  # (n_rows, pair, R)
    matrices = _Transforms(
        rows=rows.flatten(0, 1),
        columns=_pair(of_columns).permute(2, 0, 1, 3).flatten(2).flatten(0, 1),
        kernels=_pair(of_taps.reshape(-1, k * k)).transpose(1, 2).flatten(0, 2),
        back=(rows * weights[:, None, None]).flatten(0, 1).T,
    )
    return _Transforms(*(matrix.to(dtype).contiguous() for matrix in matrices))


def _make_waves(period: int, n: int, positions: _Tensor) -> _Tensor:
    """exp(-2 pi i f x / period), (n, positions), complex, for the first n frequencies f."""
    # The product is reduced before it is scaled: sines of small angles are exact to the last digit.
    turns = torch.outer(torch.arange(n), positions).remainder(period).double() / period
    return torch.polar(torch.ones_like(turns), -2 * math.pi * turns)


def _pair(factors: _Tensor) -> _Tensor:
    """Complex factors as real 2 x 2 blocks: (pair of the product, pair of the operand, ...)."""
    real, imaginary = factors.real, factors.imag
    return torch.stack((torch.stack((real, -imaginary)), torch.stack((imaginary, real))))
