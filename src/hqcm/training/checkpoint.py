"""Checkpoints: weights in safetensors, everything needed to read them beside."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from hqcm.networks.network import build_network
from hqcm.networks.output import Network
from hqcm.training.loop import Trained

_LIBRARIES = ("torch", "torchvision", "pennylane", "numpy", "scikit-learn", "scipy", "safetensors")


def _metadata_path(checkpoint: Path) -> Path:
    return checkpoint.with_suffix(".json")


def save_checkpoint(
    path: Path, trained: Trained, variant: str, seed: int, params: Mapping[str, Any]
) -> None:
    """Write the weights and, beside them, parameters, library versions and how they came about."""
    weights = {name: tensor.contiguous() for name, tensor in trained.network.state_dict().items()}
    save_file(weights, path)
    described = {
        "variant": variant,
        "seed": seed,
        "best_epoch": trained.best_epoch,
        "n_epochs": trained.n_epochs,
        "learning_rate": trained.learning_rate,
        "device": trained.device,
        "precision": trained.precision,
        "n_parameters": _count_parameters(trained.network),
        "versions": {library: version(library) for library in _LIBRARIES},
        # As in the parameters file, where a variant's optional keys may be absent.
        "params": json.loads(json.dumps(params, default=lambda s: s.model_dump(exclude_none=True))),
    }
    _metadata_path(path).write_text(json.dumps(described, indent=2) + "\n")


def load_checkpoint(path: Path) -> Network:
    """The trained network, on the CPU, in evaluation mode.

    Raises:
        FileNotFoundError: the checkpoint or the JSON beside it does not exist.
    """
    for file in (path, _metadata_path(path)):
        if not file.exists():
            raise FileNotFoundError(f"{file} must exist; run `dvc repro`, which makes it")
    described = json.loads(_metadata_path(path).read_text())
    network = build_network(described["variant"], described["params"])
    network.load_state_dict(load_file(path))
    return network.eval()


def _count_parameters(network: Network) -> dict[str, int]:
    """Trainable numbers: all, and those of the head (the quantum layer or its stand-in)."""
    return {
        name: sum(weights.numel() for weights in part.parameters() if weights.requires_grad)
        for name, part in {"all": network, "head": network.head}.items()
    }
