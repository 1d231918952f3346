"""The first hybrid network of the study under every condition: runs, then scores."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.inference import InferenceParams
from hqcm.hardware.circuits import NOISE_DEVICE, new_device, run_circuits
from hqcm.hardware.conditions import Condition, HardwareParams
from hqcm.hardware.counting import count_gates
from hqcm.hardware.found import HardwareFound, Point
from hqcm.hardware.scoring import score_runs
from hqcm.hardware.trained import TrainedCircuits, project_slices, require_circuits
from hqcm.networks.quantum import QuantumLayer


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
