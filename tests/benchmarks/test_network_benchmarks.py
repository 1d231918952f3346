"""Contestants compute the same thing, and the benchmarks run, at toy size."""

import numpy as np
import pytest
import torch
import yaml

import circuits
import quantum_layer
import training
from hqcm.networks.quantum import QuantumLayer
from toy_params import toy_params


def test_every_contestant_computes_the_same_circuits() -> None:
    torch.manual_seed(0)
    layers = circuits.contestants(3, 2, 2)
    ours = layers["QuantumLayer"]
    assert isinstance(ours, QuantumLayer)
    theirs = layers["PennyLane"]
    assert isinstance(theirs, QuantumLayer)
    theirs.load_state_dict(ours.state_dict())
    layers["lightning.qubit"] = circuits.lightning(ours.weights)
    features = torch.rand(3, 16)
    for name in ("PennyLane", "PennyLane folded", "lightning.qubit"):
        torch.testing.assert_close(layers[name](features), ours(features), atol=2e-6, rtol=0)
    assert layers["Linear"](features).shape == ours(features).shape


def test_quantum_layer_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantum_layer, "PAPER", (2, 1, 1))
    monkeypatch.setattr(quantum_layer, "QUBITS", (2, 3))
    monkeypatch.setattr(quantum_layer, "LARGEST_PENNYLANE_QUBITS", 2)
    for name in ("DEPTHS", "CIRCUITS"):
        monkeypatch.setattr(quantum_layer, name, (1,))
    monkeypatch.setattr(quantum_layer, "BATCHES", (1, 64))
    measured = quantum_layer.measure()
    assert [ratio.floor for ratio in measured.ratios] == [45.0, 4.0]
    assert [row[0] for row in measured.tables[0].rows][-1] == "lightning.qubit"
    qubits = measured.curves[0].series
    assert [size for size, _ in qubits["QuantumLayer"]] == [2, 3]
    assert [size for size, _ in qubits["PennyLane"]] == [2]


def test_training_benchmark(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("toy") / "params.yaml"
    path.write_text(yaml.safe_dump(toy_params()))
    monkeypatch.setattr(training, "PARAMS", path)
    monkeypatch.setattr(training, "GEMM_EDGE", 64)
    for name in ("STEP_ROUNDS", "OTHER_ROUNDS"):
        monkeypatch.setattr(training, name, 3)
    measured = training.measure()
    assert [(ratio.floor, ratio.ceiling) for ratio in measured.ratios] == [
        (None, 1.02),
        (0.75, None),
        (None, 0.03),
    ]
    assert all(np.isfinite(ratio.value) for ratio in measured.ratios)


def test_flop_of_a_step_are_those_of_its_convolutions() -> None:
    """By hand: 2 x kernel area x channels in x channels out x pixels, thrice but once."""
    params = toy_params()
    learner = training.keep_to_taps(training.make_learner("counterpart", params))
    sizes = zip((1, 4, 6), (4, 6, 8), (3, 5, 7), (16, 8, 4), strict=True)
    forward = [2 * k * k * i * o * edge**2 * 8 for i, o, k, edge in sizes]
    # Backward: to the weights of all blocks and to the input of all but the first; attention,
    # projection and head add a little.
    convolutions = 3 * sum(forward) - forward[0]
    assert convolutions < training.count_flop(training.step_of(learner)) < 1.2 * convolutions
