"""Do the attention maps lie on the tumours? Table 2, activation on healthy slices, and curves.

Each slice's overlap is averaged over the seeds of a network first. Networks without an attention
map are left out.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.evaluation.bootstrap import (
    Measure,
    UncertaintyParams,
    count_groups,
    divide,
    estimate_protocol,
    measure_means,
)
from hqcm.evaluation.overlap import (
    SCALES,
    LocaliseParams,
    Overlap,
    measure_overlap,
    tabulate_overlap,
    threshold_name,
    with_tumour,
)
from hqcm.evaluation.statistics import wilcoxon_signed_rank
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.files import Tables, write_json
from hqcm.results.intervals import Estimates
from hqcm.results.predictions import Predictions, StudyPredictions
from hqcm.slices.stacks import Stack

_CURVE_THRESHOLDS = [*(i / 20 for i in range(1, 20)), 0.99]  # 0.05 to 0.95, and the paper's highest

_StudyOverlap = dict[str, dict[str, Overlap]]
"""Protocol -> variant -> each slice's values, averaged over seeds."""


def overlap_study(
    predictions: StudyPredictions, slices: Mapping[str, TestSlices], params: LocaliseParams
) -> _StudyOverlap:
    """Measure every network that has an attention map."""
    return {
        protocol: {
            name: _average(runs, slices[protocol].stack, params)
            for name, runs in variants.items()
            if runs[0].has_attention
        }
        for protocol, variants in predictions.items()
    }


def _average(runs: Sequence[Predictions], stack: Stack, params: LocaliseParams) -> Overlap:
    """Each slice's values averaged over seeds; undefined only where no seed defines them."""
    thresholds, scale, empty_mask = params.thresholds, params.attention_scale, params.empty_mask
    each = [measure_overlap(run.attention, stack, thresholds, scale, empty_mask) for run in runs]
    jaccard = np.stack([overlap.jaccard for overlap in each])
    return Overlap(
        divide(np.nansum(jaccard, axis=0), np.count_nonzero(~np.isnan(jaccard), axis=0)),
        np.mean([overlap.activated for overlap in each], axis=0),
        np.mean([overlap.is_active for overlap in each], axis=0),
    )


def compare_study(
    measured: _StudyOverlap,
    slices: Mapping[str, TestSlices],
    pair: tuple[str, str],
    thresholds: Sequence[float],
) -> dict[str, Any]:
    """Table 2: protocol -> threshold -> variant -> mean Jaccard index on tumour slices.

    And `wilcoxon`, the paired test of two variants.

    Raises:
        ValueError: a protocol has no test slice with a tumour whose mask is not empty, or one
            of the pair has no attention map.
    """
    return {
        protocol: _compare_networks(networks, slices[protocol].stack, pair, thresholds)
        for protocol, networks in measured.items()
    }


