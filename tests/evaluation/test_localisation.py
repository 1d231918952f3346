"""Table 2 against sums over slices written out."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.localisation import (
    compare_study,
    estimate_overlap,
    overlap_study,
    tabulate_curves,
    tabulate_study,
    write_scores,
)
from hqcm.evaluation.overlap import LocaliseParams, upsample
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.files import read_json
from hqcm.results.intervals import ProtocolEstimates
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack
from reference import jaccard_index
from toy_study import SIZE, make_predictions, make_stack

THRESHOLDS = [0.9, 0.5]
PAIR = ("paper", "counterpart")


def params(**change: Any) -> LocaliseParams:
    return LocaliseParams(
        **{
            "thresholds": THRESHOLDS,
            "attention_scale": "raw",
            "empty_mask": "skip",
            **change,
        }
    )


STACK = make_stack()
RUNS = {
    "paper": [make_predictions(seed, skill=0.9) for seed in (0, 1)],
    "counterpart": [make_predictions(seed, skill=0.5) for seed in (0, 1)],
}
GROUPS = np.arange(40) // 4


UNCERTAINTY = UncertaintyParams(n_resamples=100, seed=0)


class Localised(NamedTuple):
    """What the stage `localise` leaves of one protocol, `random`; the curves by variant."""

    headline: dict[str, Any]
    table: pd.DataFrame
    intervals: ProtocolEstimates
    curves: dict[str, pd.DataFrame]


def localise(
    runs: dict[str, list[Predictions]],
    stack: Stack = STACK,
    groups: np.ndarray = GROUPS,
    **change: Any,
) -> Localised:
    predictions = {"random": runs}
    slices = {"random": TestSlices(stack, groups[: len(stack.labels)])}
    section = params(**change)
    measured = overlap_study(predictions, slices, section)
    headline = compare_study(measured, slices, PAIR, THRESHOLDS)["random"]
    curves = tabulate_curves(predictions, slices, section, PAIR, UNCERTAINTY)
    return Localised(
        headline,
        tabulate_study(predictions, slices, section),
        estimate_overlap(measured, slices, THRESHOLDS, PAIR, UNCERTAINTY)["random"],
        {variant: curve for (variant, _), curve in curves.items()},
    )


FOUND = localise(RUNS)


def slice_values(runs: list[Predictions], threshold: float) -> list[float]:
    """Mean over seeds of each tumour slice with a mask, by loops."""
    values = []
    for i, (label, has_mask) in enumerate(zip(STACK.labels, STACK.has_mask, strict=True)):
        if label == 0 or not has_mask:
            continue
        seeds = [
            jaccard_index(upsample(run.attention[i], SIZE), STACK.masks[i], threshold)
            for run in runs
        ]
        values.append(sum(float(value or 0) for value in seeds) / len(seeds))
    return values


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_the_headline_is_the_mean_over_tumour_slices_of_the_mean_over_seeds(
    threshold: float,
) -> None:
    row = FOUND.headline[f"{threshold:.2f}"]
    values = {name: slice_values(runs, threshold) for name, runs in RUNS.items()}
    for name in PAIR:
        assert row[name] == pytest.approx(np.mean(values[name]), abs=1e-12)
    expected = stats.wilcoxon(values["paper"], values["counterpart"])
    assert row["wilcoxon"]["statistic"] == pytest.approx(expected.statistic)
    assert row["wilcoxon"]["p_value"] == pytest.approx(expected.pvalue)
    assert row["wilcoxon"]["n"] == len(values["paper"]) == 28  # 30 tumours, 2 without a mask
    difference = np.subtract(values["paper"], values["counterpart"])
    ranks = stats.rankdata(np.abs(difference[difference != 0]))
    signed = float(np.sign(difference[difference != 0]) @ ranks)
    assert row["wilcoxon"]["effect"] == pytest.approx(signed / ranks.sum())


def test_the_headline_follows_the_attention_scale() -> None:
    found = localise(RUNS, attention_scale="minmax")
    table = FOUND.table
    for scale, headline in (("raw", FOUND.headline), ("minmax", found.headline)):
        rows = table[
            (table["attention_scale"] == scale)
            & (table["subset"] == "tumour")
            & (table["threshold"] == "0.90")
        ].set_index("variant")
        for name in PAIR:
            assert rows.loc[name, "mean_jaccard"] == pytest.approx(headline["0.90"][name])
    assert found.headline != FOUND.headline
    assert found.table.equals(table)


def test_the_table_has_every_combination_once() -> None:
    keys = ["protocol", "attention_scale", "subset", "threshold", "variant"]
    assert not FOUND.table.duplicated(keys).any()
    assert len(FOUND.table) == 1 * 2 * 6 * 2 * 2
    assert [*FOUND.table.columns] == [
        *keys,
        *("mean_jaccard", "n_jaccard", "activated_fraction", "activated_share", "n_slices"),
    ]


def test_false_activation_on_healthy_slices() -> None:
    rows = FOUND.table.query(
        "attention_scale == 'raw' and subset == 'healthy' and threshold == '0.50'"
    ).set_index("variant")
    healthy = STACK.labels == 0
    for name, runs in RUNS.items():
        active = [upsample(run.attention[healthy], SIZE) >= 0.5 for run in runs]
        assert rows.loc[name, "activated_fraction"] == pytest.approx(np.mean(active))
        any_active = [maps.any(axis=(1, 2)).mean() for maps in active]
        assert rows.loc[name, "activated_share"] == pytest.approx(np.mean(any_active))
        assert rows.loc[name, "n_slices"] == 10
    assert rows["activated_fraction"].max() > 0


def test_healthy_slices_without_activation_have_no_jaccard_unless_told() -> None:
    quiet = {name: [_quiet(runs[0])] for name, runs in RUNS.items()}
    for rule, mean, n in (("skip", None, 0), ("one", 1.0, 9), ("zero", 0.0, 9)):
        found = localise(quiet, empty_mask=rule)
        row = found.table.query("subset == 'healthy'").iloc[0]
        assert row["n_jaccard"] == n
        assert np.isnan(row["mean_jaccard"]) if mean is None else row["mean_jaccard"] == mean
        wilcoxon = found.headline["0.90"]["wilcoxon"]
        assert (wilcoxon["p_value"], wilcoxon["n_zero"]) == (None, 28)


def test_a_seed_that_skips_a_slice_leaves_the_other_seeds_value() -> None:
    runs = {name: [_quiet(seeds[0]), _loud(seeds[0])] for name, seeds in RUNS.items()}
    table = localise(runs).table
    row = table.query("subset == 'healthy'").iloc[0]
    assert (row["mean_jaccard"], row["n_jaccard"]) == (0, 9)
    assert row["activated_share"] == 0.5


def test_without_a_tumour_there_is_nothing_to_localise() -> None:
    healthy = np.flatnonzero(STACK.labels == 0)
    stack = Stack(
        [STACK.slice_id[i] for i in healthy],
        STACK.images[healthy],
        STACK.masks[healthy],
        STACK.has_mask[healthy],
        STACK.labels[healthy],
    )
    runs = {name: [_take(seeds[0], healthy)] for name, seeds in RUNS.items()}
    with pytest.raises(ValueError, match=r"must hold a tumour whose mask is not empty; got none"):
        localise(runs, stack)


def test_intervals_are_of_the_headline_the_classes_and_the_healthy_slices() -> None:
    networks = FOUND.intervals.networks
    for name, runs in RUNS.items():
        for threshold in THRESHOLDS:
            place = f"localisation/{threshold:.2f}"
            overall = networks[name][f"{place}/jaccard"]
            assert overall.value == pytest.approx(
                FOUND.headline[f"{threshold:.2f}"][name], abs=1e-6
            )
            assert (overall.n, overall.n_groups) == (28, 10)
            values = slice_values(runs, threshold)
            labels = [
                label
                for label, mask in zip(STACK.labels, STACK.has_mask, strict=True)
                if label and mask
            ]
            for label, subset in enumerate(("meningioma", "glioma", "pituitary"), start=1):
                found = networks[name][f"{place}/jaccard/{subset}"]
                own = [v for v, other in zip(values, labels, strict=True) if other == label]
                assert found.value == pytest.approx(np.mean(own), abs=1e-6)
                assert found.low <= found.value <= found.high
                assert found.n == len(own)
        table = FOUND.table.query(
            "attention_scale == 'raw' and subset == 'healthy' and threshold == '0.50'"
        ).set_index("variant")
        for quantity in ("activated_fraction", "activated_share"):
            found = networks[name][f"localisation/0.50/{quantity}/healthy"]
            assert found.value == pytest.approx(table.loc[name, quantity], abs=1e-6)
            assert (found.n, found.n_groups) == (10, 10)


def test_differences_are_hybrid_minus_classical() -> None:
    row = FOUND.headline["0.50"]
    found = FOUND.intervals.differences["localisation/0.50/jaccard"]
    assert found.value == pytest.approx(row["paper"] - row["counterpart"], abs=1e-6)
    assert found.low <= found.value <= found.high


def test_the_curve_passes_through_the_headline() -> None:
    curve = FOUND.curves["paper"].set_index("threshold")
    assert curve.index.tolist() == pytest.approx([*np.arange(0.05, 1, 0.05), 0.99])
    for threshold in THRESHOLDS:
        estimate = FOUND.intervals.networks["paper"][f"localisation/{threshold:.2f}/jaccard"]
        point = (estimate.value, estimate.low, estimate.high)
        assert curve.loc[[threshold]].to_numpy()[0] == pytest.approx(point, abs=1e-6)


def test_one_patient_leaves_curves_without_bounds() -> None:
    found = localise(RUNS, groups=np.zeros(40, np.int64))
    assert found.intervals.differences == {}
    curve = found.curves["paper"]
    assert curve["jaccard"].equals(FOUND.curves["paper"]["jaccard"])
    assert curve[["low", "high"]].isna().all(axis=None)


def _take(run: Predictions, rows: np.ndarray) -> Predictions:
    return Predictions(*(column[rows] for column in vars(run).values()))


def _with_attention(run: Predictions, value: float) -> Predictions:
    return Predictions(
        **{**vars(run), "attention": np.full(run.attention.shape, value, np.float32)}
    )


def _quiet(run: Predictions) -> Predictions:
    return _with_attention(run, 0)


def _loud(run: Predictions) -> Predictions:
    return _with_attention(run, 1)


def without_map(run: Predictions) -> Predictions:
    return replace(run, attention=np.empty((len(run.logits), 0, 0), np.float32))


def test_a_network_without_a_map_is_left_out() -> None:
    runs = {**RUNS, "resnet18": [without_map(run) for run in RUNS["paper"]]}
    found = localise(runs)
    assert found.headline == FOUND.headline
    assert found.table.equals(FOUND.table)


def test_the_pair_must_have_maps() -> None:
    runs = {**RUNS, "counterpart": [without_map(run) for run in RUNS["counterpart"]]}
    with pytest.raises(ValueError, match=r"must have an attention map; got counterpart"):
        localise(runs)


def test_scores_are_six_and_rounded(tmp_path: Path) -> None:
    """Of each network; those that have no map have no Jaccard index."""
    scores = {
        "accuracy": 0.87654321,
        "macro": {"f1": 0.8},
        "per_class": {"glioma": {"recall": 0.61}},
        "auroc": {"macro": None},
        "ece": 0.05,
    }
    found = {"random": {"0.99": {"paper": 0.1}, "0.75": {"paper": 0.34567}}}
    write_scores(tmp_path / "scores", {"random": {"paper": scores, "resnet18": scores}}, found)
    shared = {"accuracy": 0.8765, "f1": 0.8, "glioma": 0.61, "ece": 0.05}
    assert read_json(tmp_path / "scores/paper-random.json") == shared | {"jaccard": 0.3457}
    assert read_json(tmp_path / "scores/resnet18-random.json") == shared
