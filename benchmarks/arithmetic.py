"""Parts of a training step, forward and backward, held against the CPU in float64."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from hqcm.contracts.params import check_section
from hqcm.networks.features import FeatureExtractor
from hqcm.networks.output import NetworkOutput
from hqcm.networks.quantum import QuantumLayer
from hqcm.networks.variants import NetworkParams, QuantumParams
from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations
from hqcm.training.device import Execution, ExecutionParams
from hqcm.training.losses import LossParams, Targets, class_weights, composite_loss

N_COMPARED = 16  # slices in each comparison
Params = dict[str, Any]
Tensors = tuple[torch.Tensor, ...]


class Check(NamedTuple):
    """What was checked, what was seen, and whether it is as it must be."""

    name: str
    seen: str
    holds: bool


class Way(NamedTuple):
    """An arithmetic of `WAYS` at a place; `convolutions` is that of float32 ones on CUDA."""

    execution: Execution
    dtype: torch.dtype
    convolutions: str


class Piece(NamedTuple):
    """A part of a training step: what to differentiate by, and what it gives."""

    leaves: Tensors
    outputs: Tensors


def quantum_layer(params: Params, way: Way) -> Piece:
    """Features ``(16, 160)`` to expectations ``(16, 25)``."""
    chosen = check_section("quantum", QuantumParams, params)
    n_qubits, depth, n_circuits = chosen.n_qubits, chosen.depth, chosen.n_circuits
    layer = QuantumLayer(n_qubits=n_qubits, depth=depth, n_circuits=n_circuits)
    layer.to(way.execution.device, way.dtype)
    features = _leaf(torch.randn(N_COMPARED, chosen.n_amplitudes), way)
    return Piece((features, *layer.parameters()), (layer(features),))


def convolution_blocks(params: Params, way: Way) -> Piece:
    """Images ``(16, 1, size, size)`` to maps ``(16, 32, size / 8, size / 8)``."""
    blocks = FeatureExtractor(check_section("network", NetworkParams, params)).blocks
    blocks.to(way.execution.device, way.dtype)
    blocks.to(memory_format=torch.channels_last)
    size = params["prepare"]["image_size_px"]
    images = _leaf(torch.rand(N_COMPARED, 1, size, size), way)
    with way.execution.convolutions():
        maps = blocks(images.contiguous(memory_format=torch.channels_last))
    # Biases before a batch norm change nothing: their gradients are roundings of 0.
    weights = [w for name, w in blocks.named_parameters() if not name.endswith("convolution.bias")]
    return Piece((images, *weights), (maps,))


def composite(params: Params, way: Way) -> Piece:
    """Logits ``(16, 4)`` and float64 maps ``(16, size / 8, size / 8)`` to the composite loss."""
    device, size = way.execution.device, params["prepare"]["image_size_px"]
    logits = _leaf(torch.randn(N_COMPARED, 4), way)
    raw = torch.randn(N_COMPARED, size // 8, size // 8)
    attention = torch.sigmoid(raw.double()).to(device).requires_grad_()
    labels = (torch.arange(N_COMPARED) % 4).to(device)
    masks = (torch.rand(N_COMPARED, size, size) < 0.1).to(device, way.dtype)  # noqa: PLR2004  (a tenth)
    has_mask = (torch.arange(N_COMPARED) % 3 > 0).to(device, way.dtype)
    chosen = check_section("loss", LossParams, params)
    weights = class_weights(labels, chosen.class_weights).to(way.dtype)
    output = NetworkOutput(logits, logits, attention)
    total = composite_loss(output, Targets(labels, masks, has_mask), weights, chosen)
    return Piece((logits, attention), (total,))


def augmentation(params: Params, way: Way) -> Piece:
    """Images and masks ``(16, 1, size, size)``, turned; differentiated by the images."""
    size = params["prepare"]["image_size_px"]
    images = _leaf(torch.rand(N_COMPARED, 1, size, size), way)
    masks = torch.zeros(N_COMPARED, 1, size, size)
    masks[..., size // 4 : size // 2, size // 4 : size // 2] = 1
    chosen = check_section("augment", AugmentParams, params)
    drawn = draw_augmentations(N_COMPARED, chosen, torch.Generator().manual_seed(0))
    device = way.execution.device
    turned = augment(images, masks.to(device, way.dtype), drawn.to(device, way.dtype))
    return Piece((images,), turned)


def _leaf(values: torch.Tensor, way: Way) -> torch.Tensor:
    return values.to(way.execution.device, way.dtype).requires_grad_()


PIECES: dict[str, Callable[[Params, Way], Piece]] = {
    "quantum layer": quantum_layer,
    "convolution blocks": convolution_blocks,
    "composite loss": composite,
    "augmentation": augmentation,
}
# Precision of `Execution`, dtype, and that of float32 convolutions on CUDA.
WAYS = {
    "float64": ("float32", torch.float64, "ieee"),
    "float32": ("float32", torch.float32, "ieee"),
    "TF32": ("float32", torch.float32, "tf32"),
    "bfloat16": ("bfloat16", torch.float32, "tf32"),
}
# By how much outputs and gradients may differ from the CPU's in float64: the norm of the difference
# over the norm of what should be. Float64 tells whether the same is computed; below it a maximum of
# 2 x 2 pixels changes its place here and there, and gradients with it (measured on the CPU, with
# TF32's roundings imitated: 0.004, 0.05 and 0.2), as may the pixel of a mask. The loss is float32.
LIMITS = {
    "quantum layer": {"float64": (1e-9, 1e-9), "float32": (1e-5, 1e-5)},
    "convolution blocks": {
        "float64": (1e-9, 1e-6),
        "float32": (1e-4, 3e-2),
        "TF32": (5e-3, 0.15),
        "bfloat16": (5e-2, 0.4),
    },
    "composite loss": {"float64": (1e-6, 1e-6), "float32": (1e-5, 1e-5)},
    "augmentation": {"float64": (1e-9, 1e-9), "float32": (2e-2, 1e-4)},
}


def place(device: str, precision: str) -> Execution:
    """Where to compute and how."""
    return Execution(ExecutionParams.model_validate({"device": device, "precision": precision}))


def compare(name: str, way: str, params: Params) -> Iterator[Check]:
    """Outputs and gradients of a piece, where CUDA is there and in this way, against the CPU's."""
    precision, dtype, convolutions = WAYS[way]
    here = Way(place("auto", precision), dtype, convolutions)
    there = Way(place("cpu", "float32"), torch.float64, "ieee")
    got, wanted = (answer(PIECES[name], params, each) for each in (here, there))
    for of, limit, ours, theirs in zip(
        ("outputs", "gradients"), LIMITS[name][way], got, wanted, strict=True
    ):
        apart = max(distance(a, b) for a, b in zip(ours, theirs, strict=True))
        yield Check(f"{name}, {way}, {of}", f"{apart:.1e} (limit {limit:g})", apart <= limit)


