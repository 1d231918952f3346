"""Classes from the circuits' outputs, held against those of the exact simulation.

The first hybrid network of the study under every condition: runs, then scores.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES
from hqcm.evaluation.bootstrap import (
    Drawn,
    Groups,
    UncertaintyParams,
    count_groups,
    draw_measure,
    estimate_network,
    measure_means,
)
from hqcm.evaluation.statistics import rounded
from hqcm.hardware.circuits import NOISE_DEVICE, count_gates, new_device, run_circuits
from hqcm.hardware.conditions import Condition, HardwareFound, HardwareParams, Point
from hqcm.hardware.trained import TrainedCircuits, project_slices, require_circuits
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer
from hqcm.results.intervals import Estimate, Interval
from hqcm.results.predictions import Predictions
from hqcm.training.inference import InferenceParams


class RunScore(NamedTuple):
    """As in `found.Point`."""

    accuracy: Interval
    changed: Interval
    error: float


class Scored(NamedTuple):
    """The exact simulation's accuracy, and what varies -> the score of each condition."""

    exact: Interval
    found: dict[str, list[RunScore]]


def score_runs(
    network: Network,
    exact: Predictions,
    runs: Mapping[str, Sequence[NDArray[np.float64]]],
    groups: Groups,
    uncertainty: UncertaintyParams,
) -> Scored:
    """Interval every run in the same draws of the groups.

    Shape:
        - runs: ``(n_draws, n, n_features)`` each, in place of `exact.features`.
    """
    shares = {"exact": (exact.y_pred == exact.y_true).astype(np.float64)}
    for name, listed in runs.items():
        for place, features in enumerate(listed):
            y_pred = classify(network, features)  # (n_draws, n)
            shares[f"{name}/{place}/accuracy"] = (y_pred == exact.y_true).mean(axis=0)
            shares[f"{name}/{place}/changed"] = (y_pred != exact.y_pred).mean(axis=0)
    drawn = draw_measure(measure_means(shares, groups), count_groups(groups), uncertainty)
    estimates = estimate_network(drawn)
    return Scored(
        _score("exact", drawn, estimates),
        {
            name: [
                RunScore(
                    _score(f"{name}/{place}/accuracy", drawn, estimates),
                    _score(f"{name}/{place}/changed", drawn, estimates),
                    rounded(np.sqrt(np.mean((features - exact.features) ** 2))),
                )
                for place, features in enumerate(listed)
            ]
            for name, listed in runs.items()
        },
    )


def classify(network: Network, features: NDArray[np.float64]) -> NDArray[np.int64]:
    """The class with the largest logit.

    Shape:
        - features: ``(..., n_features)``.
        - returns: ``(...)``, 0-3.
    """
    with torch.inference_mode():
        # Its weights are copied to the CPU: the network stays where the caller has it.
        weight, bias = network.classifier.weight.cpu(), network.classifier.bias.cpu()
        logits = F.linear(torch.as_tensor(features, dtype=weight.dtype), weight, bias)
    return logits.argmax(dim=-1).numpy().astype(np.int64)


def _score(name: str, drawn: Drawn, estimates: Mapping[str, Estimate]) -> Interval:
    found = estimates.get(name)
    low, high = found.bounds if found else (None, None)
    return Interval(value=rounded(drawn.values[name]), low=low, high=high)


def evaluate_circuits(
    trained: TrainedCircuits,
    params: HardwareParams,
    inference: InferenceParams,
    uncertainty: UncertaintyParams,
) -> HardwareFound:
    """Run the circuits of the test slices under every condition and score the classes.

    Raises:
        ValueError: the network has no circuits, or the device is not installed.
    """
    layer = require_circuits(trained)
    projected = project_slices(trained.network, layer, trained.stack, inference)
    conditions = list_conditions(params)
    runs = _run_all(layer, projected.chunks, conditions, params)
    scored = score_runs(trained.network, projected.predictions, runs, trained.groups, uncertainty)
    points = {
        name: [
            Point(**condition._asdict(), **found._asdict())
            for condition, found in zip(listed, scored.found[name], strict=True)
        ]
        for name, listed in conditions.items()
    }
    counts = np.bincount(trained.stack.labels, minlength=N_CLASSES)
    return HardwareFound(
        network=trained.name,
        device=params.device,
        n_slices=len(trained.stack.labels),
        n_qubits=layer.n_qubits,
        n_circuits=layer.n_circuits,
        n_draws=params.n_draws,
        exact=scored.exact,
        constant=round(counts.max() / counts.sum(), 6),
        shots=points["shots"],
        depolarising=points["depolarising"],
        readout=points["readout"],
        machine=points["machine"][0],
        gates=count_gates(layer.n_qubits, layer.weights.shape[1], layer.entangler),
    )


def list_conditions(params: HardwareParams) -> dict[str, list[Condition]]:
    """What varies -> its conditions, from the least to the largest."""
    return {
        "shots": [Condition(n) for n in sorted(params.shots)],
        "depolarising": [Condition(None, p) for p in sorted(params.depolarising)],
        "readout": [Condition(None, 0.0, p) for p in sorted(params.readout)],
        "machine": [Condition(**params.machine.model_dump())],
    }


def _run_all(
    layer: QuantumLayer,
    chunks: torch.Tensor,
    conditions: Mapping[str, list[Condition]],
    params: HardwareParams,
) -> dict[str, list[NDArray[np.float64]]]:
    """What varies -> ``(n_draws, n, n_circuits * n_qubits)`` of each condition."""
    weights = layer.weights.detach().cpu()
    n_conditions = sum(map(len, conditions.values()))
    seeds = iter(np.random.SeedSequence(params.seed).generate_state(n_conditions).tolist())

    def run(condition: Condition) -> NDArray[np.float64]:
        name = NOISE_DEVICE if condition.is_noisy else params.device
        device = new_device(name, layer.n_qubits, next(seeds))
        found = run_circuits(
            chunks,
            weights,
            layer.entangler,
            condition=condition,
            device=device,
            n_draws=params.n_draws,
        )
        return found.flatten(2).numpy()

    return {name: [run(condition) for condition in listed] for name, listed in conditions.items()}
