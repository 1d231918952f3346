"""The stage's work on a toy network: conditions, scores, bytes, errors."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from pydantic import ValidationError

import reference
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import Groups, UncertaintyParams
from hqcm.hardware.conditions import Condition, HardwareParams, HardwareScores, read_hardware
from hqcm.hardware.evaluate import (
    _classify,
    _list_conditions,
    _project_slices,
    _score_run,
    evaluate_circuits,
    read_first_hybrid,
)
from hqcm.networks.network import build_network
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer
from hqcm.results.files import write_json
from hqcm.slices.stacks import Stack
from hqcm.slices.writer import SliceWriter
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.inference import InferenceParams, predict
from hqcm.training.loop import Trained as TrainedNetwork
from toy_params import toy_params
from toy_study import make_slice, write_twins

STUDY = StudyParams(hybrid=["paper"], classical=["counterpart"], protocols=["random"], seeds=[3])
INFERENCE = InferenceParams(batch_size=8, device="cpu", precision="float32")
UNCERTAINTY = UncertaintyParams(n_resamples=200, seed=0)
SECTION = {
    "device": "default.qubit",
    "shots": [400, 20],
    "n_draws": 2,
    "depolarising": [0.75, 0.01],
    "readout": [0.1, 0.5],
    "machine": {"shots": 50, "depolarising": 0.01, "readout": 0.01},
    "seed": 0,
}
PARAMS = HardwareParams.model_validate(SECTION)
N, N_TRAINED = 24, 40
"""Together the slices of the toy study."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, a split and a checkpoint of each network, as the stages before leave them."""
    made = tmp_path_factory.mktemp("run")
    params = toy_params() | {"prepare": {"image_size_px": 32}}
    with SliceWriter(made / "slices.h5") as writer:
        for position in range(N + N_TRAINED):
            writer.add(make_slice(position))
    ids = [make_slice(position).slice_id for position in range(N + N_TRAINED)]
    write_twins(made / "twins.csv", made / "duplicates.csv")
    (made / "split").mkdir()
    table = pd.DataFrame({"slice_id": ids, "part": ["test"] * N + ["train"] * N_TRAINED})
    table.to_csv(made / "split" / "random.csv", index=False)
    for variant in ("paper", "counterpart"):
        torch.manual_seed(1)
        network = build_network(variant, params)
        trained = TrainedNetwork(network, 1, 1, 0.01, "cpu", "float32")
        save_checkpoint(made / f"{variant}-random-3.safetensors", trained, variant, 3, params)
    return made


Trained = tuple[str, Network, Stack, Groups]


@pytest.fixture(scope="module")
def trained(folder: Path) -> Trained:
    return read(folder, STUDY)


def read(folder: Path, study: StudyParams) -> Trained:
    files = (folder / "slices.h5", folder / "duplicates.csv", folder / "split", folder)
    return read_first_hybrid(*files, study)


def evaluate(trained: Trained) -> HardwareScores:
    name, network, stack, groups = trained
    return evaluate_circuits(
        name,
        network,
        stack,
        groups,
        params=PARAMS,
        inference=INFERENCE,
        uncertainty=UNCERTAINTY,
    )


def test_conditions_go_from_the_least_to_the_largest() -> None:
    assert _list_conditions(PARAMS) == {
        "shots": [Condition(20), Condition(400)],
        "depolarising": [Condition(None, 0.01), Condition(None, 0.75)],
        "readout": [Condition(None, 0.0, 0.1), Condition(None, 0.0, 0.5)],
        "machine": [Condition(50, 0.01, 0.01)],
    }
    assert [Condition(5).is_noisy, Condition(5, 0.0, 0.1).is_noisy] == [False, True]


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("shots", [0]), ("depolarising", [0.8]), ("depolarising", [0.0]), ("readout", [0.6])],
)
def test_conditions_must_be_possible(key: str, wrong: list[float]) -> None:
    with pytest.raises(ValidationError, match=key):
        HardwareParams.model_validate(SECTION | {key: wrong})


