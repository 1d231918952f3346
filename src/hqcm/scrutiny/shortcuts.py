"""Shortcuts: the class guessed from clues alone, by a random forest that sees no brain."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.params import Section
from hqcm.evaluation.bootstrap import (
    Measure,
    Quantities,
    UncertaintyParams,
    Weights,
    draw_measure,
    estimate_network,
)
from hqcm.evaluation.classification_intervals import score_confusion
from hqcm.evaluation.groups import Groups, count_groups, number_groups, size_of, sum_groups
from hqcm.evaluation.intervals import rounded
from hqcm.scrutiny.clues import CLUES
from hqcm.scrutiny.leaks import Parts
from hqcm.scrutiny.shortcut_scores import EVERYTHING, NOTHING, VISIBLE, Score, Shortcut, Shortcuts

ACCURACY, BALANCED = "metrics/accuracy", "metrics/balanced_accuracy"


class ShortcutParams(Section):
    """Section `shortcuts`: where a slice's border ends, and the forest."""

    dark_below: float = Field(gt=0, lt=1)
    n_trees: int = Field(ge=1)
    min_slices_in_leaf: int = Field(ge=1)
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes


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
        clues: what `clues.measure_clues` found of its slices.
        parts: the splits.
        params: section `shortcuts`.
        uncertainty: section `uncertainty`; families are drawn as for the networks.
    """
    known = cohort.set_index("slice_id").join(clues)
    return {name: _probe(known, part, params, uncertainty) for name, part in parts.items()}


def _probe(
    cohort: pd.DataFrame,
    part: "pd.Series[str]",
    params: ShortcutParams,
    uncertainty: UncertaintyParams,
) -> dict[str, Shortcut]:
    part_of = part.reindex(cohort.index)
    train, test = cohort[part_of == "train"], cohort[part_of == "test"]
    groups = number_groups(test["family"].to_numpy(str))

    def score(guesser: Any, columns: list[str]) -> Shortcut:  # noqa: ANN401  (scikit-learn's)
        guesser.fit(train[columns].to_numpy(), train["label"].to_numpy())
        y_pred = guesser.predict(test[columns].to_numpy())
        return score_guesses(test["label"].to_numpy(), y_pred, groups, uncertainty)

    visible = CLUES["border width"] + CLUES["mean intensity"]
    every = CLUES["source"] + CLUES["native size"] + visible
    clues = {**CLUES, VISIBLE: visible, EVERYTHING: every}
    return {
        NOTHING: score(DummyClassifier(strategy="most_frequent"), every),
        **{clue: score(_forest(params), columns) for clue, columns in clues.items()},
    }


def _forest(params: ShortcutParams) -> RandomForestClassifier:
    return RandomForestClassifier(
        params.n_trees, min_samples_leaf=params.min_slices_in_leaf, random_state=params.seed
    )


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
    found, values = estimate_network(drawn), drawn.values  # noqa: PD011  (no table)

    def score(name: str) -> Score:
        low, high = found[name].bounds if name in found else (None, None)
        return Score(value=rounded(values[name]), low=low, high=high)

    return Shortcut(accuracy=score(ACCURACY), balanced_accuracy=score(BALANCED))
