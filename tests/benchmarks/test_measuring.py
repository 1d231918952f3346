"""How contestants are timed, and what a benchmark says of them."""

import time
from pathlib import Path

import pytest

import run_all
from measurement import Curves, Measurement, Ratio, Table, as_markdown, as_sentence, read, run
from timing import alternate, milliseconds, paired_ratio, spread


def test_contestants_take_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    contestants = {name: lambda name=name: calls.append(name) for name in "ab"}
    times = alternate(contestants, 4)
    assert calls == ["a", "a", "b", "b"] * 5
    assert [len(measured) for measured in times.values()] == [4, 4]


def test_one_call_a_round_where_a_call_outlasts_the_caches() -> None:
    calls: list[int] = []
    alternate({"a": lambda: calls.append(1)}, 3, n_calls=1)
    assert len(calls) == 4


def test_ends_in_time_but_not_before_three_rounds() -> None:
    times = alternate({"a": lambda: time.sleep(0.001)}, 100, seconds=0.0)
    assert len(times["a"]) == 3


def test_spread_and_paired_ratio() -> None:
    assert spread([4.0, 1.0, 3.0, 2.0, 5.0]) == (2.0, 3.0, 4.0)
    # Round by round: 2, 2 and 8, whose median is not that of the medians.
    assert paired_ratio([2.0, 4.0, 8.0], [1.0, 2.0, 1.0])[1] == 2.0


def test_milliseconds_keep_three_digits() -> None:
    assert milliseconds([0.0012345] * 3) == "1.23 (1.23-1.23)"
    assert milliseconds([1.2345] * 3) == "1234 (1234-1234)"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Ratio("x", 1, 2, 3), "x: **2** (quartiles 1 to 3)"),
        (Ratio("x", 1, 2, 3, floor=2), "x: **2** (quartiles 1 to 3); floor 2: holds"),
        (Ratio("x", 1, 2, 3, floor=2.5), "x: **2** (quartiles 1 to 3); floor 2.5: MISSED"),
        (Ratio("x", 1, 2, 3, ceiling=1.5), "x: **2** (quartiles 1 to 3); ceiling 1.5: MISSED"),
    ],
)
def test_a_ratio_says_whether_it_holds(ratio: Ratio, said: str) -> None:
    assert as_sentence(ratio) == said


def whole() -> Measurement:
    return Measurement(
        "Toy",
        "By hand.",
        [Table("Medians:", ["what", "ms"], [["a", "1"]])],
        [Curves("a against n", "n", "ms", {"a": [[1, 2.0], [10, 3.0]]})],  # type: ignore[list-item]  # as JSON has it
        [Ratio("a / b", 1.0, 2.0, 3.0, floor=1.5)],
        ["c is not installed"],
    )


def test_prints_and_keeps_what_was_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept" / "toy.json"
    monkeypatch.setattr("sys.argv", ["toy.py", "--json", str(path)])
    run("Toy.", whole)
    printed = capsys.readouterr().out
    assert printed == "\n".join(as_markdown(whole())) + "\n"
    for piece in ("## Toy", "| a | 1 |", "* a / b: **2**", "* Skipped: c is not installed"):
        assert piece in printed
    assert read(path) == whole()


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_all, "REPORTS", tmp_path)
    return tmp_path


def test_the_report_has_every_measurement_and_figure(reports: Path) -> None:
    run_all.write({"toy": whole()})
    text = (reports / "benchmarks.md").read_text()
    assert "![a against n](benchmarks/toy-1.png)" in text
    assert (reports / "benchmarks" / "toy-1.png").read_bytes().startswith(b"\x89PNG")
    assert f"* processor: {run_all.processor()}" in text
    assert '"threads"' in (reports / "benchmarks.json").read_text()


def test_make_bench_fails_when_a_ratio_misses_its_bound(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = reports / "kept"
    monkeypatch.setattr(run_all, "KEPT", kept)
    monkeypatch.setattr("sys.argv", ["toy.py", "--json", str(kept / "no_op.json")])
    slow = Measurement("Toy", "By hand.", ratios=[Ratio("a / b", 1, 1, 1, floor=2)])
    run("Toy.", lambda: slow)
    monkeypatch.setattr("sys.argv", ["run_all.py", "--only"])
    with pytest.raises(SystemExit, match=r"bench: a / b: .*floor 2: MISSED"):
        run_all.main()
    assert (reports / "benchmarks.md").exists()
