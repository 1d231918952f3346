"""Shortcuts: how far each clue beside the brain leads to the class.

A random forest learns the class from clues alone on the training part and is scored on the test
part. What it can guess, a network may guess too, without looking at a tumour.
"""

from collections.abc import Mapping
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
    estimate_network,
    number_groups,
    size_of,
    sum_groups,
)
from hqcm.evaluation.scores import score_confusion
from hqcm.evaluation.statistics import rounded
from hqcm.results.files import read_json, write_json
from hqcm.results.intervals import Interval
from hqcm.scrutiny.clues import CLUES
from hqcm.scrutiny.leakage import Parts

NOTHING, VISIBLE, EVERYTHING = "nothing", "border width and mean intensity", "all four"
"""Guessing the most frequent class of the training part; what a prepared slice still shows, that
is what a network can see; every clue at once."""
ACCURACY, BALANCED = "metrics/accuracy", "metrics/balanced_accuracy"


class ShortcutParams(Section):
    """Section `shortcuts`: where a slice's border ends, and the forest."""

    dark_below: float = Field(gt=0, lt=1)
    n_trees: int = Field(ge=1)
    min_slices_in_leaf: int = Field(ge=1)
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes


class Shortcut(Section):
    """How well one clue predicts the class of the test slices."""

    accuracy: Interval
    balanced_accuracy: Interval


Shortcuts = dict[str, dict[str, Shortcut]]
"""Protocol -> clue -> its scores; a clue of `clues.CLUES`, or one of the above."""


class _File(Section):
    protocols: Shortcuts


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
        clues: what `clues.measure_clues` measured of its slices.
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
) -> dict[str, Shortcut]:
    from sklearn.dummy import DummyClassifier  # noqa: PLC0415  (slow; the report reads scores only)
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415  (likewise)

    part_of = part.reindex(slices.index)
    train, test = slices[part_of == "train"], slices[part_of == "test"]
    groups = number_groups(test["family"].to_numpy(str))

    def score(guesser: Any, columns: list[str]) -> Shortcut:  # noqa: ANN401  (scikit-learn's)
        guesser.fit(train[columns].to_numpy(), train["label"].to_numpy())
        y_pred = guesser.predict(test[columns].to_numpy())
        return score_guesses(test["label"].to_numpy(), y_pred, groups, uncertainty)

    def grow(columns: list[str]) -> Shortcut:
        forest = RandomForestClassifier(
            params.n_trees, min_samples_leaf=params.min_slices_in_leaf, random_state=params.seed
        )
        return score(forest, columns)

    visible = CLUES["border width"] + CLUES["mean intensity"]
    every = CLUES["source"] + CLUES["native size"] + visible
    return {
        NOTHING: score(DummyClassifier(strategy="most_frequent"), every),
        **{clue: grow(columns) for clue, columns in CLUES.items()},
        VISIBLE: grow(visible),
        EVERYTHING: grow(every),
    }


def score_guesses(
    y_true: NDArray[np.int64],
    y_pred: NDArray[np.int64],
    groups: Groups,
    uncertainty: UncertaintyParams,
) -> Shortcut:
    """Accuracy and balanced accuracy, with intervals by drawing the groups anew.

    Shape:
        - y_true, y_pred, groups: ``(n,)``.
    """
    cells = np.eye(N_CLASSES**2)[N_CLASSES * y_true + y_pred]
    confusion = sum_groups(cells, groups)
    is_present = np.isin(range(N_CLASSES), y_true)

    def quantities(weights: Weights) -> Quantities:
        return score_confusion((weights @ confusion).reshape(-1, N_CLASSES, N_CLASSES), is_present)

    whole = size_of(np.ones(len(y_true), np.bool_), groups)
    measure = Measure(quantities, dict.fromkeys((ACCURACY, BALANCED), whole))
    drawn = draw_measure(measure, count_groups(groups), uncertainty)
    estimates, values = estimate_network(drawn), drawn.values  # noqa: PD011  (no table)

    def with_bounds(name: str) -> Interval:
        low, high = estimates[name].bounds if name in estimates else (None, None)
        return Interval(value=rounded(values[name]), low=low, high=high)

    return Shortcut(accuracy=with_bounds(ACCURACY), balanced_accuracy=with_bounds(BALANCED))


def write_shortcuts(path: Path, shortcuts: Mapping[str, Mapping[str, Shortcut]]) -> None:
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
