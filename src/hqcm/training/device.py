"""Where and in which arithmetic the networks run."""

import ctypes
import os
import platform
import time
from contextlib import AbstractContextManager
from functools import cache
from typing import Literal

import torch

from hqcm.contracts.params import ParamsError, View
from hqcm.networks.convolution import direct_convolutions

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # malloc.h of glibc


class ExecutionParams(View):
    """What of section `train` says where to run."""

    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["auto", "float32", "float32_direct", "bfloat16"]


class Execution:
    """A device and the precision of the convolutions on it.

    Raises:
        ParamsError: CUDA is asked for and there is none.
    """

    def __init__(self, params: ExecutionParams) -> None:
        self.device = torch.device("cuda" if self.finds_cuda(params) else "cpu")
        self.precision: str = params.precision
        if self.precision == "auto":
            self.precision = "bfloat16" if _has_fast_bfloat16(self.device) else "float32"

    @staticmethod
    def finds_cuda(params: ExecutionParams) -> bool:
        """Whether to run there; raises as the class does."""
        has_cuda = torch.cuda.is_available()
        if params.device == "cuda" and not has_cuda:
            raise ParamsError("train.device: cuda must be available; got none, try auto")
        return has_cuda and params.device != "cpu"

    @property
    def names(self) -> tuple[str, str]:
        """Device and precision, for the record."""
        return self.device.type, self.precision

    def convolutions(self) -> AbstractContextManager[object]:
        """Autocast of the convolutions; the networks leave it themselves after them."""
        if self.precision == "float32_direct":
            return direct_convolutions()
        is_reduced = self.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=is_reduced)


def prepare_process() -> None:
    """Make a run repeatable and, where glibc is, keep freed memory.

    Same seed, same machine: the same weights, bit for bit. glibc hands every large block back
    to the system and faults it in again, which doubles the time of a step on the CPU.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # PyTorch's reproducibility notes
    torch.use_deterministic_algorithms(True)
    # That also fills every new tensor with NaN, a search aid that costs a pass over the memory.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # torch makes it a property of the module
    torch.backends.cudnn.benchmark = False
    # Float32 convolutions on CUDA in TF32; matrix products, the circuits' among them, stay whole.
    torch.backends.cudnn.conv.fp32_precision = "tf32"  # type: ignore[attr-defined]  # torch makes it a property of the module
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, -1)  # never: a float32 step frees more than 2 GB at once


@cache
def _has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16, and the libraries let it.

    The flags of the processor do not tell the second: capped at AVX2, oneDNN emulates bfloat16 and
    takes ten times as long as for float32. So a small convolution is timed, and twice is the limit.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):  # noqa: SLF001  (torch has no public name for it)
        return False
    reduced, whole = (_time_convolution(dtype) for dtype in (torch.bfloat16, torch.float32))
    return reduced < 2 * whole


@torch.inference_mode()
def _time_convolution(dtype: torch.dtype) -> float:
    """Seconds of the second block's convolution on two small images, the best of three."""
    images, weight = torch.ones(2, 128, 32, 32, dtype=dtype), torch.ones(64, 128, 5, 5, dtype=dtype)
    seconds = []
    for _ in range(4):  # the first one chooses its kernel
        start = time.perf_counter()
        torch.nn.functional.conv2d(images, weight, padding=2)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])
