"""Areas, gains and Jaccard indices with intervals, from checkpoints to what the stage leaves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from hqcm.contracts.labels import HEALTHY
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams, stretch, upsample
from hqcm.explanation.areas import KINDS, area_name, area_under, gain_name, jaccard_name
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.explanation.explain import (
    Explained,
    ExplanationParams,
    Pair,
    PairFiles,
    SlicesTested,
    explain_pair,
    read_pair,
    summarise,
    trace_network,
)
from hqcm.explanation.grad_cam_store import write_grad_cams
from hqcm.networks.network import build_network
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import Predictions, predictions_path, write_predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.inference import InferenceParams, predict
from hqcm.training.loop import Trained
from reference import area_of_trapezia, jaccard_index
from toy_explanation import FRACTIONS, trace_toy
from toy_params import toy_params
from toy_study import N_TEST, SIZE, STUDY, make_predictions, make_slice, write_study

LOCALISE = LocaliseParams(thresholds=[0.9, 0.5], attention_scale="raw", empty_mask="skip")
DRAWS = UncertaintyParams(n_resamples=100, seed=0)
PARAMS = ExplanationParams(
    explain=ExplainParams(
        n_steps=2, deleted_into="black", inserted_into="blurred", blur=0.05, seed=0
    ),
    localise=LOCALISE,
    inference=InferenceParams(device="cpu", precision="float32", batch_size=64),
    uncertainty=DRAWS,
)
RUN = make_predictions(0, skill=0.9)
NETWORK_PARAMS = toy_params() | {"prepare": {"image_size_px": SIZE}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study, its first runs predicted by networks that are there."""
    folder = tmp_path_factory.mktemp("study")
    write_study(folder)
    (folder / "checkpoints").mkdir()
    stack = read_stack(folder / "prepared.h5", RUN.slice_id.tolist())
    for cell in STUDY.cells():
        torch.manual_seed(cell.seed)
        network = build_network(cell.variant, NETWORK_PARAMS).eval()
        trained = Trained(network, 1, 1, 0.01, "cpu", "float32")
        path = folder / "checkpoints" / f"{cell.name}.safetensors"
        save_checkpoint(path, trained, cell.variant, cell.seed, NETWORK_PARAMS)
        run = predict(network, stack, PARAMS.inference)
        write_predictions(predictions_path(folder / "predictions", cell), run)
    return folder


@pytest.fixture(scope="module")
def pair(folder: Path) -> Pair:
    names = ("prepared.h5", "duplicates.csv", "predictions", "checkpoints")
    return read_pair(PairFiles(*(folder / name for name in names)), STUDY)


@pytest.fixture(scope="module")
def explained(pair: Pair) -> Explained:
    return explain_pair(pair, PARAMS)