def distance(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Norm of the difference over the norm of `theirs`; infinite if ours are not finite."""
    if not ours.isfinite().all():
        return math.inf
    return float((ours - theirs).norm() / theirs.norm().clamp(min=torch.finfo(theirs.dtype).tiny))


def answer(make: Callable[[Params, Way], Piece], params: Params, way: Way) -> tuple[Tensors, ...]:
    """Outputs, and gradients of a fixed random sum of them, on the CPU in float64."""
    torch.manual_seed(0)  # everything is drawn on the CPU in float32, whatever the way
    with _arithmetic(way):
        leaves, outputs = make(params, way)
        pulled = [output for output in outputs if output.requires_grad]
        draw = torch.Generator().manual_seed(1)
        pulls = [torch.randn(output.shape, generator=draw).to(output) for output in pulled]
        gradients = torch.autograd.grad(pulled, leaves, pulls)
    as_told = [[t.detach().to("cpu", torch.float64) for t in ts] for ts in (outputs, gradients)]
    return tuple(map(tuple, as_told))


@contextmanager
def _arithmetic(way: Way) -> Iterator[None]:
    """The way's convolutions; and no error where torch has no repeatable gradient.

    It has none of `grid_sample` on CUDA; training differentiates by weights, not by images.
    """
    settings = torch.backends.cudnn.conv  # type: ignore[attr-defined]  # torch makes it a property of the module
    before, settings.fp32_precision = settings.fp32_precision, way.convolutions
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        torch.use_deterministic_algorithms(True)
        settings.fp32_precision = before
