"""The process that writes reads too: one result at a time, memory kept for the next."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hqcm.formats.reader import Here, Signal
from toy_reading import COUNT, FILL, Count, Fill

SCRIPT = """
import resource
import numpy as np
from hqcm.formats.reader import keep_freed_memory

def count_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        arrays = [np.ones(n << 10, np.uint8) for n in (900, 300, 500)]
        del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = count_faults()
keep_freed_memory()
count_faults()
print(before, count_faults())
"""


def test_one_result_is_read_at_a_time() -> None:
    here = Here(COUNT)
    here.give(Count("t", 2))
    found = []
    while here.tasks:
        here.read_one(is_fetched=True)
        assert len(here.results) == 1
        found.append(here.fetch().message)
    assert found == ["t0", "t1", Signal.DONE]


def test_what_waits_is_counted_and_what_is_fetched_no_more(tmp_path: Path) -> None:
    here = Here(FILL)
    here.give(Fill(tmp_path / "progress", 2, 1000))
    here.read_one(is_fetched=False)
    here.read_one(is_fetched=False)
    assert 2000 < here.n_bytes < 3000
    np.testing.assert_array_equal(here.fetch().message, np.zeros(1000))
    assert 1000 < here.n_bytes < 1500
    here.fetch()
    assert here.n_bytes == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator is glibc's")
def test_the_memory_of_a_slice_is_kept_for_the_next() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    ).stdout
    before, after = map(int, said.split())
    if before < 10_000:
        pytest.skip("this allocator keeps freed memory by itself")
    assert after < before / 50
