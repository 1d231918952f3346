"""Training and inference at full size, against what the machine's matrix products can do."""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from hqcm.contracts.params import read_yaml
from hqcm.networks.convolution import Convolution
from hqcm.networks.network import build_network
from hqcm.slices.stacks import Stack
from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations
from hqcm.training.batches import DeviceStack
from hqcm.training.device import Execution, ExecutionParams, prepare_process
from hqcm.training.epoch import Learner
from measurement import Measurement, Ratio, Table, run
from timing import Times, alternate, milliseconds, paired_ratio, spread

PARAMS = Path(__file__).parents[1] / "params.yaml"
GEMM_EDGE = 4096
STEP_ROUNDS = 20
OTHER_ROUNDS = 3
Params = dict[str, Any]


def measure() -> Measurement:
    """Whole steps on random slices of the size that `params.yaml` names."""
    prepare_process()
    params = read_yaml(PARAMS)
    learner = {name: make_learner(name, params) for name in ("paper", "counterpart")}
    execution = make_execution(params)
    n_flop = count_flop(step_of(keep_to_taps(make_learner("paper", params))))
    pair = {f"{name}, step": step_of(one) for name, one in learner.items()}
    peak = {"matrix product": gemm(execution)}
    times = alternate(pair | peak, STEP_ROUNDS, seconds=180, n_calls=1)
    times |= alternate(other_contestants(learner["paper"], params), OTHER_ROUNDS, seconds=90)
    return Measurement(
        title="Training and inference",
        how=f"Batch {params['train']['batch_size']} of "
        f"{params['prepare']['image_size_px']} x {params['prepare']['image_size_px']}, "
        f"{n_flop / 1e9:.0f} GFLOP a step (counted by torch, every convolution tap by tap), "
        f"{execution.names[1]} on {execution.names[0]}, {torch.get_num_threads()} threads. Peak: a "
        f"product of square matrices of edge {GEMM_EDGE} in the same precision. In float32 on the "
        "CPU convolutions from 5 x 5 on go through the frequencies and take fewer operations than "
        "are counted, so that the fraction can exceed 1.",
        tables=[_table(times, params["train"]["batch_size"])],
        ratios=_ratios(times, n_flop, execution),
    )


def make_execution(params: Params) -> Execution:
    """The device and precision of `params`."""
    keys = ("device", "precision")
    return Execution(ExecutionParams(**{key: params["train"][key] for key in keys}))


def make_learner(variant: str, params: Params) -> Learner:
    """A fresh network with one batch of random slices to learn."""
    torch.manual_seed(0)
    execution = make_execution(params)
    network = build_network(variant, params)
    network.to(execution.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the pair
    n, size = params["train"]["batch_size"], params["prepare"]["image_size_px"]
    return Learner(network, random_slices(n, size, execution), params, execution, torch.Generator())


def random_slices(n: int, size: int, execution: Execution) -> DeviceStack:
    """Noise with a square tumour in each slice."""
    images = np.random.default_rng(0).integers(0, 256, (n, size, size), dtype=np.uint8)
    masks = np.zeros((n, size, size), np.bool_)
    masks[:, size // 4 : size // 2, size // 4 : size // 2] = True
    ids = [f"noise/{i}" for i in range(n)]
    stack = Stack(ids, images, masks, np.ones(n, np.bool_), np.arange(n) % 4)
    return DeviceStack(stack, execution.device)


def keep_to_taps(learner: Learner) -> Learner:
    """Have torch's kernels compute every convolution, as its definition says."""
    for module in learner.network.modules():
        if isinstance(module, Convolution):
            module.may_transform = False
    return learner


def step_of(learner: Learner) -> Callable[[], object]:
    """An epoch of one batch: gather, augment, forward, backward, clip, optimise."""
    return partial(learner.train_once, tqdm(disable=True))


def count_flop(step: Callable[[], object]) -> int:
    """Multiplications and additions of convolutions and matrix products in a step."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def gemm(execution: Execution) -> Callable[[], object]:
    """A product of large square matrices in the precision of the convolutions."""
    dtype = torch.bfloat16 if execution.is_reduced else torch.float32
    matrix = torch.rand(GEMM_EDGE, GEMM_EDGE, device=execution.device).to(dtype)

    def product() -> float:
        # A number read back: on CUDA the call returns before the product is done.
        return float((matrix @ matrix)[0, 0])

    return product


def other_contestants(learner: Learner, params: Params) -> dict[str, Callable[[], object]]:
    """Inference, augmentation, and steps under other settings."""
    float32 = copy.deepcopy(params)
    float32["train"]["precision"] = "float32"
    taps = keep_to_taps(make_learner("paper", float32))
    size, n = params["prepare"]["image_size_px"], params["train"]["batch_size"]
    batch = random_slices(n, size, make_execution(params)).batch(torch.arange(n))
    how = draw_augmentations(n, AugmentParams(**params["augment"]), torch.Generator())
    return {
        "paper, inference": lambda: learner.evaluate(learner.train),
        "augmentation": lambda: augment(batch.images, batch.targets.masks[:, None], how),
        "paper, step, float32": step_of(make_learner("paper", float32)),
        "paper, step, float32, taps": step_of(taps),
    }


def _table(times: Times, n: int) -> Table:
    rows = []
    for name, measured in times.items():
        rate = "-" if name == "matrix product" else f"{n / spread(measured)[1]:.0f}"
        rows.append([name, milliseconds(measured), rate])
    return Table("Median (quartiles):", ["what", "ms", "images/s"], rows)


def _ratios(times: Times, n_flop: int, execution: Execution) -> list[Ratio]:
    hybrid, classical = times["paper, step"], times["counterpart, step"]
    gemm_flop = 2 * GEMM_EDGE**3
    reached = paired_ratio(
        [n_flop * product for product in times["matrix product"]], [gemm_flop * t for t in hybrid]
    )
    middle = spread(hybrid)[1]
    share = quartiles("Augmentation, fraction of a hybrid step", times["augmentation"], middle)
    floor = 0.60 if execution.is_reduced else 0.75
    return [
        Ratio("Hybrid step / classical step", *paired_ratio(hybrid, classical), ceiling=1.02),
        Ratio("Hybrid step, fraction of the matrix-product peak", *reached, floor=floor),
        replace(share, ceiling=0.03),
    ]


def quartiles(name: str, times: list[float], unit: float) -> Ratio:
    """Times in another time's units, where the two did not take turns."""
    low, middle, high = (time / unit for time in spread(times))
    return Ratio(name, low, middle, high)


if __name__ == "__main__":
    run(__doc__, measure)
