"""Stage `explain`: Grad-CAM, deletion and insertion of the compared pair."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hqcm.contracts.predictions import Predictions, predictions_path, read_predictions
from hqcm.contracts.stacks import Stack, read_stack
from hqcm.contracts.study import Cell, StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.families import read_test_groups
from hqcm.evaluation.inference import InferenceParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.evaluation.overlap_table import with_tumour
from hqcm.evaluation.upsampling import upsample
from hqcm.explanation.curves import ExplainParams, Vanishing, count_pixels
from hqcm.explanation.examined import Examined
from hqcm.explanation.explained import Explained, SlicesTested, summarise
from hqcm.explanation.grad_cam import explain_classes
from hqcm.explanation.names import DIRECTIONS, KINDS
from hqcm.explanation.order import draw_noise, rank_pixels
from hqcm.explanation.traced import Maps, Traced
from hqcm.networks.output import Network
from hqcm.networks.parameters import DOWNSAMPLING
from hqcm.training.checkpoint import load_checkpoint


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
