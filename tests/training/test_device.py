"""Where a run runs and in which arithmetic, and what is asked of the process before that."""

import platform
import subprocess
import sys
from typing import Literal

import pytest
import torch

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
