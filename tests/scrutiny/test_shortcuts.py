"""Clues are measured slice by slice; the probe finds one that tells the class, and no other."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.scrutiny.shortcuts import (
    _CLUES,
    _NOTHING,
    EVERYTHING,
    VISIBLE,
    ShortcutParams,
    _measure_borders,
    _score_guesses,
    _Shortcut,
    measure_clues,
    probe_splits,
    read_shortcuts,
    write_shortcuts,
)
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter
from reference import class_scores

FOREST = {"dark_below": 0.1, "n_trees": 12, "min_slices_in_leaf": 2, "seed": 0}
PARAMS = ShortcutParams.model_validate(FOREST)
DRAWS = UncertaintyParams(n_resamples=200, seed=0)
COLUMNS = [name for columns in _CLUES.values() for name in columns]
N = 240


def write_store(path: Path, images: dict[str, np.ndarray]) -> Path:
    with SliceWriter(path) as writer:
        for name, image in images.items():
            writer.add(Slice(name, name.split("/")[0], name, 1, image, None))
    return path


def framed(top: int, bottom: int, left: int, right: int, size: int = 20) -> np.ndarray:
    image = np.full((size, size), 25, np.uint8)  # below a tenth of white, 25.5
    image[top : size - bottom, left : size - right] = 26
    return image


@given(st.tuples(*[st.integers(0, 9)] * 4))
def test_a_border_ends_at_the_first_bright_pixel(widths: tuple[int, int, int, int]) -> None:
    expected = [width / 20 for width in widths]
    assert list(_measure_borders(framed(*widths), 0.1)) == pytest.approx(expected)


def test_one_bright_pixel_is_enough() -> None:
    image = np.zeros((10, 10), np.uint8)
    image[2, 7] = 255
    assert _measure_borders(image, 0.5) == pytest.approx((0.2, 0.7, 0.7, 0.2))


def test_a_slice_without_a_bright_pixel_is_all_border() -> None:
    assert _measure_borders(np.zeros((8, 8), np.uint8), 0.1) == (1, 1, 1, 1)


def test_sizes_are_native_and_all_else_is_of_the_prepared_slice(tmp_path: Path) -> None:
    natives = [
        write_store(tmp_path / "mat.h5", {"figshare/1": np.ones((5, 7), np.int16)}),
        write_store(tmp_path / "images.h5", {"akter/1": np.ones((9, 3), np.uint8)}),
    ]
    images = {"akter/1": framed(1, 2, 3, 4), "figshare/1": np.full((20, 20), 255, np.uint8)}
    clues = measure_clues(write_store(tmp_path / "prepared.h5", images), natives, 0.1)
    assert clues.index.tolist() == ["akter/1", "figshare/1"]
    assert sorted(map(str, clues)) == sorted(
        name for columns in _CLUES.values() for name in columns
    )
    assert clues[_CLUES["native size"]].to_numpy().tolist() == [[9, 3], [5, 7]]
    assert clues[_CLUES["source"]].to_numpy().tolist() == [[0], [1]]
    borders = clues[_CLUES["border width"]].to_numpy(np.float64)
    np.testing.assert_allclose(borders, np.array([[0.05, 0.1, 0.15, 0.2], [0, 0, 0, 0]]))
    bright = 17 * 13 / 400
    np.testing.assert_allclose(clues["mean_intensity"].to_numpy(), [(25 + bright) / 255, 1])


def test_a_slice_of_no_native_store_is_an_error(tmp_path: Path) -> None:
    native = write_store(tmp_path / "mat.h5", {"figshare/1": np.ones((5, 7), np.int16)})
    images = {name: framed(1, 1, 1, 1) for name in ("figshare/1", "figshare/2")}
    prepared = write_store(tmp_path / "prepared.h5", images)
    with pytest.raises(KeyError, match=r"mat.h5: must hold all of \d+ slices; lack 1"):
        measure_clues(prepared, [native], 0.1)


def cohort(**told: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, "pd.Series[str]"]]:
    """Slices of all classes in turn whose clues say nothing but what is told."""
    slice_ids = [f"akter/{i}" for i in range(N)]
    index = pd.DataFrame(
        {
            "slice_id": slice_ids,
            "source": "akter",
            "family": [f"p{i // 3}" for i in range(N)],
            "label": np.arange(N) % 4,
        }
    )
    clues = pd.DataFrame(0.0, slice_ids, COLUMNS).assign(**told)
    parts = np.where(
        np.arange(N) < 160, "train", np.where(np.arange(N) < 180, "validation", "test")
    )
    return index, clues, {"random": pd.Series(parts.tolist(), slice_ids, dtype=str)}


def probe(**told: np.ndarray) -> dict[str, _Shortcut]:
    return probe_splits(*cohort(**told), PARAMS, DRAWS)["random"]


def test_clues_that_say_nothing_are_guesses() -> None:
    found = probe()
    assert [*found] == [_NOTHING, *_CLUES, VISIBLE, EVERYTHING]
    for shortcut in found.values():
        assert shortcut.accuracy.value == shortcut.balanced_accuracy.value == 0.25


@pytest.mark.parametrize(
    ("clue", "together"),
    [
        ("source", [EVERYTHING]),
        ("native size", [EVERYTHING]),
        ("border width", [VISIBLE, EVERYTHING]),
        ("mean intensity", [VISIBLE, EVERYTHING]),
    ],
)
def test_a_clue_that_tells_the_class_is_found(clue: str, together: list[str]) -> None:
    found = probe(**{_CLUES[clue][-1]: np.arange(N) % 4 / 4})
    # A forest draws one column a step: where one of many tells the class it errs now and then.
    assert found[clue].accuracy.value > 0.9
    assert all(found[name].accuracy.value > 0.7 for name in together)
    for other in {*_CLUES, _NOTHING, VISIBLE} - {clue, *together}:
        assert found[other].accuracy.value == 0.25


def test_it_learns_on_training_and_is_scored_on_the_test() -> None:
    label = np.arange(N) % 4
    told = np.where(np.arange(N) < 160, label, 3 - label)  # reversed after training
    assert probe(mean_intensity=told)["mean intensity"].accuracy.value == 0
    told = np.where(np.arange(N) < 180, label, 1)  # validation slices teach and count nothing
    assert probe(mean_intensity=told)["mean intensity"].accuracy.value == 0.25


def test_nothing_known_is_the_most_frequent_class_of_training() -> None:
    index, clues, parts = cohort()
    index["label"] = [2, 2, 2, 0] * (N // 4)
    scores = probe_splits(index, clues, parts, PARAMS, DRAWS)["random"][_NOTHING]
    assert scores.accuracy.value == 0.75
    assert scores.balanced_accuracy.value == 0.5


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.int64, 20, elements=st.integers(0, 3)),
    hnp.arrays(np.int64, 20, elements=st.integers(0, 3)),
)
def test_scores_are_counted_one_by_one(y_true: np.ndarray, y_pred: np.ndarray) -> None:
    found = _score_guesses(y_true, y_pred, np.arange(20) // 2, DRAWS)
    rows = [class_scores(y_true.tolist(), y_pred.tolist(), label) for label in range(4)]
    assert found.accuracy.value == pytest.approx(sum(r * n for _, r, _, n in rows) / 20, abs=1e-6)
    recalls = [recall for _, recall, _, n in rows if n]
    assert found.balanced_accuracy.value == pytest.approx(np.mean(recalls), abs=1e-6)
    low, high = found.accuracy.low, found.accuracy.high
    assert low is not None
    assert high is not None
    assert 0 <= low <= found.accuracy.value <= high <= 1


def test_the_interval_knows_that_slices_of_a_patient_are_alike() -> None:
    y_true = np.zeros(400, np.int64)
    y_pred = np.repeat(np.arange(20) % 2, 20)
    widths = []
    for groups in (np.arange(400), np.arange(400) // 20):
        accuracy = _score_guesses(y_true, y_pred, groups, DRAWS).accuracy
        assert accuracy.low is not None
        assert accuracy.high is not None
        widths.append(accuracy.high - accuracy.low)
    assert widths[1] > 3 * widths[0]  # sqrt(20) = 4.5 in the long run


def test_one_patient_has_no_interval() -> None:
    found = _score_guesses(np.arange(4), np.arange(4), np.zeros(4, np.int64), DRAWS)
    assert found.accuracy.model_dump() == {"value": 1, "low": None, "high": None}


def test_the_same_bytes_twice_and_read_as_written(tmp_path: Path) -> None:
    told = np.random.default_rng(0).normal(size=N) + np.arange(N) % 4
    for name in ("one.json", "other.json"):
        write_shortcuts(tmp_path / name, {"random": probe(mean_intensity=told)})
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    assert read_shortcuts(tmp_path / "one.json") == {"random": probe(mean_intensity=told)}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shortcuts.json").write_text('{"random": {"source": {"accuracy": 1.0}}}')
    with pytest.raises(ValueError, match=r"shortcuts.json: file.protocols.random.source.balanced"):
        read_shortcuts(tmp_path / "shortcuts.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("dark_below", 0.0), ("dark_below", 1.0), ("n_trees", 0), ("n_trees", "100")),
        *(("min_slices_in_leaf", 0), ("seed", -1), ("seed", 2**32)),
    ],
)
def test_parameters_that_are_none_are_refused(key: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=key):
        ShortcutParams.model_validate(FOREST | {key: value})
