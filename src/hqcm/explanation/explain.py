"""What the stage `explain` leaves of the compared pair.

Stage `explain`: Grad-CAM, deletion and insertion of the compared pair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.contracts.study import Cell, StudyParams
from hqcm.evaluation.bootstrap import Groups, UncertaintyParams, count_groups, estimate_protocol
from hqcm.evaluation.overlap import LocaliseParams, upsample, with_tumour
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.explanation.areas import (
    DIRECTIONS,
    KINDS,
    Maps,
    Traced,
    measure_explanation,
    tabulate_curves,
)
from hqcm.explanation.deletion_insertion import (
    ExplainParams,
    Vanishing,
    count_pixels,
    draw_noise,
    rank_pixels,
)
from hqcm.explanation.grad_cam import explain_classes
from hqcm.networks.output import Network
from hqcm.networks.variants import DOWNSAMPLING
from hqcm.results.intervals import Estimates
from hqcm.results.predictions import Predictions, predictions_path, read_predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import Examined, InferenceParams


class SlicesTested(NamedTuple):
    """The test slices of a protocol and the group of each."""

    protocol: str
    stack: Stack
    groups: Groups


class Explained(NamedTuple):
    """Areas and Jaccard indices, curves, and variant -> a Grad-CAM for each of the slices."""

    intervals: Estimates
    curves: pd.DataFrame
    slice_ids: Sequence[str]
    grad_cams: dict[str, NDArray[np.float32]]


def summarise(
    tested: SlicesTested,
    traced: Mapping[str, Traced],
    localise: LocaliseParams,
    uncertainty: UncertaintyParams,
) -> Explained:
    """Means over the slices with a tumour, with intervals over patients.

    Args:
        tested: the slices that were looked at.
        traced: the hybrid network, then the classical one.
        localise: section `localise`.
        uncertainty: section `uncertainty`.
    """
    measures = {
        name: measure_explanation(each, tested.stack, tested.groups, localise)
        for name, each in traced.items()
    }
    first, second = traced
    found = estimate_protocol(measures, (first, second), count_groups(tested.groups), uncertainty)
    return Explained(
        intervals={tested.protocol: found},
        curves=tabulate_curves(traced),
        slice_ids=tested.stack.slice_id,
        grad_cams={name: each.maps["grad_cam"] for name, each in traced.items()},
    )


class ExplanationParams(NamedTuple):
    """The sections that matter here."""

    explain: ExplainParams
    localise: LocaliseParams
    inference: InferenceParams
    uncertainty: UncertaintyParams


class PairFiles(NamedTuple):
    """Where the pair lies: the prepared store, what groups its slices, and folders by stage."""

    prepared: Path
    duplicates: Path
    predictions: Path
    checkpoints: Path


@dataclass(frozen=True)
class Pair:
    """Variant -> network, and what it said about the slices tested; the hybrid first."""

    tested: SlicesTested
    networks: dict[str, Network]
    runs: dict[str, Predictions]


def read_pair(files: PairFiles, study: StudyParams) -> Pair:
    """The first hybrid and the first classical network, first protocol, first seed.

    Raises:
        FileNotFoundError: a network has no predictions or no checkpoint.
        KeyError: the store lacks one of the slices.
    """
    protocol = study.protocols[0]
    cells = {name: Cell(name, protocol, study.seeds[0]) for name in study.pair}
    runs = {
        name: read_predictions(predictions_path(files.predictions, cell))
        for name, cell in cells.items()
    }
    by_variant = {protocol: {name: [run] for name, run in runs.items()}}
    groups = read_test_groups(files.prepared, files.duplicates, by_variant)
    stack = read_stack(files.prepared, runs[study.pair[0]].slice_id.tolist())
    networks = {
        name: load_checkpoint(files.checkpoints / f"{cell.name}.safetensors")
        for name, cell in cells.items()
    }
    return Pair(SlicesTested(protocol, stack, groups[protocol]), networks, runs)


def explain_pair(pair: Pair, params: ExplanationParams) -> Explained:
    """Maps, curves and what follows from them.

    Raises:
        ValueError: no test slice has a tumour whose mask is not empty.
    """
    if not with_tumour(pair.tested.stack).any():
        raise ValueError("test slices must hold a tumour whose mask is not empty; got none")
    traced = {
        name: trace_network(network, pair.runs[name], pair.tested.stack, params)
        for name, network in pair.networks.items()
    }
    return summarise(pair.tested, traced, params.localise, params.uncertainty)


def trace_network(
    network: Network, run: Predictions, stack: Stack, params: ExplanationParams
) -> Traced:
    """Grad-CAM of every slice; curves of those with a tumour, for they are what costs time."""
    examined = Examined(network, params.inference)
    maps: Maps = {"grad_cam": explain_classes(examined, stack, run.y_pred)}
    if run.has_attention:
        maps["attention"] = run.attention
    member, size = with_tumour(stack), stack.masks.shape[-1]
    noise = draw_noise(len(member), size // DOWNSAMPLING, size, params.explain.seed)[member]
    enlarged: Maps = {
        **{kind: upsample(values[member], size) for kind, values in maps.items()},
        "random": noise,
        "tumour_mask": stack.masks[member].astype(np.float64),
    }
    ranks = {kind: rank_pixels(enlarged[kind], noise) for kind in KINDS if kind in enlarged}
    slices = Vanishing(examined, stack.images[member], run.y_pred[member], params.explain)
    return Traced(
        maps=maps,
        fractions=count_pixels(size * size, params.explain.n_steps) / size**2,
        curves={
            (direction, kind): slices.trace(direction, order)
            for direction in DIRECTIONS
            for kind, order in ranks.items()
        },
    )
