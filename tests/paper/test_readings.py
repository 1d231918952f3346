"""The readings of the paper, and the rule that tells which of them its numbers allow."""

from pathlib import Path

import pandas as pd
import pytest

from hqcm.paper.readings import (
    Readings,
    load_tried,
    misfits,
    read_readings,
    tabulate_readings,
    update_table,
)

FILE = Path(__file__).parents[2] / "data" / "paper" / "readings.yaml"


@pytest.fixture(scope="module")
def readings() -> Readings:
    return read_readings(FILE)


def test_a_reading_changes_what_it_names_and_nothing_else(readings: Readings) -> None:
    sections = readings.sections()
    base = sections["classical"]["classical_base"]
    assert base == {"head": "linear"} | readings.base
    for name, settings in readings.readings.items():
        own = sections["classical"][readings.name_variant("classical", name)]
        assert own == base | settings


def test_a_hybrid_network_has_no_activation_and_is_trained_once(readings: Readings) -> None:
    assert "activation" not in readings.sections()["hybrid"]["hybrid_base"]
    assert readings.name_variant("hybrid", "relu") == "hybrid_base"
    assert readings.name_variant("classical", "relu") == "classical_relu"


def test_the_rule_is_the_one_that_was_decided(readings: Readings) -> None:
    """The bounds of docs/decisions/0021, in its own figures."""

    def judge(**changes: float) -> list[str]:
        row = {"hybrid_loss": 1.5, "classical_loss": 2.43}
        whole = {"hybrid_accuracy": 0.95, "classical_accuracy": 0.93}
        return misfits(pd.DataFrame([row | whole, row | whole | changes]), readings.printed)

    assert judge() == []
    assert judge(hybrid_loss=1.86, classical_loss=2.43) == []  # ratio 1.31
    assert judge(hybrid_loss=1.88) == ["ratio"]  # ratio 1.29
    assert judge(hybrid_loss=2.41, classical_loss=3.88) == ["hybrid loss"]
    assert judge(hybrid_loss=0.93, classical_loss=1.53) == ["hybrid loss"]
    assert judge(hybrid_loss=2.39, classical_loss=3.90) == ["classical loss"]
    assert judge(hybrid_accuracy=0.79) == ["hybrid accuracy"]
    assert judge(classical_accuracy=0.79) == ["classical accuracy"]
    assert judge(classical_accuracy=float("nan")) == []  # not whole


SLICES = {"cohort": "phantom", "image_size_px": 48}


def write_runs(readings: Readings, reports: Path, n_steps: int) -> None:
    (reports / "first_steps").mkdir(parents=True)
    (reports / "history").mkdir()
    for kind, sections in readings.sections().items():
        for number, name in enumerate(sections):
            steps = pd.DataFrame({"loss": [1.0 + number] * n_steps + [99.0]})
            steps.to_csv(reports / "first_steps" / f"{name}-random-4.csv")
            epochs = {"train_accuracy": [0.1, 0.9], "dead_outputs": [9, len(kind)]}
            pd.DataFrame(epochs).to_csv(reports / "history" / f"{name}-random-4.csv")


def test_the_table_holds_means_of_the_first_steps_and_the_last_epoch(
    readings: Readings, tmp_path: Path
) -> None:
    write_runs(readings, tmp_path, n_steps=83)
    table = tabulate_readings(readings, tmp_path, SLICES, [4], is_whole=True)
    assert table["reading"].tolist() == list(readings.readings)
    assert table[[*SLICES]].drop_duplicates().to_dict("records") == [SLICES]
    row = table.set_index("reading").loc["relu"]
    assert (row["hybrid_loss"], row["classical_loss"]) == (1, 4)
    assert (row["hybrid_accuracy"], row["classical_dead"]) == (0.9, len("classical"))
    first = tabulate_readings(readings, tmp_path, SLICES, [4], is_whole=False)
    assert first["hybrid_accuracy"].isna().all()


def test_too_few_steps_are_refused(readings: Readings, tmp_path: Path) -> None:
    write_runs(readings, tmp_path, n_steps=81)
    with pytest.raises(ValueError, match="must have 83 steps; got 82"):
        tabulate_readings(readings, tmp_path, SLICES, [4], is_whole=True)


def test_a_cohort_takes_the_place_of_its_earlier_rows(tmp_path: Path) -> None:
    path = tmp_path / "measured" / "readings.csv"
    assert load_tried(FILE, path) is None
    for cohort, loss in (("phantom", 1.0), ("clinical", 2.0), ("phantom", 3.0)):
        update_table(path, pd.DataFrame([{"cohort": cohort, "hybrid_loss": loss}]))
    tried = load_tried(FILE, path)
    assert tried is not None
    assert tried.table.to_numpy().tolist() == [["clinical", 2.0], ["phantom", 3.0]]