def toy_tested(run: Predictions = RUN) -> SlicesTested:
    slices = [make_slice(i) for i in range(len(run.y_true))]
    blank = np.zeros((SIZE, SIZE), np.bool_)
    stack = Stack(
        slice_id=[item.slice_id for item in slices],
        images=np.stack([item.image for item in slices]),
        masks=np.stack([blank if item.mask is None else item.mask for item in slices]),
        has_mask=np.array([item.mask is not None for item in slices]),
        labels=run.y_true,
    )
    return SlicesTested("random", stack, np.arange(len(slices)) // 8)


TESTED = toy_tested()
TUMOURS = [
    i for i, label in enumerate(TESTED.stack.labels) if label and TESTED.stack.masks[i].any()
]
TRACED = trace_toy(RUN, TESTED.stack)
FOUND = summarise(TESTED, {"paper": TRACED, "counterpart": TRACED}, LOCALISE, DRAWS)


def test_areas_are_means_over_the_tumours() -> None:
    networks = FOUND.intervals["random"].networks
    for (direction, kind), curves in TRACED.curves.items():
        each = [area_of_trapezia(curve.tolist(), FRACTIONS.tolist()) for curve in curves]
        np.testing.assert_allclose(area_under(curves, FRACTIONS), each, atol=1e-12)
        found = networks["paper"][area_name(direction, kind)]
        assert found.value == pytest.approx(np.mean(each), abs=1e-6)
        assert found.n == len(TUMOURS) == len(curves)
        assert found.low <= found.value <= found.high


def test_a_gain_is_less_when_deleting_and_more_when_inserting() -> None:
    known = FOUND.intervals["random"].networks["paper"]
    for kind in ("attention", "grad_cam", "tumour_mask"):
        for direction, sign in (("deletion", -1), ("insertion", 1)):
            areas = [known[area_name(direction, each)].value for each in (kind, "random")]  # type: ignore[arg-type]  # literals in a loop
            gain = known[gain_name(direction, kind)].value  # type: ignore[arg-type]  # the same
            assert gain == pytest.approx(sign * (areas[0] - areas[1]), abs=2e-6)
    assert known[gain_name("deletion", "tumour_mask")].low > 0
    assert known[gain_name("insertion", "grad_cam")].value == 0


def test_both_maps_lie_on_the_masks_as_pixel_by_pixel() -> None:
    known = FOUND.intervals["random"].networks["paper"]
    for kind in ("attention", "grad_cam"):
        enlarged = upsample(TRACED.maps[kind], SIZE)
        for scale, maps in (("raw", enlarged), ("minmax", stretch(enlarged))):
            for threshold in LOCALISE.thresholds:
                each = [
                    jaccard_index(maps[i], TESTED.stack.masks[i], threshold) or 0.0 for i in TUMOURS
                ]
                found = known[jaccard_name(kind, scale, threshold)]  # type: ignore[arg-type]  # the same
                assert found.value == pytest.approx(np.mean(each), abs=1e-6)


def test_equal_networks_do_not_differ() -> None:
    differences = FOUND.intervals["random"].differences
    assert differences.keys() == FOUND.intervals["random"].networks["paper"].keys()
    assert {found.value for found in differences.values()} == {0}


def test_a_network_without_attention_leaves_its_rows_out() -> None:
    blind = TRACED._replace(
        maps={"grad_cam": TRACED.maps["grad_cam"]},
        curves={key: curve for key, curve in TRACED.curves.items() if key[1] != "attention"},
    )
    found = summarise(TESTED, {"paper": TRACED, "resnet18": blind}, LOCALISE, DRAWS)
    of = found.intervals["random"]
    lost = {name for name in of.networks["paper"] if "attention" in name}
    assert of.networks["paper"].keys() - of.networks["resnet18"].keys() == lost
    assert of.differences.keys() == of.networks["resnet18"].keys()
    table = found.curves
    assert set(table[table["variant"] == "resnet18"]["map"]) == {*KINDS} - {"attention"}


def test_the_curves_are_means() -> None:
    table = FOUND.curves
    assert len(table) == 2 * 2 * len(KINDS) * len(FRACTIONS)
    chosen = table[(table["variant"] == "paper") & (table["map"] == "random")]
    line = chosen[chosen["direction"] == "deletion"]
    np.testing.assert_allclose(line["fraction"], FRACTIONS)
    expected = TRACED.curves["deletion", "random"].mean(axis=0)
    np.testing.assert_allclose(line["probability"], expected, atol=1e-6)


def test_the_pair_is_asked_about_what_it_said(pair: Pair, explained: Explained) -> None:
    assert [*pair.networks] == [*pair.runs] == ["paper", "counterpart"]
    assert {name: len(maps) for name, maps in explained.grad_cams.items()} == {
        "paper": N_TEST,
        "counterpart": N_TEST,
    }
    member = (pair.tested.stack.labels != HEALTHY) & pair.tested.stack.masks.any(axis=(1, 2))
    for name, run in pair.runs.items():
        of_network = explained.curves[explained.curves["variant"] == name]
        logits = run.logits[member].astype(float)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        whole = of_network[(of_network["direction"] == "deletion") & (of_network["fraction"] == 0)]
        np.testing.assert_allclose(
            whole["probability"], [shares.max(axis=1).mean()] * len(KINDS), atol=1e-5
        )


def test_the_same_bytes_twice(pair: Pair, explained: Explained, tmp_path: Path) -> None:
    for name, found in (("one", explained), ("other", explain_pair(pair, PARAMS))):
        (tmp_path / name).mkdir()
        write_estimates(tmp_path / name / "intervals.json", found.intervals)
        found.curves.to_csv(tmp_path / name / "curves.csv", index=False)
        write_grad_cams(tmp_path / name / "maps.h5", found.slice_ids, found.grad_cams)
    for file in ("intervals.json", "curves.csv", "maps.h5"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_a_network_without_attention_is_asked_all_the_same(pair: Pair) -> None:
    torch.manual_seed(0)
    network = build_network("resnet18", NETWORK_PARAMS)
    run = predict(network, pair.tested.stack, PARAMS.inference)
    traced = trace_network(network, run, pair.tested.stack, PARAMS)
    assert {*traced.maps} == {"grad_cam"}
    assert {kind for _, kind in traced.curves} == {*KINDS} - {"attention"}
    assert all(np.isfinite(curve).all() for curve in traced.curves.values())


def test_without_tumours_there_is_nothing_to_explain(pair: Pair) -> None:
    stack = replace(pair.tested.stack, labels=np.zeros(N_TEST, np.int64))
    tested = pair.tested._replace(stack=stack)
    with pytest.raises(ValueError, match="must hold a tumour whose mask is not empty; got none"):
        explain_pair(replace(pair, tested=tested), PARAMS)


def test_a_table_of_curves_reads_back(tmp_path: Path) -> None:
    FOUND.curves.to_csv(tmp_path / "curves.csv", index=False)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "curves.csv"), FOUND.curves)
