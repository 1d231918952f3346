"""Estimates come back as they were written, and nothing else is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hqcm.results.intervals import (
    Estimate,
    Estimates,
    ProtocolEstimates,
    _read_estimates,
    read_all_estimates,
    write_estimates,
)

ACCURACY = Estimate(value=0.9, low=0.8, high=1, n=40, n_groups=5)
GAP = Estimate(value=-0.1, low=-0.2, high=0.05, n=40, n_groups=5)
ESTIMATES: Estimates = {
    "random": ProtocolEstimates(
        networks={"paper": {"metrics/ece": ACCURACY, "metrics/accuracy": ACCURACY}},
        differences={"metrics/accuracy": GAP},
    ),
    "patient": ProtocolEstimates(networks={"paper": {}}, differences={}),
}


def test_estimates_come_back_in_order_and_twice_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_estimates(tmp_path / name, ESTIMATES)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    found = _read_estimates(tmp_path / "a.json")
    assert found == ESTIMATES
    assert list(found) == ["random", "patient"]
    assert list(found["random"].networks["paper"]) == ["metrics/ece", "metrics/accuracy"]


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    write_estimates(tmp_path / "a.json", ESTIMATES)
    loaded = json.loads((tmp_path / "a.json").read_text())
    assert loaded["random"]["differences"]["metrics/accuracy"] == {
        "value": -0.1,
        "low": -0.2,
        "high": 0.05,
        "n": 40,
        "n_groups": 5,
    }


def test_bounds_are_low_and_high() -> None:
    assert GAP.bounds == (-0.2, 0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 0.2, "high": 0.1}, r"low must not exceed high; got 0.2 and 0.1"),
        ({"value": float("nan")}, "finite number"),
        ({"n": 0}, "greater than or equal to 1"),
        ({"n_groups": 0}, "greater than or equal to 1"),
        ({"spread": 0.1}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_no_estimate_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Estimate.model_validate({**ACCURACY.model_dump(), **change})


def test_the_file_and_the_place_of_a_mistake_are_named(tmp_path: Path) -> None:
    path = tmp_path / "classification.json"
    write_estimates(path, ESTIMATES)
    path.write_text(path.read_text().replace('"high": 0.05', '"upper": 0.05'))
    with pytest.raises(
        ValueError,
        match=r"classification\.json: file\.estimates\.random\.differences\.metrics/accuracy\.high",
    ):
        _read_estimates(path)


def test_the_files_of_a_folder_are_one(tmp_path: Path) -> None:
    other = {
        "random": ProtocolEstimates(
            networks={"paper": {"separability/silhouette": GAP}, "counterpart": {"a": GAP}},
            differences={"separability/silhouette": GAP},
        ),
        "source": ProtocolEstimates(networks={"paper": {"a": GAP}}, differences={}),
    }
    write_estimates(tmp_path / "b.json", other)
    write_estimates(tmp_path / "a.json", ESTIMATES)
    (tmp_path / "notes.txt").write_text("no estimates")
    joined = read_all_estimates(tmp_path)
    assert list(joined) == ["random", "patient", "source"]
    assert joined["random"].networks == {
        "paper": {
            "metrics/ece": ACCURACY,
            "metrics/accuracy": ACCURACY,
            "separability/silhouette": GAP,
        },
        "counterpart": {"a": GAP},
    }
    assert joined["random"].differences == {
        "metrics/accuracy": GAP,
        "separability/silhouette": GAP,
    }
    assert (joined["patient"], joined["source"]) == (ESTIMATES["patient"], other["source"])


def test_a_folder_without_files_has_no_estimates(tmp_path: Path) -> None:
    assert read_all_estimates(tmp_path) == {}


def test_two_files_must_not_estimate_the_same(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_estimates(tmp_path / name, ESTIMATES)
    with pytest.raises(ValueError, match=r"b\.json: must estimate what .*; got metrics/accuracy"):
        read_all_estimates(tmp_path)
