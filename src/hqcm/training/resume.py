"""A training run that was cut short goes on where its last whole epoch ended, bit for bit.

Everything that the next epoch depends on is in one file, beside the outputs that DVC knows, with a
digest of all that decides the result: of another configuration, other data, code or arithmetic,
the file is not read. safetensors and JSON, so that nothing in it can be run.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from hqcm.contracts.command_line import PARTIAL_PREFIX
from hqcm.slices.stacks import Stack

_PACKAGE = Path(__file__).resolve().parents[1]
_CODE = ("contracts", "slices", "networks", "training")
_CAPS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_CBWR")


class State(NamedTuple):
    """Of a run between two epochs: tensors by name, and what JSON holds."""

    tensors: dict[str, torch.Tensor]
    values: dict[str, Any]


def digest_run(described: Sequence[Any], parts: tuple[Stack, ...]) -> str:
    """A digest of what a run's result depends on.

    Args:
        described: variant, seed, parameters, device and precision.
        parts: the slices it is given.

    Returns:
        Hexadecimal SHA-256 of these, of the code, of torch's version, of the number of threads and
        of what the processor and its caps allow.
    """
    arithmetic = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "caps": {name: os.environ.get(name) for name in _CAPS},
    }
    digest = hashlib.sha256(
        json.dumps([described, arithmetic], default=lambda model: model.model_dump()).encode()
    )
    for path in sorted(path for name in _CODE for path in (_PACKAGE / name).rglob("*.py")):
        digest.update(path.read_bytes())
    for part in parts:
        for array in (part.images, part.masks, part.has_mask, part.labels):
            digest.update(repr(array.shape).encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def save_state(path: Path, digest: str, state: State) -> None:
    """Put the state in the place of the last one; a kill leaves either of them whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    save_file(tensors, partial, {"digest": digest, "values": json.dumps(state.values)})
    partial.replace(path)


def load_state(path: Path, digest: str) -> State | None:
    """The state of this very run; None where there is none, or one of another run."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            described = file.metadata() or {}
            if described.get("digest") != digest:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (no mapping)
    except SafetensorError:  # not a whole file: another program's, or a disk's fault
        return None
    return State(tensors, json.loads(described["values"]))


def capture_optimiser(optimiser: torch.optim.Optimizer) -> State:
    """Moments and steps as tensors, learning rates as values."""
    tensors = {
        f"{number}.{name}": tensor
        for number, moments in optimiser.state_dict()["state"].items()
        for name, tensor in moments.items()
    }
    return State(tensors, {"rates": [group["lr"] for group in optimiser.param_groups]})


def restore_optimiser(optimiser: torch.optim.Optimizer, state: State) -> None:
    """The reverse; each moment lies in memory as its parameter does, which fused steps rely on."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for key, tensor in state.tensors.items():
        number, _, name = key.partition(".")
        parameter = parameters[int(number)]
        own = tensor.to(parameter.device)
        if own.shape == parameter.shape:
            own = torch.empty_like(parameter, requires_grad=False).copy_(own)
        optimiser.state[parameter][name] = own
    for group, rate in zip(optimiser.param_groups, state.values["rates"], strict=True):
        group["lr"] = rate


def capture_randomness(generator: torch.Generator) -> dict[str, torch.Tensor]:
    """State of the run's generator, and of torch's own, which dropout draws from."""
    states = {"own": generator.get_state(), "cpu": torch.get_rng_state()}
    return states | ({"cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})


def restore_randomness(generator: torch.Generator, states: Mapping[str, torch.Tensor]) -> None:
    """The reverse."""
    generator.set_state(states["own"])
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
