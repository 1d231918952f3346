"""The compared pair explained: its networks and test slices in, maps and curves out."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import Groups
from hqcm.evaluation.overlap import upsample, with_tumour
from hqcm.evaluation.test_slices import equal_steps, read_slices
from hqcm.explanation.areas import KINDS, Explanation, Maps
from hqcm.explanation.deletion_insertion import (
    ExplainParams,
    count_pixels,
    draw_noise,
    rank_pixels,
    trace_curves,
)
from hqcm.explanation.grad_cam import explain_classes
from hqcm.networks.output import Network
from hqcm.networks.variants import DOWNSAMPLING
from hqcm.results.predictions import Predictions, predictions_path, read_predictions
from hqcm.slices.stacks import Stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import Examined, InferenceParams


def read_pair(
    prepared: Path, duplicates: Path, predictions: Path, study: StudyParams
) -> tuple[dict[str, Predictions], Stack, Groups]:
    """What each of the compared pair said in its first run, hybrid first, and of which slices.

    The slices come with the family of each, which is drawn as one.

    Raises:
        FileNotFoundError: a network has no predictions.
        KeyError: the store lacks one of the slices.
    """
    runs = {
        name: read_predictions(predictions_path(predictions, study.first_run(name)))
        for name in study.pair
    }
    slices = read_slices(prepared, duplicates, runs[study.pair[0]].slice_id.tolist())
    return runs, slices.stack, slices.groups


def explain_pair(
    checkpoints: Path,
    study: StudyParams,
    runs: Mapping[str, Predictions],
    stack: Stack,
    *,
    params: ExplainParams,
    inference: InferenceParams,
) -> dict[str, Explanation]:
    """Variant -> its maps and curves.

    Args:
        checkpoints: folder of the trained networks.
        study: section `study`, whose first runs are looked at.
        runs: variant -> what it said about the slices.
        stack: the test slices, in the order of the runs.
        params: section `explain`.
        inference: what of section `train` matters when a network is asked.

    Raises:
        ValueError: no test slice has a tumour whose mask is not empty.
    """
    if not with_tumour(stack).any():
        raise ValueError("test slices must hold a tumour whose mask is not empty; got none")
    explanations = {}
    for name, run in runs.items():
        network = load_checkpoint(checkpoints / f"{study.first_run(name).name}.safetensors")
        explanations[name] = _explain_network(network, run, stack, params, inference)
    return explanations


def spread_over(is_eligible: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """`n` of the eligible slices, evenly over their order, first and last among them.

    Where there are no more than `n`, all; of more, a single one is the first.

    Shape:
        - is_eligible: ``(slices,)``.
        - returns: the same.
    """
    eligible = np.flatnonzero(is_eligible)
    chosen = np.zeros_like(is_eligible)
    chosen[eligible[equal_steps(len(eligible), n)]] = True
    return chosen


def _explain_network(
    network: Network,
    run: Predictions,
    stack: Stack,
    params: ExplainParams,
    inference: InferenceParams,
) -> Explanation:
    """Grad-CAM of every slice; curves of some with a tumour, for they are what costs time."""
    asked = Examined(network, inference)
    maps: Maps = {"grad_cam": explain_classes(asked, stack, run.y_pred)}
    if run.has_attention:
        maps["attention"] = run.attention
    is_traced, size = spread_over(with_tumour(stack), params.n_slices), stack.masks.shape[-1]
    noise = draw_noise(len(is_traced), size // DOWNSAMPLING, size, params.seed)[is_traced]
    enlarged: Maps = {
        **{kind: upsample(values[is_traced], size) for kind, values in maps.items()},
        "random": noise,
        "tumour_mask": stack.masks[is_traced].astype(np.float64),
    }
    ranks = {kind: rank_pixels(enlarged[kind], noise) for kind in KINDS if kind in enlarged}
    images, classes = stack.images[is_traced], run.y_pred[is_traced]
    return Explanation(
        maps=maps,
        fractions=count_pixels(size * size, params.n_steps) / size**2,
        curves=trace_curves(asked, images, classes, ranks, params),
        is_traced=is_traced,
    )
