"""Which learning rate a network is given."""

import json
from pathlib import Path

import pandas as pd
import pytest

from hqcm.comparison.learning_rates import _Kept, _rank_family, read_family, read_kept, read_rates
from hqcm.contracts.study import StudyParams

CURVE = pd.DataFrame(
    {
        "epoch": [1, 2, 3, 4],
        "learning_rate": [0.003, 0.003, 0.0015, 0.0015],
        "validation_loss": [0.9, 0.4, 0.5, 0.4],
        "validation_accuracy": [0.5, 0.7, 0.8, 0.9],
    }
)


def write_run(folder: Path, cell: str, base: str | None, *, rate: float, accuracy: float) -> None:
    variant = cell.partition("-")[0]
    section = {"head": "linear"} | ({"base": base} if base else {})
    note = {"variant": variant, "params": {"variants": {variant: section}}}
    (folder / f"{cell}.json").write_text(json.dumps(note))
    curve = CURVE.assign(learning_rate=rate, validation_accuracy=accuracy)
    curve.to_csv(folder / f"{cell}.csv", index=False)


def chosen(members: dict[str, list[_Kept]]) -> tuple[str, str]:
    """Published, best."""
    rates = _rank_family("random", "a", members)
    (published,) = (rate.variant for rate in rates if rate.is_published)
    (best,) = (rate.variant for rate in rates if rate.is_best)
    return published, best


def test_the_kept_epoch_is_the_first_of_the_lowest_validation_loss(tmp_path: Path) -> None:
    CURVE.to_csv(tmp_path / "run.csv", index=False)
    assert read_kept(tmp_path / "run.csv") == _Kept(0.003, 0.7, 0.4)


def test_the_best_has_the_highest_mean_validation_accuracy() -> None:
    fickle = [_Kept(0.01, 0.99, 0.1), _Kept(0.01, 0.5, 0.1)]
    steady = [_Kept(0.001, 0.8, 0.9), _Kept(0.001, 0.8, 0.9)]
    assert chosen({"a": fickle, "a_lr001": steady}) == ("a", "a_lr001")
    assert chosen({"a_lr001": steady, "a": fickle}) == ("a", "a_lr001")


@pytest.mark.parametrize(
    ("loss_of_a", "best"), [(0.5, "a"), (0.4, "a"), (0.6, "a_lr001"), (0.5 + 1e-9, "a")]
)
def test_of_equals_the_lower_loss_then_the_published_rate(loss_of_a: float, best: str) -> None:
    members = {"a_lr001": [_Kept(0.001, 0.8, 0.5)], "a": [_Kept(0.01, 0.8, loss_of_a)]}
    assert chosen(members) == ("a", best)


def test_a_family_whose_base_was_not_trained_has_no_published_member() -> None:
    members = {"a_lr003": [_Kept(0.003, 0.8, 0.5)], "a_lr001": [_Kept(0.001, 0.9, 0.5)]}
    rates = _rank_family("random", "a", members)
    assert [rate.is_published for rate in rates] == [False, False]
    assert [rate.is_best for rate in rates] == [False, True]


def test_families_are_those_the_checkpoints_record(tmp_path: Path) -> None:
    study = StudyParams(
        hybrid=["paper"], classical=["plain", "plain_slow"], protocols=["random"], seeds=[0, 1]
    )
    for seed, accuracy in ((0, 0.6), (1, 0.8)):
        write_run(tmp_path, f"paper-random-{seed}", None, rate=0.01, accuracy=0.9)
        write_run(tmp_path, f"plain-random-{seed}", None, rate=0.01, accuracy=0.5)
        write_run(tmp_path, f"plain_slow-random-{seed}", "plain", rate=0.001, accuracy=accuracy)
    rates = read_rates(tmp_path, tmp_path, study)
    rows = [
        (rate.family, rate.variant, rate.learning_rate, rate.validation_accuracy) for rate in rates
    ]
    assert rows == [
        ("paper", "paper", 0.01, 0.9),
        ("plain", "plain", 0.01, 0.5),
        ("plain", "plain_slow", 0.001, 0.7),
    ]
    assert [rate.is_best for rate in rates] == [True, False, True]
    assert [rate.is_published for rate in rates] == [True, True, False]


def test_a_note_without_parameters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"variant": "paper"}')
    with pytest.raises(ValueError, match=r"run\.json: network\.params is missing"):
        read_family(path, "paper")
