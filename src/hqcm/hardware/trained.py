"""A trained network with circuits, and what of the test slices reaches them."""

from pathlib import Path
from typing import NamedTuple

import torch

from hqcm.cohort.families import read_cohort
from hqcm.contracts.study import Cell, StudyParams
from hqcm.evaluation.bootstrap import Groups, number_groups
from hqcm.networks.output import Network
from hqcm.networks.quantum import QuantumLayer
from hqcm.results.predictions import Predictions
from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import InferenceParams, predict


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
    prepared: Path, duplicates: Path, split: Path, checkpoints: Path, study: StudyParams
) -> TrainedCircuits:
    """The first hybrid network, protocol and seed of the study."""
    cell = Cell(study.hybrid[0], study.protocols[0], study.seeds[0])
    stack = read_stack(prepared, read_part(split / f"{cell.protocol}.csv", "test"))
    family = read_cohort(prepared, duplicates).set_index("slice_id")["family"]
    return TrainedCircuits(
        cell.name,
        load_checkpoint(checkpoints / f"{cell.name}.safetensors"),
        stack,
        number_groups(family.loc[stack.slice_id].to_numpy(str)),
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