def write_scores(folder: Path, metrics: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Write what people compare: a file of six numbers for each network and protocol.

    So few, and four digits of each, that DVC's table of them fits a terminal.

    Args:
        folder: a new one, for ``<variant>-<protocol>.json``: accuracy, macro F1 (`f1`), recall of
            glioma (`glioma`), macro area under the ROC curve (`auroc`), calibration error (`ece`)
            and, where there is a map, its Jaccard index at the lowest threshold (`jaccard`).
        metrics: protocol -> variant -> scores, as in `reports/metrics.json`.
        found: of `compare_study`.
    """
    folder.mkdir()
    for protocol, variants in metrics.items():
        lowest = found[protocol][min(found[protocol], key=float)]
        for variant, of in variants.items():
            scores = {
                "accuracy": of["accuracy"],
                "f1": of["macro"]["f1"],
                "glioma": of["per_class"]["glioma"]["recall"],
                "auroc": of["auroc"]["macro"],
                "ece": of["ece"],
                "jaccard": lowest.get(variant),
            }
            rounded = {name: round(value, 4) for name, value in scores.items() if value is not None}
            write_json(folder / f"{variant}-{protocol}.json", rounded)


def _compare_networks(
    networks: Mapping[str, Overlap],
    stack: Stack,
    pair: tuple[str, str],
    thresholds: Sequence[float],
) -> dict[str, Any]:
    member = with_tumour(stack)
    if not member.any():
        raise ValueError("test slices must hold a tumour whose mask is not empty; got none")
    if not set(pair) <= set(networks):
        raise ValueError(
            "the first network under study.hybrid and under study.classical must have an "
            f"attention map; got {', '.join(sorted(set(pair) - set(networks)))}, which has none"
        )
    found: dict[str, Any] = {}
    for t, threshold in enumerate(thresholds):
        jaccard = {name: overlap.jaccard[member, t] for name, overlap in networks.items()}
        found[threshold_name(threshold)] = {
            **{name: float(values.mean()) for name, values in jaccard.items()},
            "wilcoxon": wilcoxon_signed_rank(jaccard[pair[0]], jaccard[pair[1]]),
        }
    return found


def tabulate_study(
    predictions: StudyPredictions, slices: Mapping[str, TestSlices], params: LocaliseParams
) -> pd.DataFrame:
    """One row a protocol, attention scale, subset, threshold and variant."""
    measured = {
        scale: overlap_study(
            predictions, slices, params.model_copy(update={"attention_scale": scale})
        )
        for scale in SCALES
    }
    return pd.DataFrame(
        [
            {"protocol": protocol, "attention_scale": scale, **row}
            for protocol in predictions
            for scale in SCALES
            for row in tabulate_overlap(
                measured[scale][protocol], slices[protocol].stack, params.thresholds
            )
        ]
    )


def estimate_overlap(
    measured: _StudyOverlap,
    slices: Mapping[str, TestSlices],
    thresholds: Sequence[float],
    pair: tuple[str, str],
    uncertainty: UncertaintyParams,
) -> Estimates:
    """The headline, each tumour class and the healthy slices, with intervals."""
    estimates = {}
    for protocol, networks in measured.items():
        tested = slices[protocol]
        measures = {name: _measure(found, tested, thresholds) for name, found in networks.items()}
        n_groups = count_groups(tested.groups)
        estimates[protocol] = estimate_protocol(measures, pair, n_groups, uncertainty)
    return estimates


def _measure(overlap: Overlap, slices: TestSlices, thresholds: Sequence[float]) -> Measure:
    """Jaccard index on tumours and on each class of them, activation on healthy slices."""
    labels, is_located = slices.stack.labels, with_tumour(slices.stack)
    columns = [
        ("jaccard", overlap.jaccard, is_located),
        *(
            (f"jaccard/{name}", overlap.jaccard, is_located & (labels == label))
            for label, name in enumerate(CLASS_NAMES)
            if label != HEALTHY
        ),
        ("activated_fraction/healthy", overlap.activated, labels == HEALTHY),
        ("activated_share/healthy", overlap.is_active, labels == HEALTHY),
    ]
    values = {
        f"{_place(threshold)}/{name}": np.where(member, table[:, t], np.nan)
        for t, threshold in enumerate(thresholds)
        for name, table, member in columns
    }
    return measure_means(values, slices.groups)


def _place(threshold: float) -> str:
    return f"localisation/{threshold_name(threshold)}"


def tabulate_curves(
    predictions: StudyPredictions,
    slices: Mapping[str, TestSlices],
    params: LocaliseParams,
    pair: tuple[str, str],
    uncertainty: UncertaintyParams,
) -> Tables:
    """The Jaccard index against the threshold, at many more of them.

    Columns `threshold`, `jaccard` (mean on tumour slices), `low` and `high`, which are empty
    where there is no interval.
    """
    fine = params.model_copy(update={"thresholds": _CURVE_THRESHOLDS})
    measured = overlap_study(predictions, slices, fine)
    estimates = estimate_overlap(measured, slices, fine.thresholds, pair, uncertainty)
    curves = {}
    for protocol, networks in measured.items():
        member = with_tumour(slices[protocol].stack)
        for variant, overlap in networks.items():
            known = estimates[protocol].networks[variant]
            found = [known.get(f"{_place(threshold)}/jaccard") for threshold in fine.thresholds]
            curves[variant, protocol] = pd.DataFrame(
                {
                    "threshold": fine.thresholds,
                    "jaccard": overlap.jaccard[member].mean(axis=0).round(6),
                    "low": [estimate.low if estimate else None for estimate in found],
                    "high": [estimate.high if estimate else None for estimate in found],
                }
            )
    return curves
