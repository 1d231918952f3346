"""Where a run runs and in which arithmetic, and what is asked of the process before that."""

import platform
import subprocess
import sys
from typing import Literal
from unittest.mock import MagicMock

import pytest
import torch

from hqcm.networks import convolution
from hqcm.training import device
from hqcm.training.device import Execution, ExecutionParams

# In bytes, what is resident after several blocks have come and gone, as in a float32 step.
KEEPS = """
import pathlib, torch
from hqcm.training.device import prepare_process
prepare_process()
blocks = [torch.empty(150_000_000).fill_(1) for _ in range(6)]
del blocks
print(4096 * int(pathlib.Path("/proc/self/statm").read_text().split()[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory")
def test_freed_memory_is_kept() -> None:
    words = [sys.executable, "-c", KEEPS]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert int(printed) > 6 * 4 * 150_000_000


@pytest.mark.skipif(torch.cuda.is_available(), reason="tells of machines without CUDA")
def test_cuda_where_there_is_none() -> None:
    with pytest.raises(ValueError, match=r"train\.device: cuda must be available; got none"):
        Execution(ExecutionParams(device="cuda", precision="auto"))


def test_reduced_precision_is_what_is_asked_for() -> None:
    precisions: list[Literal["float32", "bfloat16"]] = ["float32", "bfloat16"]
    for precision in precisions:
        execution = Execution(ExecutionParams(device="cpu", precision=precision))
        assert execution.names == ("cpu", precision)
        with execution.convolutions():
            assert torch.is_autocast_enabled("cpu") == (precision == "bfloat16")


def test_direct_convolutions_leave_the_frequencies_out(monkeypatch: pytest.MonkeyPatch) -> None:
    through_frequencies = MagicMock(side_effect=convolution._convolve)
    monkeypatch.setattr(convolution, "_convolve", through_frequencies)
    layer, images = convolution.Convolution(3, 4, 5), torch.rand(2, 3, 8, 8)
    with Execution(ExecutionParams(device="cpu", precision="float32_direct")).convolutions():
        direct = layer(images)
    assert not through_frequencies.called
    torch.testing.assert_close(layer(images), direct)
    assert through_frequencies.called


@pytest.mark.parametrize(
    ("flag", "seconds", "precision"),
    [(1, 1.0, "bfloat16"), (1, 30.0, "float32"), (0, 1.0, "float32")],
)
def test_auto_is_bfloat16_where_it_pays(
    monkeypatch: pytest.MonkeyPatch, flag: int, seconds: float, precision: str
) -> None:
    """The flag is the processor's; capped libraries emulate it all the same, slowly."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bool(flag))
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    times = {torch.bfloat16: seconds, torch.float32: 1.0}
    monkeypatch.setattr(device, "_time_convolution", times.__getitem__)
    device._has_fast_bfloat16.cache_clear()
    try:
        assert Execution(ExecutionParams(device="cpu", precision="auto")).precision == precision
    finally:
        device._has_fast_bfloat16.cache_clear()
