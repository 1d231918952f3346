"""A training step at full size, against what the machine's matrix products can do."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from hqcm.contracts.params import read_yaml
from hqcm.networks import convolution
from hqcm.networks.network import build_network
from hqcm.slices.stacks import Stack
from hqcm.training.batches import DeviceStack
from hqcm.training.device import Execution, ExecutionParams, prepare_process
from hqcm.training.epoch import Learner
from measurement import (
    Measurement,
    Ratio,
    Table,
    alternate,
    milliseconds,
    paired_ratio,
    run,
    spread,
)

PARAMS = Path(__file__).parents[1] / "params.yaml"
GEMM_EDGE = 4096
ROUNDS = 20
Params = dict[str, Any]


def measure() -> Measurement:
    """Whole steps on random slices of the size that `params.yaml` names."""
    prepare_process()
    params = read_yaml(PARAMS)
    execution = Execution(ExecutionParams.model_validate(params["train"]))
    slices = random_slices(params["train"]["batch_size"], params, execution)
    hybrid, classical, counted = (
        make_learner(name, params, slices, execution) for name in ("paper", "counterpart", "paper")
    )
    n_flop = count_flop(step_of(counted))
    contestants: dict[str, Callable[[], object]] = {
        "paper, step": step_of(hybrid),
        "counterpart, step": step_of(classical),
        "paper, inference": partial(hybrid.evaluate, slices),
        "matrix product": gemm(execution),
    }
    times = alternate(contestants, ROUNDS, seconds=240, n_calls=1)
    step, product = times["paper, step"], times["matrix product"]
    reached = [n_flop * p / (2 * GEMM_EDGE**3 * s) for p, s in zip(product, step, strict=True)]
    n, size = len(slices), params["prepare"]["image_size_px"]
    rows = [
        [name, milliseconds(each), f"{n / spread(each)[1]:.0f}"] for name, each in times.items()
    ]
    return Measurement(
        title="Training and inference",
        how=f"Batch {n} of {size} x {size}, {n_flop / 1e9:.0f} GFLOP a step (counted by torch, "
        f"every convolution tap by tap), {execution.names[1]} on {execution.names[0]}, "
        f"{torch.get_num_threads()} threads. Peak: a product of square matrices of edge "
        f"{GEMM_EDGE} in the same precision. In float32 on the CPU convolutions from 5 x 5 on go "
        "through the frequencies and take fewer operations than are counted, so the fraction can "
        "exceed 1.",
        tables=[Table("Median (quartiles):", ["what", "ms", "images/s"], rows)],
        ratios=[
            Ratio(
                "Hybrid step / classical step",
                *paired_ratio(step, times["counterpart, step"]),
                ceiling=1.02,
            ),
            Ratio(
                "Hybrid step, fraction of the matrix-product peak",
                *spread(reached),
                floor=0.60 if execution.precision == "bfloat16" else 0.75,
            ),
        ],
    )


def random_slices(n: int, params: Params, execution: Execution) -> DeviceStack:
    """Noise with a square tumour in each slice."""
    size = params["prepare"]["image_size_px"]
    images = np.random.default_rng(0).integers(0, 256, (n, size, size), dtype=np.uint8)
    masks = np.zeros((n, size, size), np.bool_)
    masks[:, size // 4 : size // 2, size // 4 : size // 2] = True
    ids = [f"noise/{i}" for i in range(n)]
    stack = Stack(ids, images, masks, np.ones(n, np.bool_), np.arange(n) % 4)
    return DeviceStack(stack, execution.device)


def make_learner(
    variant: str, params: Params, slices: DeviceStack, execution: Execution
) -> Learner:
    """A fresh network with slices to learn."""
    torch.manual_seed(0)
    network = build_network(variant, params)
    network.to(execution.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the pair
    return Learner(network, slices, params, execution, torch.Generator())


def step_of(learner: Learner) -> Callable[[], object]:
    """An epoch, of one batch here: gather, augment, forward, backward, clip, optimise."""
    return partial(learner.train_once, tqdm(disable=True))


def count_flop(step: Callable[[], object]) -> int:
    """Multiplications and additions of a step, every convolution as its definition says."""
    pays, convolution.SMALLEST_KERNEL_PX = convolution.SMALLEST_KERNEL_PX, sys.maxsize
    with FlopCounterMode(display=False) as counter:
        step()
    convolution.SMALLEST_KERNEL_PX = pays
    return counter.get_total_flops()


def gemm(execution: Execution) -> Callable[[], object]:
    """A product of large square matrices in the precision of the convolutions."""
    dtype = torch.bfloat16 if execution.precision == "bfloat16" else torch.float32
    matrix = torch.rand(GEMM_EDGE, GEMM_EDGE, device=execution.device).to(dtype)
    # A number read back: on CUDA the call returns before the product is done.
    return lambda: float((matrix @ matrix)[0, 0])


if __name__ == "__main__":
    run(__doc__, measure)
