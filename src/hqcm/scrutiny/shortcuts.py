"""Shortcuts: how far each clue beside the brain leads to the class.

A clue is what can be known of a slice without looking at the brain. A random forest learns the
class from clues alone on the training part and is scored on the test part: what it can guess, a
network may guess too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.params import Section, check_section
from hqcm.evaluation.bootstrap import (
    Groups,
    Measure,
    Quantities,
    UncertaintyParams,
    Weights,
    count_groups,
    draw_measure,
    number_groups,
    size_of,
    sum_groups,
)
from hqcm.evaluation.scores import score_confusion
from hqcm.results.files import read_json, write_json
from hqcm.results.intervals import Interval
from hqcm.scrutiny.leakage import Parts
from hqcm.slices.store import read_index, read_slices

_WHITE = 255  # uint8 stands for [0, 1]
_CLUES = {
    "source": ["source_number"],
    "native size": ["native_rows", "native_cols"],
    "border width": ["border_top", "border_bottom", "border_left", "border_right"],
    "mean intensity": ["mean_intensity"],
}
"""Each clue and the numbers that tell it; a prepared slice still shows the last two."""
_NOTHING, VISIBLE, EVERYTHING = "nothing", "border width and mean intensity", "all four"
"""Guessing the most frequent class of the training part; what a prepared slice still shows, that
is what a network can see; every clue at once."""
_ACCURACY, _BALANCED = "metrics/accuracy", "metrics/balanced_accuracy"


class ShortcutParams(Section):
    """Section `shortcuts`: where a slice's border ends, and the forest."""

    dark_below: float = Field(gt=0, lt=1)
    n_trees: int = Field(ge=1, le=10_000)
    min_slices_in_leaf: int = Field(ge=1, le=1_000_000)
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes


class _Shortcut(Section):
    """How well one clue predicts the class of the test slices."""

    accuracy: Interval
    balanced_accuracy: Interval


Shortcuts = dict[str, dict[str, _Shortcut]]
"""Protocol -> clue -> its scores; a clue of `_CLUES`, or one of the three beside them."""


class _File(Section):
    protocols: Shortcuts


def measure_clues(prepared: Path, native: Sequence[Path], dark_below: float) -> pd.DataFrame:
    """The columns of `_CLUES` for every prepared slice, by its id.

    Border and intensity are those of the prepared slice, as a network sees it; what it has
    lost, the native size in pixels, comes from the stores of the converters.

    Args:
        prepared: the store of prepared slices.
        native: the stores that it was prepared from.
        dark_below: the border ends where a pixel reaches this fraction of white.

    Raises:
        KeyError: no native store has one of the slices.
    """
    index = read_index(prepared).set_index("slice_id")
    sizes = pd.concat([read_index(path) for path in native]).set_index("slice_id")
    missing = index.index.difference(sizes.index)
    if len(missing):
        raise KeyError(
            f"{', '.join(map(str, native))}: must hold all of {len(index)} slices; "
            f"lack {len(missing)}"
        )
    sizes = sizes.loc[index.index]
    measured = [
        (*_measure_borders(item.image, dark_below), item.image.mean() / _WHITE)
        for item in read_slices(prepared)
    ]
    return pd.DataFrame(
        measured, index.index, columns=[*_CLUES["border width"], *_CLUES["mean intensity"]]
    ).assign(
        source_number=pd.factorize(index["source"])[0],
        native_rows=sizes["rows"],
        native_cols=sizes["cols"],
    )


def _measure_borders(image: NDArray[Any], dark_below: float) -> tuple[float, ...]:
    """How wide the dark border of ``(rows, cols)`` uint8 is: top, bottom, left, right.

    Fractions of the edge, 1 on every side where no pixel is bright.
    """
    is_bright: NDArray[np.bool_] = np.greater_equal(image, dark_below * _WHITE)
    rows, cols = np.any(is_bright, axis=1), np.any(is_bright, axis=0)
    return tuple(_dark_share(line) for line in (rows, rows[::-1], cols, cols[::-1]))


