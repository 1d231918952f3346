"""What follows from the same configuration in several arithmetics."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from hqcm.results.roundings import (
    Roundings,
    describe_configuration,
    read_roundings,
    write_roundings,
)

ACCURACIES = {"paper": [0.90, 0.92, 0.94, 0.96], "counterpart": [0.90, 0.90, 0.96, 0.92]}
PAIR = ("paper", "counterpart")


@pytest.fixture
def measured() -> Roundings:
    rows = [
        {"arithmetic": f"a{i}", "variant": name, "accuracy": value, "n_slices": 50}
        for name, values in ACCURACIES.items()
        for i, value in enumerate(values)
    ]
    return Roundings(pd.DataFrame(rows), {"n_test_slices": 50, "networks": {}})


def test_one_more_run_is_expected_where_student_says(measured: Roundings) -> None:
    values = np.array(ACCURACIES["paper"])
    half = t.ppf(0.975, 3) * values.std(ddof=1) * np.sqrt(5 / 4)
    expected = values.mean() - half, values.mean() + half
    assert measured.expect("paper") == pytest.approx(expected)


def test_the_runs_that_were_lie_where_one_more_is_expected() -> None:
    values = [0.9] * 40 + [0.5]  # so far out that the formula alone leaves it there
    rows = [{"arithmetic": str(i), "variant": "x", "accuracy": a} for i, a in enumerate(values)]
    assert Roundings(pd.DataFrame(rows), {}).expect("x").low == 0.5


def test_noise_is_of_the_paired_differences(measured: Roundings) -> None:
    differences = np.subtract(ACCURACIES["paper"], ACCURACIES["counterpart"])
    assert measured.differences(PAIR).to_numpy() == pytest.approx(differences)
    half = t.ppf(0.975, 3) * differences.std(ddof=1) * np.sqrt(5 / 4)
    assert measured.noise(PAIR) == pytest.approx(half)


def test_one_run_tells_nothing(measured: Roundings) -> None:
    one = Roundings(measured.table[measured.table["arithmetic"] == "a0"], {})
    with pytest.raises(ValueError, match="2 runs or more; got 1"):
        one.expect("paper")


def test_arithmetic_is_no_part_of_a_configuration() -> None:
    def describe(precision: str, rate: float) -> dict[str, object]:
        train = {"precision": precision, "device": "cpu", "learning_rate": rate}
        return describe_configuration({"paper": {"train": train, "prepare": {"size": 8}}}, 50)

    assert describe("float32", 0.01) == describe("bfloat16", 0.01)
    assert describe("float32", 0.01) != describe("float32", 0.02)


def test_what_is_written_is_read(measured: Roundings, tmp_path: Path) -> None:
    assert read_roundings(tmp_path) is None
    write_roundings(tmp_path / "new", measured)
    read = read_roundings(tmp_path / "new")
    assert read is not None
    pd.testing.assert_frame_equal(read.table, measured.table)
    assert read.configuration == measured.configuration
