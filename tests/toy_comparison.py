"""Studies with planted effects: who is right about which slice is decided beforehand."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from hqcm.comparison.compare import compare_study
from hqcm.comparison.comparisons import Comparisons
from hqcm.comparison.known_slices import compare_known
from hqcm.comparison.learning_rates import Rate, _Kept, _rank_family
from hqcm.comparison.sampling import sample_study
from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import Groups, UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

N_SLICES, SLICES_A_GROUP, SIZE, CELLS = 240, 4, 16, 4
LABELS = np.arange(N_SLICES) % N_CLASSES
GROUPS: Groups = np.arange(N_SLICES) // SLICES_A_GROUP
IS_KNOWN = GROUPS % 3 == 0
MASKS = np.zeros((N_SLICES, SIZE, SIZE), np.bool_)
MASKS[LABELS > 0, 4:8, 4:12] = True
STACK = Stack(
    [f"s{i}" for i in range(N_SLICES)],
    np.zeros((N_SLICES, SIZE, SIZE), np.uint8),
    MASKS,
    np.full(N_SLICES, fill_value=True),
    LABELS,
)
SLICES = TestSlices(STACK, GROUPS)
LOCALISE = LocaliseParams(thresholds=[0.99, 0.5], attention_scale="raw", empty_mask="skip")
UNCERTAINTY = UncertaintyParams(n_resamples=300, seed=0)


def invent_run(accuracy: float, seed: int, *, has_map: bool = True) -> Predictions:
    """Right about a share of the slices, the hard ones nearly the same for everyone."""
    difficulty = np.random.default_rng(99).permutation(N_SLICES) / N_SLICES
    own = np.random.default_rng(seed).normal(0, 0.02, N_SLICES)
    is_right = difficulty + own < accuracy + 0.004 * (seed % 3 - 1)
    y_pred = np.where(is_right, LABELS, (LABELS + 1) % N_CLASSES)
    attention = np.zeros((N_SLICES, CELLS, CELLS), np.float32)
    attention[is_right, :, 1:3] = 1
    return Predictions(
        slice_id=np.array(STACK.slice_id, dtype=object),
        y_true=LABELS,
        logits=np.eye(N_CLASSES, dtype=np.float32)[y_pred],
        features=np.zeros((N_SLICES, 25), np.float32),
        attention=attention if has_map else attention[:, :0, :0],
    )


def invent_rates(
    protocols: Sequence[str], families: Mapping[str, Mapping[str, float]]
) -> list[Rate]:
    """Family -> variant -> validation accuracy."""
    return [
        rate
        for protocol in protocols
        for family, members in families.items()
        for rate in _rank_family(
            protocol,
            family,
            {name: [_Kept(0.01, accuracy, 1.0)] for name, accuracy in members.items()},
        )
    ]


def compare_toys(
    hybrid: Mapping[str, float],
    classical: Mapping[str, float],
    *,
    protocols: Mapping[str, float] | None = None,
    seeds: Sequence[int] = (0, 1, 2, 3),
    rates: Sequence[Rate] | None = None,
    margin: float = 0.02,
    without_map: Collection[str] = (),
) -> Comparisons:
    """Compare networks of known accuracy; a protocol adds a bonus to every one of them."""
    bonus = protocols or {"random": 0.0}
    study = StudyParams(
        hybrid=list(hybrid), classical=list(classical), protocols=list(bonus), seeds=list(seeds)
    )
    accuracies = {**hybrid, **classical}
    predictions = {
        protocol: {
            name: [
                invent_run(
                    accuracy + extra, 1000 * i + 10 * k + seed, has_map=name not in without_map
                )
                for seed in seeds
            ]
            for i, (name, accuracy) in enumerate(accuracies.items())
        }
        for k, (protocol, extra) in enumerate(bonus.items())
    }
    families = {name: {name: 0.9} for name in accuracies}
    slices, is_known = dict.fromkeys(bonus, SLICES), dict.fromkeys(bonus, IS_KNOWN)
    return compare_study(
        sample_study(predictions, slices, LOCALISE, UNCERTAINTY),
        rates or invent_rates(list(bonus), families),
        compare_known(predictions, slices, is_known, UNCERTAINTY),
        study,
        margin,
    )
