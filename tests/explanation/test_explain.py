"""The compared pair, from checkpoints and predictions to maps and curves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hqcm.contracts.labels import HEALTHY
from hqcm.explanation.areas import KINDS, Explanation
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.explanation.explain import (
    explain_network,
    explain_pair,
    read_pair,
    read_tested,
)
from hqcm.networks.network import build_network
from hqcm.networks.output import Network
from hqcm.results.predictions import Predictions, predictions_path, write_predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.inference import InferenceParams, predict
from hqcm.training.loop import Trained
from toy_params import toy_params
from toy_study import N_TEST, SIZE, STUDY, make_predictions, write_study

PARAMS = ExplainParams(n_steps=2, deleted_into="black", inserted_into="blurred", blur=0.05, seed=0)
INFERENCE = InferenceParams(device="cpu", precision="float32", batch_size=64)
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
        run = predict(network, stack, INFERENCE)
        write_predictions(predictions_path(folder / "predictions", cell), run)
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Predictions]:
    return read_pair(folder / "predictions", folder / "checkpoints", STUDY)[0]


@pytest.fixture(scope="module")
def networks(folder: Path) -> dict[str, Network]:
    return read_pair(folder / "predictions", folder / "checkpoints", STUDY)[1]


@pytest.fixture(scope="module")
def stack(folder: Path, runs: dict[str, Predictions]) -> Stack:
    return read_tested(folder / "prepared.h5", folder / "duplicates.csv", runs)[0]


@pytest.fixture(scope="module")
def explained(
    networks: dict[str, Network], runs: dict[str, Predictions], stack: Stack
) -> dict[str, Explanation]:
    return explain_pair(networks, runs, stack, PARAMS, INFERENCE)


def test_slices_are_those_of_the_runs_in_their_order_by_patient(
    folder: Path, runs: dict[str, Predictions]
) -> None:
    files = (folder / "prepared.h5", folder / "duplicates.csv")
    backwards = {"paper": replace(RUN, slice_id=RUN.slice_id[::-1])}
    (stack, groups), (reverse, others) = (read_tested(*files, each) for each in (runs, backwards))
    assert stack.slice_id == RUN.slice_id.tolist() == reverse.slice_id[::-1]
    np.testing.assert_array_equal(groups, others[::-1])
    assert [*np.bincount(groups)] == [8] * (N_TEST // 8)


def test_the_pair_is_asked_about_what_it_said(
    runs: dict[str, Predictions], stack: Stack, explained: dict[str, Explanation]
) -> None:
    assert [*explained] == [*runs] == ["paper", "counterpart"]
    has_tumour = (stack.labels != HEALTHY) & stack.masks.any(axis=(1, 2))
    for name, explanation in explained.items():
        assert len(explanation.maps["grad_cam"]) == N_TEST
        logits = runs[name].logits[has_tumour].astype(float)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(explanation.fractions, [0, 0.25, 1])
        assert {kind for _, kind in explanation.curves} == {*KINDS}
        for (direction, _), curves in explanation.curves.items():
            whole = curves[:, 0 if direction == "deletion" else -1]
            np.testing.assert_allclose(whole, shares.max(axis=1), atol=1e-5)


def test_the_same_numbers_twice(
    networks: dict[str, Network],
    runs: dict[str, Predictions],
    stack: Stack,
    explained: dict[str, Explanation],
) -> None:
    again = explain_pair(networks, runs, stack, PARAMS, INFERENCE)
    for one, other in zip(explained.values(), again.values(), strict=True):
        np.testing.assert_equal(one.maps, other.maps)
        np.testing.assert_equal(one.curves, other.curves)


def test_a_network_without_attention_is_asked_all_the_same(stack: Stack) -> None:
    torch.manual_seed(0)
    network = build_network("resnet18", NETWORK_PARAMS)
    run = predict(network, stack, INFERENCE)
    explanation = explain_network(network, run, stack, PARAMS, INFERENCE)
    assert {*explanation.maps} == {"grad_cam"}
    assert {kind for _, kind in explanation.curves} == {*KINDS} - {"attention"}
    assert all(np.isfinite(curve).all() for curve in explanation.curves.values())


def test_without_tumours_there_is_nothing_to_explain(
    networks: dict[str, Network], runs: dict[str, Predictions], stack: Stack
) -> None:
    healthy = replace(stack, labels=np.zeros(N_TEST, np.int64))
    with pytest.raises(ValueError, match="must hold a tumour whose mask is not empty; got none"):
        explain_pair(networks, runs, healthy, PARAMS, INFERENCE)
