"""Other processes read, the results come in order; crashes, hangs and ends of all kinds."""

import os
import warnings
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from multiprocessing import active_children
from pathlib import Path

import pytest

from hqcm.cohort.converted import Fold, Rejection
from hqcm.formats import reading
from hqcm.formats.native_format import Item, NativeFormat, RawFile, Task, find_files
from hqcm.formats.reading import _read_task, read_in_order
from hqcm.slices.store import Slice
from toy_format import ERRORS, TOY, plan, sort_out, write_raw


def tasks_of(folder: Path, **texts: str) -> list[Task]:
    return sort_out(plan(find_files(write_raw(folder, **texts)))).tasks


def shown(items: Iterator[Item] | list[Item]) -> list[str]:
    """A slice's value, or what was rejected and why."""
    return [
        str(item.image[0, 0]) if isinstance(item, Slice) else " ".join(map(str, item))
        for item in items
    ]


CRASHED = "must be readable; reading it ended the process with exit code -9"


@pytest.mark.parametrize("n_processes", [1, 2])
def test_a_crash_costs_only_its_file(tmp_path: Path, n_processes: int) -> None:
    texts = {"a_txt": "crash", "b_txt": "1 2", "c_txt": "3 crash", "d_txt": "4 struct", "e_txt": ""}
    tasks = tasks_of(tmp_path / "raw", **texts, f_txt="5", g_txt="crash")
    assert shown(read_in_order(TOY, "akter", tasks, n_processes)) == [
        f"a.txt {CRASHED}",
        *("1", "2"),
        f"c.txt {CRASHED}",
        *("4", "d.txt after slice 1: error: unpack"),
        "e.txt file must not be empty; got 0 bytes",
        "5",
        f"g.txt {CRASHED}",
    ]
    assert active_children() == []


def test_a_hang_costs_only_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LIMIT_S", 5)
    tasks = tasks_of(tmp_path / "raw", a_txt="1", b_txt="2 sleep", c_txt="3")
    said = "b.txt must be readable; reading it took more than 5 s and was ended"
    assert shown(read_in_order(TOY, "akter", tasks, 1)) == ["1", said, "3"]
    assert active_children() == []


def test_what_asks_for_too_much_memory_costs_only_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LIMIT_BYTES", 1 << 30)
    tasks = tasks_of(tmp_path / "raw", a_txt="1", b_txt="2 eat", c_txt="3")
    *items, refused, last = shown(read_in_order(TOY, "akter", tasks, 1))
    assert [*items, last] == ["1", "2", "3"]
    assert refused.startswith("b.txt after slice 1: ")
    assert "MemoryError: Unable to allocate 2.00 GiB" in refused


def test_many_tasks_come_in_order_and_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    sizes = [(0, 3, 1, 400)[number % 4] for number in range(23)]
    numbers = [f"{number}" for number in range(sum(sizes))]
    words = iter(numbers)
    texts = {f"{i:02}_txt": " ".join(islice(words, n)) or "!" for i, n in enumerate(sizes)}
    taken: list[Task] = []

    def take() -> Iterator[Task]:
        for task in tasks_of(tmp_path / "raw", **texts):
            taken.append(task)
            yield task

    with closing(read_in_order(TOY, "akter", take(), 2)) as items:
        assert shown(islice(items, 1)) == ["0"]
        assert len(taken) <= 2 + 2 + 4  # one gave nothing, two are being read, four wait
        assert shown(items) == numbers[1:]
    assert active_children() == []


def test_who_takes_no_more_leaves_no_process(tmp_path: Path) -> None:
    tasks = tasks_of(tmp_path / "raw", a_txt="1", b_txt="sleep")
    with closing(read_in_order(TOY, "akter", tasks, 2)) as items:
        assert shown(islice(items, 1)) == ["1"]
    assert active_children() == []


def test_no_tasks_are_no_results() -> None:
    assert list(read_in_order(TOY, "akter", [], 1)) == []


def read_own_number(source: str, task: Task) -> Iterator[Fold]:
    yield Fold(f"{source}/{task.image.name}", os.getpid())


def test_nothing_is_read_in_this_process(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("1")
    native = NativeFormat("any", plan, read_own_number)
    (item,) = read_in_order(native, "akter", [Task(RawFile("1.txt", tmp_path / "1.txt"))], 1)
    assert isinstance(item, Fold)
    assert item.fold != os.getpid()


def test_warnings_of_decoders_stay_inside(tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path / "raw", a_txt="! 1")
    assert shown(_read_task(TOY, "akter", task)) == ["1"]  # pytest would have raised the warning
    with pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", stacklevel=1)


@pytest.mark.parametrize("name", ERRORS)
def test_whatever_a_decoder_raises_is_a_rejection(tmp_path: Path, name: str) -> None:
    (task,) = tasks_of(tmp_path / "raw", a_txt=f"1 {name} 2")
    error = ERRORS[name]
    first, rejection = _read_task(TOY, "akter", task)  # what came before the error is kept
    assert isinstance(first, Slice)
    assert rejection == Rejection("a.txt", f"after slice 1: {type(error).__name__}: {error}")


def test_an_interrupt_is_no_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ERRORS, "stop", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        _read_task(TOY, "akter", *tasks_of(tmp_path / "raw", a_txt="stop"))
