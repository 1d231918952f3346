"""The first hybrid network of the study under every condition: circuits run, classes scored.

The network predicts once with the exact simulation, which gives the circuits' inputs too; in
place of its circuits' outputs come then those of a device.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import (
    Groups,
    UncertaintyParams,
    count_groups,
    draw_measure,
    measure_means,
)
from hqcm.evaluation.statistics import rounded
from hqcm.evaluation.test_slices import read_slices
from hqcm.hardware.circuits import NOISE_DEVICE, count_gates, new_device, run_circuits
from hqcm.hardware.conditions import Condition, HardwareParams, HardwareScores, Point
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer
from hqcm.results.intervals import Interval
from hqcm.results.predictions import Predictions
from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import Stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import InferenceParams, predict


def read_first_hybrid(
    prepared: Path, duplicates: Path, split: Path, checkpoints: Path, study: StudyParams
) -> tuple[str, Network, Stack, Groups]:
    """The name of the first hybrid network's first run, the network, its test slices by family."""
    run = study.first_run(study.hybrid[0])
    network = load_checkpoint(checkpoints / f"{run.name}.safetensors")
    slice_ids = read_part(split / f"{run.protocol}.csv", "test")
    slices = read_slices(prepared, duplicates, slice_ids)
    return run.name, network, slices.stack, slices.groups


def read_counterpart(checkpoints: Path, study: StudyParams) -> Network:
    """The first classical network's first run."""
    return load_checkpoint(checkpoints / f"{study.first_run(study.classical[0]).name}.safetensors")


def evaluate_circuits(
    name: str,
    network: Network,
    stack: Stack,
    groups: Groups,
    *,
    params: HardwareParams,
    inference: InferenceParams,
    uncertainty: UncertaintyParams,
) -> HardwareScores:
    """Run the circuits of the test slices under every condition and score the classes.

    Raises:
        ValueError: the network has no circuits, or the device is not installed.
    """
    layer = _require_circuits(name, network)
    exact, chunks = _project_slices(network, layer, stack, inference)
    conditions = _list_conditions(params)
    n_conditions = sum(map(len, conditions.values()))
    seeds = iter(np.random.SeedSequence(params.seed).generate_state(n_conditions).tolist())

    def measure(condition: Condition) -> Point:
        features = _run(layer, chunks, condition, params, next(seeds))
        return _score_run(network, exact, features, groups, uncertainty, condition=condition)

    points = {what: [measure(each) for each in listed] for what, listed in conditions.items()}
    counts = np.bincount(stack.labels, minlength=N_CLASSES)
    return HardwareScores(
        network=name,
        device=params.device,
        n_slices=len(stack.labels),
        n_qubits=layer.n_qubits,
        n_circuits=layer.n_circuits,
        n_draws=params.n_draws,
        exact=_mean(exact.y_pred == exact.y_true, groups, uncertainty),
        constant=round(counts.max() / counts.sum(), 6),
        shots=points["shots"],
        depolarising=points["depolarising"],
        readout=points["readout"],
        machine=points["machine"][0],
        gates=count_gates(layer.n_qubits, layer.weights.shape[1], layer.entangler),
    )


def _require_circuits(name: str, network: Network) -> QuantumLayer:
    if not isinstance(network.head, QuantumLayer):
        raise ValueError(  # noqa: TRY004  (the study names the wrong network, not a caller)
            f"{name}: the first network of study.hybrid must have a quantum layer; "
            f"got {type(network.head).__name__}"
        )
    return network.head


def _project_slices(
    network: Network, layer: QuantumLayer, stack: Stack, params: InferenceParams
) -> tuple[Predictions, torch.Tensor]:
    """What the network says, and what reaches its layer, ``(n, n_circuits, 2**n_qubits)``."""
    caught: list[torch.Tensor] = []
    hook = layer.register_forward_pre_hook(lambda _, given: caught.append(given[0].cpu()))
    predictions = predict(network, stack, params)
    hook.remove()
    return predictions, torch.cat(caught).unflatten(1, (layer.n_circuits, -1)).clone()


def _list_conditions(params: HardwareParams) -> dict[str, list[Condition]]:
    """What varies -> its conditions, from the least to the largest."""
    return {
        "shots": [Condition(n) for n in sorted(params.shots)],
        "depolarising": [Condition(None, p) for p in sorted(params.depolarising)],
        "readout": [Condition(None, 0.0, p) for p in sorted(params.readout)],
        "machine": [Condition(**params.machine.model_dump())],
    }


def _run(
    layer: QuantumLayer,
    chunks: torch.Tensor,
    condition: Condition,
    params: HardwareParams,
    seed: int,
) -> NDArray[np.float64]:
    """The layer's outputs on a device, ``(n_draws, n, n_circuits * n_qubits)``."""
    device = NOISE_DEVICE if condition.is_noisy else params.device
    outputs = run_circuits(
        chunks,
        layer.weights.detach().cpu(),
        layer.entangler,
        condition=condition,
        device=new_device(device, layer.n_qubits, seed),
        n_draws=params.n_draws,
    )
    return outputs.flatten(2).numpy()


def _score_run(
    network: Network,
    exact: Predictions,
    features: NDArray[np.float64],
    groups: Groups,
    uncertainty: UncertaintyParams,
    *,
    condition: Condition,
) -> Point:
    """With features ``(n_draws, n, n_features)``; all conditions in the same draws of groups."""
    y_pred = _classify(network, features)  # (n_draws, n)
    return Point(
        **condition._asdict(),
        accuracy=_mean(y_pred == exact.y_true, groups, uncertainty),
        changed=_mean(y_pred != exact.y_pred, groups, uncertainty),
        error=rounded(np.sqrt(np.mean((features - exact.features) ** 2))),
    )


def _classify(network: Network, features: NDArray[np.float64]) -> NDArray[np.int64]:
    with torch.inference_mode():
        # Its weights are copied to the CPU: the network stays where the caller has it.
        weight, bias = network.classifier.weight.cpu(), network.classifier.bias.cpu()
        logits = F.linear(torch.as_tensor(features, dtype=weight.dtype), weight, bias)
    return logits.argmax(dim=-1).numpy().astype(np.int64)


def _mean(hits: NDArray[np.bool_], groups: Groups, uncertainty: UncertaintyParams) -> Interval:
    """The share of hits, ``(n,)`` or ``(n_draws, n)``, with an interval where there is one."""
    shares = {"hits": np.atleast_2d(hits).mean(axis=0)}
    measure = measure_means(shares, groups)
    return draw_measure(measure, count_groups(groups), uncertainty).interval("hits")
