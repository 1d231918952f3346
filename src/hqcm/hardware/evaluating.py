"""The first hybrid network of the study under every condition: runs, then scores."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.parts import read_part
from hqcm.contracts.predictions import Predictions
from hqcm.contracts.slices import read_index
from hqcm.contracts.stacks import Stack, read_stack
from hqcm.contracts.study import Cell, StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.groups import Groups, number_groups
from hqcm.evaluation.inference import InferenceParams, predict
from hqcm.hardware.circuits import NOISE_DEVICE, new_device, run_circuits
from hqcm.hardware.conditions import Condition, HardwareParams
from hqcm.hardware.counting import count_gates
from hqcm.hardware.found import HardwareFound, Point
from hqcm.hardware.scoring import score_runs
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer
from hqcm.training.checkpoint import load_checkpoint


class TrainedCircuits(NamedTuple):
    """A trained network with circuits, and the test slices with their groups."""

    name: str
    network: Network
    stack: Stack
    groups: Groups


class Projected(NamedTuple):
    """What the network says of the test slices, and the chunks ``(n, n_circuits, 2**n_qubits)``."""

    predictions: Predictions
    chunks: torch.Tensor


def read_circuits(
    prepared: Path, split: Path, checkpoints: Path, study: StudyParams
) -> TrainedCircuits:
    """The first hybrid network, protocol and seed of the study."""
    cell = Cell(study.hybrid[0], study.protocols[0], study.seeds[0])
    stack = read_stack(prepared, read_part(split / f"{cell.protocol}.csv", "test"))
    group_id = read_index(prepared).set_index("slice_id")["group_id"]
    return TrainedCircuits(
        cell.name,
        load_checkpoint(checkpoints / f"{cell.name}.safetensors"),
        stack,
        number_groups(group_id.loc[stack.slice_id].to_numpy(str)),
    )


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


def require_circuits(trained: TrainedCircuits) -> QuantumLayer:
    """The quantum layer; raises `ValueError` where the network has none."""
    head = trained.network.head
    if not isinstance(head, QuantumLayer):
        raise ValueError(  # noqa: TRY004  (the study names the wrong network, not a caller)
            f"{trained.name}: the first network of study.hybrid must have a quantum layer; "
            f"got {type(head).__name__}"
        )
    return head


def project_slices(
    network: Network, layer: QuantumLayer, stack: Stack, params: InferenceParams
) -> Projected:
    """Predict, and keep what reaches the quantum layer."""
    caught: list[torch.Tensor] = []
    hook = layer.register_forward_pre_hook(lambda _, given: caught.append(given[0].cpu()))
    predictions = predict(network, stack, params)
    hook.remove()
    return Projected(predictions, torch.cat(caught).unflatten(1, (layer.n_circuits, -1)).clone())


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
