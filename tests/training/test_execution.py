"""Where a run runs: what is asked of the process before the first tensor."""

import platform
import subprocess
import sys

import pytest

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
