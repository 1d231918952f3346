"""The compared pair, from checkpoints and predictions to maps and curves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hqcm.contracts.labels import HEALTHY
from hqcm.evaluation.bootstrap import Groups
from hqcm.explanation.areas import KINDS, Explanation
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.explanation.explain import (
    _explain_network,
    explain_pair,
    read_pair,
    spread_over,
)
from hqcm.networks.network import build_network
from hqcm.results.predictions import Predictions, predictions_path, write_predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.inference import InferenceParams, predict
from hqcm.training.loop import Trained
from toy_params import toy_params
from toy_study import N_TEST, SIZE, STUDY, make_predictions, write_study

PARAMS = ExplainParams(
    n_steps=2, n_slices=100, deleted_into="black", inserted_into="blurred", blur=0.05, seed=0
)
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


Read = tuple[dict[str, Predictions], Stack, Groups]


@pytest.fixture(scope="module")
def pair(folder: Path) -> Read:
    files = (folder / "prepared.h5", folder / "duplicates.csv", folder / "predictions")
    return read_pair(*files, STUDY)


@pytest.fixture(scope="module")
def stack(pair: Read) -> Stack:
    return pair[1]


def explain(folder: Path, runs: dict[str, Predictions], stack: Stack) -> dict[str, Explanation]:
    checkpoints = folder / "checkpoints"
    return explain_pair(checkpoints, STUDY, runs, stack, params=PARAMS, inference=INFERENCE)


@pytest.fixture(scope="module")
def explained(folder: Path, pair: Read) -> dict[str, Explanation]:
    return explain(folder, *pair[:2])


def test_slices_are_those_of_the_first_run_in_its_order_by_patient(pair: Read) -> None:
    runs, stack, groups = pair
    assert [*runs] == ["paper", "counterpart"]
    assert stack.slice_id == runs["paper"].slice_id.tolist() == RUN.slice_id.tolist()
    assert groups.tolist() == [i // 8 for i in range(N_TEST)]


def test_the_pair_is_asked_about_what_it_said(
    pair: Read, explained: dict[str, Explanation]
) -> None:
    runs, stack, _ = pair
    assert [*explained] == [*runs]
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


def test_few_slices_are_those_of_many(
    folder: Path, pair: Read, explained: dict[str, Explanation]
) -> None:
    """Their curves do not depend on how many others are asked about."""
    runs, stack, _ = pair
    params = PARAMS.model_copy(update={"n_slices": 3})
    few = explain_pair(
        folder / "checkpoints", STUDY, runs, stack, params=params, inference=INFERENCE
    )
    for name, explanation in few.items():
        whole = explained[name]
        assert explanation.is_traced.sum() == 3
        kept = explanation.is_traced[whole.is_traced]
        for key, curves in explanation.curves.items():
            np.testing.assert_allclose(curves, whole.curves[key][kept], atol=1e-5)


@pytest.mark.parametrize(
    ("n", "chosen"), [(1, [1]), (2, [1, 9]), (3, [1, 5, 9]), (5, [1, 3, 5, 7, 9]), (9, None)]
)
def test_slices_are_spread_over_all(n: int, chosen: list[int] | None) -> None:
    is_eligible = np.arange(10) % 2 == 1
    spread = spread_over(is_eligible, n)
    assert np.flatnonzero(spread).tolist() == (chosen or [1, 3, 5, 7, 9])


def test_the_same_numbers_twice(
    folder: Path, pair: Read, explained: dict[str, Explanation]
) -> None:
    again = explain(folder, *pair[:2])
    for one, other in zip(explained.values(), again.values(), strict=True):
        np.testing.assert_equal(one.maps, other.maps)
        np.testing.assert_equal(one.curves, other.curves)


def test_a_network_without_attention_is_asked_all_the_same(stack: Stack) -> None:
    torch.manual_seed(0)
    network = build_network("resnet18", NETWORK_PARAMS)
    run = predict(network, stack, INFERENCE)
    explanation = _explain_network(network, run, stack, PARAMS, INFERENCE)
    assert {*explanation.maps} == {"grad_cam"}
    assert {kind for _, kind in explanation.curves} == {*KINDS} - {"attention"}
    assert all(np.isfinite(curve).all() for curve in explanation.curves.values())


def test_without_tumours_there_is_nothing_to_explain(folder: Path, pair: Read) -> None:
    healthy = replace(pair[1], labels=np.zeros(N_TEST, np.int64))
    with pytest.raises(ValueError, match="must hold a tumour whose mask is not empty; got none"):
        explain(folder, pair[0], healthy)
