"""The prepared set on the device, a batch at a time."""

from pathlib import Path
from typing import NamedTuple

import torch

from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import Stack, read_stack
from hqcm.training.losses import Targets


def read_parts(prepared: Path, split: Path) -> tuple[Stack, Stack]:
    """The slices of the parts `train` and `validation`."""
    train, validation = (
        read_stack(prepared, read_part(split, part)) for part in ("train", "validation")
    )
    return train, validation


class Batch(NamedTuple):
    """Images ``(batch, 1, size, size)`` float32 in [0, 1], and what they should give."""

    images: torch.Tensor
    targets: Targets


class DeviceStack:
    """Prepared slices held on the device as bytes; the whole paper's set is 124 MB.

    Args:
        stack: the slices.
        device: where to hold them.
    """

    def __init__(self, stack: Stack, device: torch.device) -> None:
        self.slice_id = stack.slice_id
        self._images = torch.from_numpy(stack.images).to(device)
        self._masks = torch.from_numpy(stack.masks).to(device)
        self._has_mask = torch.from_numpy(stack.has_mask).to(device)
        self.labels = torch.from_numpy(stack.labels).to(device)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, positions: torch.Tensor) -> Batch:
        """The slices at `positions`, ``(batch,)`` int64 on the same device."""
        images = self._images[positions].unsqueeze(1).float() / 255
        targets = Targets(
            self.labels[positions],
            self._masks[positions].float(),
            self._has_mask[positions].float(),
        )
        return Batch(images.contiguous(memory_format=torch.channels_last), targets)
