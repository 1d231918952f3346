"""Parameters beside the slices and the machine: what fits only by numbers that the split gives."""

import os
from collections.abc import Mapping
from typing import Any

import torch

from hqcm.contracts.params import ParamsError, check_section
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams, require_perplexity
from hqcm.networks.network import build_network
from hqcm.networks.residual import DOWNSAMPLING as RESIDUAL_DOWNSAMPLING
from hqcm.networks.residual import N_FILTERS
from hqcm.networks.variants import ImageSize, NetworkParams, QuantumWidth, Variant
from hqcm.scrutiny.leakage import Parts
from hqcm.training.device import Execution
from hqcm.training.inference import InferenceParams

_FLOAT = 4  # bytes
_COPIES = 3  # of the weights: themselves and AdamW's two moments


def check_sizes(params: Mapping[str, Any], splits: Parts) -> None:
    """Say before training what would stop it, or the embedding after it.

    Args:
        params: laid out as `params.yaml`; sections `study`, `train`, `embed` and what
            `build_network` needs.
        splits: protocol -> the part of every slice.

    Raises:
        ParamsError: a network takes more memory than there is, its last batch is of one slice
            where it needs two, its head does not fit the widths, or the perplexity is not below
            the number of test slices.
    """
    study = check_section("study", StudyParams, params)
    embed = check_section("embed", EmbedParams, params)
    train = check_section("train", InferenceParams, params)
    for protocol, parts in splits.items():
        require_perplexity(embed, int((parts == "test").sum()))
        n_train = int((parts == "train").sum())
        for variant in study.variants:
            _require_memory(variant, params, train, n_train)
            _require_last_batch(variant, params, train, (protocol, n_train))


def estimate_bytes(variant: str, params: Mapping[str, Any], n_slices: int) -> int:
    """What a step of training holds at least; the true need is up to a few times that.

    The weights with the optimiser's two moments; and of every slice of the batch what the gradient
    needs: each block's convolution and its normalised values, and the circuits' amplitudes.

    Args:
        variant: a section of `variants`.
        params: laid out as `params.yaml`.
        n_slices: of the batch.

    Raises:
        ParamsError: raises like `build_network`.
    """
    with torch.device("meta"):  # shapes alone, no memory
        network = build_network(variant, params)
    weights = sum(tensor.numel() for tensor in network.parameters())
    precision = check_section("train", InferenceParams, params).precision
    pixel = _FLOAT // 2 if precision in {"auto", "bfloat16"} else _FLOAT  # bytes
    kept = 2 * n_slices * sum(_count_values(variant, params, pixel))
    return _COPIES * _FLOAT * weights + kept


def _count_values(variant: str, params: Mapping[str, Any], pixel: int) -> tuple[int, int]:
    """Bytes of a slice's maps and of its amplitudes, once."""
    size = check_section("prepare", ImageSize, params).image_size_px
    if check_section(f"variants.{variant}", Variant, params).body:
        return pixel * N_FILTERS * (size // 2) ** 2, 0
    filters = check_section("network", NetworkParams, params).filters
    n_pixels = sum(n * (size >> block) ** 2 for block, n in enumerate(filters))
    return pixel * n_pixels, _FLOAT * check_section("quantum", QuantumWidth, params).n_amplitudes


def _require_memory(
    variant: str, params: Mapping[str, Any], train: InferenceParams, n_train: int
) -> None:
    needed = estimate_bytes(variant, params, min(n_train, train.batch_size))
    there = _find_memory(train)
    if needed > there:
        width = check_section("quantum", QuantumWidth, params)
        given = {
            "train.batch_size": train.batch_size,
            "prepare.image_size_px": check_section("prepare", ImageSize, params).image_size_px,
            "network.filters": check_section("network", NetworkParams, params).filters,
            "quantum.n_qubits": width.n_qubits,
            "quantum.n_circuits": width.n_circuits,
        }
        raise ParamsError(
            f"network {variant} must fit into the {there / 1e9:,.1f} GB of memory of this machine; "
            f"training takes {needed / 1e9:,.1f} GB or more; got "
            + ", ".join(f"{key} = {value}" for key, value in given.items())
        )


def _find_memory(train: InferenceParams) -> int:
    """Bytes of the device that trains."""
    if Execution.finds_cuda(train):
        return int(torch.cuda.get_device_properties(0).total_memory)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _require_last_batch(
    variant: str, params: Mapping[str, Any], train: InferenceParams, part: tuple[str, int]
) -> None:
    """A batch norm over maps of one pixel needs two slices."""
    protocol, n_train = part
    size = check_section("prepare", ImageSize, params).image_size_px
    has_body = check_section(f"variants.{variant}", Variant, params).body is not None
    n_last = n_train % train.batch_size or train.batch_size
    if has_body and size <= RESIDUAL_DOWNSAMPLING and n_last == 1:
        raise ParamsError(
            f"train.batch_size must leave network {variant} 2 slices or more for its last batch, "
            f"or prepare.image_size_px be above {RESIDUAL_DOWNSAMPLING}; got {train.batch_size} "
            f"and {size}: of {n_train} training slices under protocol {protocol} 1 is left"
        )
