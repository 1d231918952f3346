"""Every figure of the paper and those that it lacks, from the files of one study."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hqcm.comparison.comparisons import Comparisons, read_comparisons
from hqcm.contracts.study import Cell, StudyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.explanation.grad_cam import read_grad_cams
from hqcm.hardware.conditions import HardwareFound, read_hardware
from hqcm.reporting.figures.attention import draw_attention, draw_thresholds
from hqcm.reporting.figures.classification import draw_confusions, draw_reliability, draw_rocs
from hqcm.reporting.figures.drawing import figure_style
from hqcm.reporting.figures.explanation import draw_explanation
from hqcm.reporting.figures.hardware import draw_hardware
from hqcm.reporting.figures.slices import (
    choose_pairs,
    choose_samples,
    draw_distribution,
    draw_samples,
    draw_twins,
)
from hqcm.reporting.figures.study import draw_study
from hqcm.reporting.figures.training import draw_curves, draw_planes
from hqcm.reporting.pair import Role, by_role, read_history
from hqcm.reporting.results import read_first_run, read_tables
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.slices.store import read_index


@dataclass(frozen=True)
class GalleryData:
    """What the figures show: the compared pair under the first protocol of the study.

    Dictionaries go from role (hybrid, classical) to what that network left; `runs` are those
    of the first seed. No `twins` where no test slice has a near-duplicate in training.
    """

    index: pd.DataFrame
    samples: Stack
    histories: dict[Role, list[pd.DataFrame]]
    planes: dict[Role, pd.DataFrame]
    confusions: dict[Role, pd.DataFrame]
    rocs: dict[Role, pd.DataFrame]
    reliabilities: dict[Role, pd.DataFrame]
    thresholds: dict[Role, pd.DataFrame]
    runs: dict[Role, Predictions]
    stack: Stack
    comparisons: Comparisons
    pairs: pd.DataFrame
    twins: Stack | None
    hardware: HardwareFound
    grad_cams: dict[Role, NDArray[np.float32]]
    curves: dict[Role, pd.DataFrame]


class GalleryFiles(NamedTuple):
    """Where they lie: the store of prepared slices, folders by stage, and the study's result."""

    prepared: Path
    predictions: Path
    history: Path
    embedding: Path
    confusion: Path
    roc: Path
    reliability: Path
    jaccard: Path
    comparisons: Path
    pairs: Path
    hardware: Path
    maps: Path
    curves: Path


def read_gallery(files: GalleryFiles, study: StudyParams) -> GalleryData:
    """Read what the figures show and nothing else."""
    index = read_index(files.prepared)
    protocol, seeds = study.protocols[0], study.seeds
    runs = by_role(study, lambda name: read_first_run(files.predictions, study, name))
    slice_ids = runs["hybrid"].slice_id.tolist()
    traced = pd.read_csv(files.curves)
    pairs = choose_pairs(pd.read_csv(files.pairs), protocol)
    shown = [*pairs["slice_id"], *pairs["twin_id"]]
    return GalleryData(
        index=index,
        samples=read_stack(files.prepared, choose_samples(index)),
        histories=by_role(
            study,
            lambda name: [
                read_history(files.history, Cell(name, protocol, seed)) for seed in seeds
            ],
        ),
        planes=read_tables(files.embedding, study),
        confusions=read_tables(files.confusion, study),
        rocs=read_tables(files.roc, study),
        reliabilities=read_tables(files.reliability, study),
        thresholds=read_tables(files.jaccard, study),
        runs=runs,
        stack=read_stack(files.prepared, slice_ids),
        comparisons=read_comparisons(files.comparisons),
        pairs=pairs,
        twins=read_stack(files.prepared, shown) if shown else None,
        hardware=read_hardware(files.hardware),
        grad_cams=by_role(study, lambda name: read_grad_cams(files.maps, slice_ids, name)),
        curves=by_role(study, lambda name: traced[traced["variant"] == name]),
    )


def draw_gallery(data: GalleryData, params: LocaliseParams) -> dict[str, Figure]:
    """File name -> figure, those of the paper first; no figure of twins where there are none."""
    sources = data.index.set_index("slice_id")["source"]
    with figure_style():
        return {
            "fig05-distribution.png": draw_distribution(data.index),
            "fig06-samples.png": draw_samples(
                data.samples, [sources[name] for name in data.samples.slice_id]
            ),
            "fig07-training.png": draw_curves(data.histories),
            "fig08-embedding.png": draw_planes(data.planes),
            "fig09-confusion.png": draw_confusions(data.confusions),
            "fig10-attention.png": draw_attention(data.runs, data.stack, params),
            "roc.png": draw_rocs(data.rocs),
            "reliability.png": draw_reliability(data.reliabilities),
            "thresholds.png": draw_thresholds(data.thresholds, params.thresholds),
            "explanation.png": draw_explanation(
                data.runs, data.grad_cams, data.curves, data.stack, params
            ),
            "study.png": draw_study(data.comparisons),
            **({"twins.png": draw_twins(data.pairs, data.twins)} if data.twins else {}),
            "hardware.png": draw_hardware(data.hardware),
        }