def test_chunks_are_what_the_layer_sees(trained: Trained) -> None:
    _, network, stack, _ = trained
    layer = network.head
    assert isinstance(layer, QuantumLayer)
    predictions, chunks = _project_slices(network, layer, stack, INFERENCE)
    assert chunks.shape == (N, 2, 4)
    with torch.no_grad():
        np.testing.assert_array_equal(layer(chunks.flatten(1)).numpy(), predictions.features)
    assert not layer._forward_pre_hooks


def test_classes_are_found_without_moving_the_network(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, network, *_ = trained
    ramp = np.linspace(-1, 1, N * 4).reshape(N, 4)
    classifier = network.classifier
    with torch.no_grad():
        expected = classifier(torch.from_numpy(ramp).float()).argmax(dim=1).tolist()
    # A module's own `cpu` moves it; here there may be no other device to see it by.
    monkeypatch.setattr(classifier, "cpu", lambda: pytest.fail("moved"), raising=False)
    assert _classify(network, ramp).tolist() == expected


def test_scores_are_those_counted_one_by_one(trained: Trained) -> None:
    _, network, stack, groups = trained
    exact = predict(network, stack, INFERENCE)
    ramp = np.linspace(-1, 1, 2 * N * 4).reshape(2, N, 4)
    same, other = (
        _score_run(network, exact, features, groups, UNCERTAINTY, condition=Condition(20))
        for features in (exact.features[None].astype(float), ramp)
    )
    draws = _classify(network, ramp).tolist()
    right = float(reference.share_of_draws(draws, exact.y_true.tolist()))
    unchanged = float(reference.share_of_draws(draws, exact.y_pred.tolist()))
    assert other.accuracy.value == pytest.approx(right, abs=1e-6)
    assert other.changed.value == pytest.approx(1 - unchanged, abs=1e-6)
    squares = [
        (got - want) ** 2
        for draw in ramp.reshape(2, -1).tolist()
        for got, want in zip(draw, exact.features.ravel().tolist(), strict=True)
    ]
    assert other.error == pytest.approx((sum(squares) / len(squares)) ** 0.5, abs=1e-6)
    right = np.mean(exact.y_pred == exact.y_true)
    assert same.accuracy.value == pytest.approx(right, abs=1e-6)
    assert (same.shots, same.changed.value, same.error) == (20, 0, 0)
    assert same.changed.high is not None
    assert same.changed.high > 0, "none changed of a few patients says little of others"


def test_every_condition_is_scored_and_no_information_gives_one_class(
    trained: Trained, tmp_path: Path
) -> None:
    scores = evaluate(trained)
    exact = predict(trained[1], trained[2], INFERENCE)
    assert scores.exact.value == pytest.approx(np.mean(exact.y_pred == exact.y_true), abs=1e-6)
    assert (scores.network, scores.n_slices, scores.constant) == ("paper-random-3", N, 0.25)
    assert [point.shots for point in scores.shots] == [20, 400]
    assert scores.shots[0].error > scores.shots[1].error
    nothing = [scores.depolarising[-1], scores.readout[-1]]
    assert {point.accuracy.value for point in nothing} == {0.25}
    assert scores.machine.shots == 50
    assert scores.gates["whole circuit"].cnot == 2 + 4

    for name in ("one.json", "two.json"):
        write_json(tmp_path / name, evaluate(trained).model_dump())
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert read_hardware(tmp_path / "one.json") == scores


def test_a_network_without_circuits_is_refused(folder: Path) -> None:
    study = STUDY.model_copy(update={"hybrid": ["counterpart"]})
    with pytest.raises(
        ValueError, match=r"counterpart-random-3: .* must have a quantum layer; got Sequential"
    ):
        evaluate(read(folder, study))


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hardware.json").write_text(json.dumps({"network": "paper"}))
    with pytest.raises(ValueError, match=r"hardware.json: file.device is missing"):
        read_hardware(tmp_path / "hardware.json")
