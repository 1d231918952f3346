"""The convolution through the frequencies equals torch's, gradients included, and is chosen."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from hqcm.networks import convolution
from hqcm.networks.convolution import Convolution, _convolve

Shape = tuple[int, int, int, int, int, int]
SHAPES = st.tuples(
    *(st.integers(1, 3),) * 3, st.integers(1, 12), st.integers(1, 12), st.sampled_from((1, 3, 5, 7))
)


@given(SHAPES)
def test_equals_torch(shape: Shape) -> None:
    torch.manual_seed(0)
    n, n_in, n_out, rows, columns, k = shape
    images = torch.randn(n, n_in, rows, columns, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(n_out, n_in, k, k, dtype=torch.float64, requires_grad=True)
    got, want = _convolve(images, weight), conv2d(images, weight, padding=k // 2)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-12)
    towards = torch.randn_like(want)
    gradients = [torch.autograd.grad(y, (images, weight), towards) for y in (got, want)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("n_in", "n_out", "k", "size"), [(128, 64, 5, 64), (64, 32, 7, 32)])
def test_float32_at_the_published_sizes(n_in: int, n_out: int, k: int, size: int) -> None:
    torch.manual_seed(0)
    images, weight = torch.randn(2, n_in, size, size), torch.randn(n_out, n_in, k, k)
    exact = conv2d(images.double(), weight.double(), padding=k // 2)
    error = (_convolve(images, weight) - exact).abs().max() / exact.abs().max()
    assert error < 3e-6


def test_learns_after_inference() -> None:
    layer, images = Convolution(2, 3, 5), torch.rand(1, 2, 10, 13, requires_grad=True)
    with torch.inference_mode():
        layer(images)  # the first of this size: makes the matrices that are kept
    layer(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_keeps_channels_last() -> None:
    images = torch.rand(2, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    convolved = Convolution(3, 4, 5)(images)
    assert convolved.is_contiguous(memory_format=torch.channels_last)


class TestChoice:
    """Which way a convolution goes."""

    @pytest.fixture
    def ways(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        taken: list[str] = []

        def note(images: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
            taken.append("frequencies")
            return _convolve(images, weight)

        monkeypatch.setattr(convolution, "_convolve", note)
        return taken

    @pytest.mark.parametrize(("k", "want"), [(3, []), (5, ["frequencies"]), (7, ["frequencies"])])
    def test_by_kernel(self, ways: list[str], k: int, want: list[str]) -> None:
        layer, images = Convolution(2, 3, k), torch.rand(1, 2, 9, 9)
        torch.testing.assert_close(layer(images), torch.nn.Conv2d.forward(layer, images))
        assert ways == want

    def test_not_under_autocast(self, ways: list[str]) -> None:
        with torch.autocast("cpu", torch.bfloat16):
            convolved = Convolution(2, 3, 5)(torch.rand(1, 2, 9, 9))
        assert (convolved.dtype, ways) == (torch.bfloat16, [])

    def test_not_elsewhere(self, ways: list[str]) -> None:
        layer = Convolution(2, 3, 5).to("meta")
        assert layer(torch.rand(1, 2, 9, 9, device="meta")).shape == (1, 3, 9, 9)
        assert ways == []
