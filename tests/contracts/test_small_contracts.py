"""Labels, and the names of a study's cells."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError

from hqcm.contracts import labels
from hqcm.contracts.study import Bodies, Cell, ClassicalNames, StudyParams, require_map
from hqcm.results.predictions import (
    Predictions,
    predictions_path,
    read_predictions,
    write_predictions,
)


def test_class_ids_are_the_papers() -> None:
    named = {name: labels.CLASS_NAMES.index(name) for name in labels.CLASS_NAMES}
    assert named == {"healthy": 0, "meningioma": 1, "glioma": 2, "pituitary": 3}
    assert (labels.HEALTHY, labels.MENINGIOMA, labels.GLIOMA, labels.PITUITARY) == (0, 1, 2, 3)


def test_roles_are_the_kinds_of_networks_that_a_study_names() -> None:
    assert labels.ROLES == get_args(labels.Role) == tuple(StudyParams.model_fields)[:2]
    assert get_args(labels.Cohort) == labels.COHORTS


STUDY: dict[str, list[Any]] = {
    "hybrid": ["paper"],
    "classical": ["counterpart"],
    "protocols": ["a", "b"],
    "seeds": [0],
}


def test_a_study_is_every_variant_under_every_protocol_and_seed() -> None:
    assert [cell.name for cell in StudyParams.model_validate(STUDY).cells()] == [
        *("paper-a-0", "counterpart-a-0", "paper-b-0", "counterpart-b-0"),
    ]


@pytest.mark.parametrize("key", STUDY)
def test_a_study_of_nothing_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match=f"{key}\n.*at least 1"):
        StudyParams.model_validate({**STUDY, key: []})


@pytest.mark.parametrize("key", STUDY)
def test_nothing_is_studied_twice(key: str) -> None:
    value = STUDY[key][0]
    with pytest.raises(ValidationError, match=f"{key}\n.*must name each once; {value} comes twice"):
        StudyParams.model_validate({**STUDY, key: [*STUDY[key], value]})


@pytest.mark.parametrize("name", ["a/b", "", "a b", ".."])
def test_a_name_is_part_of_a_file_s(name: str) -> None:
    with pytest.raises(ValidationError, match="match pattern"):
        StudyParams.model_validate({**STUDY, "hybrid": [name]})


def make_predictions() -> Predictions:
    ramp = np.arange(8, dtype=np.float32)
    return Predictions(
        slice_id=np.array(["b", "ä"], dtype=object),
        y_true=np.array([3, 0]),
        logits=np.array([[0, 1, 2, 3], [0, 1, 5, 3]], np.float32),
        features=np.outer(ramp[:2], ramp[:25]).astype(np.float32),
        attention=np.zeros((2, 16, 16), np.float32),
    )


def test_predictions_come_back_and_twice_the_same_bytes(tmp_path: Path) -> None:
    given = make_predictions()
    paths = [predictions_path(tmp_path, Cell("paper", "random", seed)) for seed in (0, 1)]
    for path in paths:
        write_predictions(path, given)
    assert [path.name for path in paths] == ["paper-random-0.h5", "paper-random-1.h5"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    found = read_predictions(paths[0])
    for name in ("slice_id", "y_true", "logits", "features", "attention"):
        np.testing.assert_array_equal(getattr(found, name), getattr(given, name))
    assert found.y_pred.tolist() == [3, 2]


def test_predictions_that_are_absent_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"x\.h5 must exist; run `dvc repro`"):
        read_predictions(tmp_path / "x.h5")


VARIANTS = Bodies.model_validate({"plain": {"head": "linear"}, "deep": {"body": "resnet18"}})


def test_the_first_classical_network_must_have_a_map() -> None:
    for names in (["plain", "deep"], ["plain"], ["unknown"]):
        require_map(ClassicalNames(classical=names), VARIANTS)
    with pytest.raises(
        ValueError, match=r"first network under study\.classical must have .*; got deep, whose body"
    ):
        require_map(ClassicalNames(classical=["deep", "plain"]), VARIANTS)
