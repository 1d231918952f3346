"""What one number of prepared slices costs, from writing the store to augmented batches."""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

import numpy as np
import torch

from hqcm.contracts.labels import N_CLASSES
from hqcm.slices.stacks import Stack, read_stack
from hqcm.slices.store import Slice, read_index
from hqcm.slices.writer import SliceWriter
from hqcm.splitting.protocols import SplitParams, split_slices
from hqcm.training.augmentation import AugmentParams, augment, draw_augmentations
from hqcm.training.batches import DeviceStack

SIZE_PX, BATCH = 128, 64
N_BATCHES = 30
N_PER_PATIENT = 13  # as in source 2
SPLIT = SplitParams(fractions=[0.70, 0.15, 0.15], seed=42, held_out_source="figshare", test_fold=1)
AUGMENT = AugmentParams(rotation_degrees=15, horizontal_flip=0.5, vertical_flip=0.5)
_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of getrusage's ru_maxrss
T = TypeVar("T")


class Cost(NamedTuple):
    """What one size took: seconds of each step, of each batch, and bytes."""

    seconds: dict[str, float]
    batches: list[float]
    stack_bytes: int
    peak_bytes: int


def measure_size(folder: str, n_slices: int) -> Cost:
    """From an empty folder to augmented batches."""
    store, seconds = Path(folder, f"{n_slices}.h5"), dict[str, float]()
    _timed(seconds, "write the store", lambda: write_store(store, n_slices))
    index = _timed(seconds, "`read_index`", lambda: read_index(store))
    alone = index[["slice_id"]].assign(duplicate_group=index["slice_id"])
    folds = index[["slice_id"]].assign(fold=1)
    split = _timed(
        seconds, "`split_slices`", lambda: split_slices(index, alone, folds, "random", SPLIT)
    )
    train = split.loc[split["part"] == "train", "slice_id"].tolist()
    stack = _timed(seconds, "`read_stack`, training part", lambda: read_stack(store, train))
    batches = time_batches(stack)
    store.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES
    return Cost(
        seconds | {"batch, gathered and augmented": median(batches)},
        batches,
        stack.images.nbytes + stack.masks.nbytes,
        peak,
    )


def write_store(path: Path, n_slices: int) -> None:
    """A prepared store of a few distinct slices under many ids."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (16, SIZE_PX, SIZE_PX), np.uint8)
    mask = np.hypot(*np.indices((SIZE_PX, SIZE_PX)) - SIZE_PX / 2) < SIZE_PX / 8
    with SliceWriter(path) as store:
        for i in range(n_slices):
            drawn = mask if i % 3 else None
            patient = f"figshare-{i // N_PER_PATIENT}"
            image = images[i % len(images)]
            store.add(Slice(f"figshare/{i}.mat", "figshare", patient, i % N_CLASSES, image, drawn))


def time_batches(stack: Stack) -> list[float]:
    """Seconds of each batch; one more comes first, uncounted."""
    slices, generator = DeviceStack(stack, torch.device("cpu")), torch.Generator().manual_seed(0)
    return [_time_batch(slices, generator) for _ in range(N_BATCHES + 1)][1:]


def _time_batch(slices: DeviceStack, generator: torch.Generator) -> float:
    positions = torch.randint(len(slices), (BATCH,), generator=generator)
    start = time.perf_counter()
    batch = slices.batch(positions)
    augmentations = draw_augmentations(BATCH, AUGMENT, generator)
    augment(batch.images, batch.targets.masks.unsqueeze(1), augmentations)
    return time.perf_counter() - start


def _timed(seconds: dict[str, float], name: str, call: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = call()
    seconds[name] = time.perf_counter() - start
    return result