def _dark_share(is_bright: NDArray[np.bool_]) -> float:
    return float(is_bright.argmax() / len(is_bright)) if is_bright.any() else 1.0


def probe_splits(
    cohort: pd.DataFrame,
    clues: pd.DataFrame,
    parts: Parts,
    params: ShortcutParams,
    uncertainty: UncertaintyParams,
) -> Shortcuts:
    """Each clue alone, then some together, learnt on the training part, scored on the test part.

    Args:
        cohort: the prepared store's index, with the ``family`` of each slice.
        clues: what `measure_clues` measured of its slices.
        parts: the splits.
        params: section `shortcuts`.
        uncertainty: section `uncertainty`; families are drawn as for the networks.
    """
    slices = cohort.set_index("slice_id").join(clues)
    return {name: _probe(slices, part, params, uncertainty) for name, part in parts.items()}


def _probe(
    slices: pd.DataFrame,
    part: "pd.Series[str]",
    params: ShortcutParams,
    uncertainty: UncertaintyParams,
) -> dict[str, _Shortcut]:
    from sklearn.dummy import DummyClassifier  # noqa: PLC0415  (slow; the report reads scores only)
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415  (likewise)

    part_of = part.reindex(slices.index)
    train, test = slices[part_of == "train"], slices[part_of == "test"]
    groups = number_groups(test["family"].to_numpy(str))

    def score(guesser: Any, columns: list[str]) -> _Shortcut:  # noqa: ANN401  (scikit-learn's)
        guesser.fit(train[columns].to_numpy(), train["label"].to_numpy())
        y_pred = guesser.predict(test[columns].to_numpy())
        return _score_guesses(test["label"].to_numpy(), y_pred, groups, uncertainty)

    def grow(columns: list[str]) -> _Shortcut:
        forest = RandomForestClassifier(
            params.n_trees, min_samples_leaf=params.min_slices_in_leaf, random_state=params.seed
        )
        return score(forest, columns)

    visible = _CLUES["border width"] + _CLUES["mean intensity"]
    every = _CLUES["source"] + _CLUES["native size"] + visible
    return {
        _NOTHING: score(DummyClassifier(strategy="most_frequent"), every),
        **{clue: grow(columns) for clue, columns in _CLUES.items()},
        VISIBLE: grow(visible),
        EVERYTHING: grow(every),
    }


def _score_guesses(
    y_true: NDArray[np.int64],
    y_pred: NDArray[np.int64],
    groups: Groups,
    uncertainty: UncertaintyParams,
) -> _Shortcut:
    """Accuracy and balanced accuracy, with intervals by drawing the groups anew."""
    confusion = sum_groups(np.eye(N_CLASSES**2)[N_CLASSES * y_true + y_pred], groups)
    is_present = np.isin(range(N_CLASSES), y_true)

    def quantities(weights: Weights) -> Quantities:
        return score_confusion((weights @ confusion).reshape(-1, N_CLASSES, N_CLASSES), is_present)

    whole = size_of(np.ones(len(y_true), np.bool_), groups)
    measure = Measure(quantities, dict.fromkeys((_ACCURACY, _BALANCED), whole))
    drawn = draw_measure(measure, count_groups(groups), uncertainty)
    return _Shortcut(
        accuracy=drawn.interval(_ACCURACY), balanced_accuracy=drawn.interval(_BALANCED)
    )


def write_shortcuts(path: Path, shortcuts: Mapping[str, Mapping[str, _Shortcut]]) -> None:
    """Write protocol -> clue -> scores as JSON; same scores, same bytes."""
    dumped = {
        protocol: {clue: scores.model_dump() for clue, scores in clues.items()}
        for protocol, clues in shortcuts.items()
    }
    write_json(path, dumped)


def read_shortcuts(path: Path) -> Shortcuts:
    """Read what `write_shortcuts` wrote; raises `ValueError` where it is something else."""
    file = {"file": {"protocols": read_json(path)}}
    return check_section("file", _File, file, str(path)).protocols
