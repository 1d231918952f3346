"""Several processes read, the results come in order; crashes, slow takers and ends of all kinds."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice, repeat
from multiprocessing import active_children
from pathlib import Path
from pickle import PicklingError

import numpy as np
import pytest
from numpy.typing import NDArray

from hqcm.formats.ordered_reading import read_in_order
from hqcm.formats.reader import Reading, Signal
from hqcm.formats.worker import Worker
from toy_reading import (
    COUNT,
    COUNT_ELSEWHERE,
    FILL,
    FILL_ELSEWHERE,
    PID,
    Count,
    EndsProcess,
    Fill,
    always,
    may_crash,
    say_crash,
)

TESTS = Path(__file__).resolve().parents[1]
MEBIBYTE = 1 << 20
# What is read ahead, four slots of two, and one result of four on its way and one come too much.
AHEAD_BYTES = (16 + 4 * 2 + 4 + 4) * MEBIBYTE


def expected(tasks: list[Count]) -> Iterator[str]:
    """What one process would give, in a loop."""
    for task in tasks:
        crashes = 0 <= task.crash < task.n
        for number in range(task.crash if crashes else task.n):
            yield f"{task.name}{number}"
        if crashes:
            yield f"{task.name} crashed after {task.crash}: -9"


@pytest.mark.parametrize("reading", [COUNT, COUNT_ELSEWHERE])
@pytest.mark.parametrize("n_processes", [1, 3])
def test_results_come_in_the_order_of_the_tasks(
    reading: Reading[Count, str], n_processes: int
) -> None:
    # From nothing at all to more than the sockets hold, unevenly.
    tasks = [Count(f"t{i}-", (0, 3, 1, 4000)[i % 4]) for i in range(23)]
    assert list(read_in_order(reading, tasks, n_processes)) == list(expected(tasks))
    assert active_children() == []


@pytest.mark.parametrize("n_processes", [1, 2])
def test_a_crash_takes_what_it_had_not_read_and_nothing_else(n_processes: int) -> None:
    tasks = [
        *(Count("first-", 2, crash=0), Count("a-", 1), Count("b-", 3, crash=2), Count("c-", 2)),
        *(Count("d-", 1), Count("e-", 0), Count("last-", 2, crash=1)),
    ]
    assert list(read_in_order(COUNT, tasks, n_processes)) == list(expected(tasks))
    assert active_children() == []


def test_no_tasks_are_no_results() -> None:
    assert list(read_in_order(COUNT, [], 1)) == []


def test_this_process_and_another_read() -> None:
    pids = set()
    with closing(read_in_order(PID, repeat(0.001), 2)) as results:
        for pid in islice(results, 60_000):  # a minute: the other has started long before
            pids.add(pid)
            if len(pids) == 2:
                break
    assert os.getpid() in pids
    assert len(pids) == 2


def test_nobody_waits_for_a_process_that_still_starts() -> None:
    with closing(read_in_order(PID, [0.0] * 9, 2)) as results:
        assert next(results) == os.getpid()


def test_what_may_crash_is_never_read_here() -> None:
    for n_processes in (1, 2):
        pids = set(read_in_order(PID._replace(may_crash=always), [0.0] * 9, n_processes))
        assert len(pids) == 1
        assert os.getpid() not in pids


def test_one_process_starts_no_other_where_nothing_crashes() -> None:
    results = read_in_order(PID, [0.0] * 9, 1)
    assert next(results) == os.getpid()
    assert active_children() == []
    assert set(results) == {os.getpid()}


def test_tasks_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Count]:
        while True:
            taken.append(len(taken))
            yield Count("t", 1)

    with closing(read_in_order(COUNT, endless(), 2)) as results:
        for _ in range(10):
            next(results)
    assert 10 <= len(taken) <= 10 + 64


@pytest.mark.parametrize("reading", [FILL, FILL_ELSEWHERE])
@pytest.mark.parametrize("size_bytes", [MEBIBYTE, 4 * MEBIBYTE])  # below and above a slot's
def test_who_is_far_ahead_waits(
    tmp_path: Path, size_bytes: int, reading: Reading[Fill, NDArray[np.uint8]]
) -> None:
    n = 200 * MEBIBYTE // size_bytes
    tasks = [Fill(tmp_path / name, n, size_bytes) for name in ("first", "second")]
    with closing(read_in_order(reading, tasks, 3)) as results:
        assert not next(results).any()
        time.sleep(1)
        assert int((tmp_path / "first").read_text()) * size_bytes <= AHEAD_BYTES
        numbers = []
        for result in results:
            assert (result == result[0]).all()
            numbers.append(int(result[0]))
            if len(numbers) == n - 1:
                assert int((tmp_path / "second").read_text()) * size_bytes <= AHEAD_BYTES
    assert numbers == [*range(1, n), *range(n)]


def test_a_process_that_does_not_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="a process that reads files must start; its exit code"):
        list(read_in_order(Reading(EndsProcess(), always, say_crash), [Count("t", 1)], 2))
    assert active_children() == []


def test_what_cannot_be_sent_is_an_error_and_leaves_nothing_open() -> None:
    with pytest.raises((PicklingError, AttributeError), match="pickle"):
        list(
            read_in_order(
                Reading(lambda task: iter([task.name]), may_crash, say_crash), [Count("t", 1)], 2
            )
        )
    assert active_children() == []


def test_a_process_that_is_killed_while_it_waits_for_its_next_task_is_replaced() -> None:
    with closing(Worker(COUNT)) as reader:
        reader.give(Count("a", 1))
        while reader.tasks:
            reader.receive()
        reader._process.kill()
        reader._process.join()
        reader.give(Count("b", 1))
        while reader.tasks:
            reader.receive()
        messages = [received.message for received in reader.results]
    assert messages[-2:] == ["b crashed after 0: -9", Signal.DONE]


def test_an_iterator_that_is_not_used_up_ends_its_processes() -> None:
    results = read_in_order(COUNT, [Count("t", 10**9)], 2)
    assert next(results) == "t0"
    assert len(active_children()) == 1
    results.close()
    assert active_children() == []


SCRIPT = """
from toy_reading import COUNT_ELSEWHERE, Count
from hqcm.formats.ordered_reading import read_in_order

if __name__ == "__main__":
    for number, _ in enumerate(read_in_order(COUNT_ELSEWHERE, [Count("t", 10**9)] * 4, 2)):
        if number == 5:
            print("reading", flush=True)
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("ended_by", ["ctrl-c", "kill"])
def test_however_the_script_ends_no_process_stays(tmp_path: Path, ended_by: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    script = subprocess.Popen(
        [sys.executable, tmp_path / "script.py"],
        env=os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with script:
        assert script.stdout is not None
        assert script.stdout.readline() == "reading\n"
        if ended_by == "ctrl-c":
            os.killpg(script.pid, signal.SIGINT)  # a terminal tells everyone
        else:
            script.kill()
        # Ends only when every process has let go of it.
        said = script.communicate(timeout=60)[1]
    assert script.returncode == {"ctrl-c": -signal.SIGINT, "kill": -signal.SIGKILL}[ended_by]
    assert said.count("Traceback") == said.count("KeyboardInterrupt\n") == (ended_by == "ctrl-c")
    wait_for_the_end_of_group(script.pid)


def wait_for_the_end_of_group(group: int) -> None:
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a process of the script is still there")
