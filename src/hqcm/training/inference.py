"""What a trained network says: of a whole part, or of images as a caller asks."""

import numpy as np
import torch
from pydantic import Field

from hqcm.networks.output import Network, NetworkOutput
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack
from hqcm.training.batches import DeviceStack
from hqcm.training.device import Execution, ExecutionParams, prepare_process


class InferenceParams(ExecutionParams):
    """What of section `train` matters when predicting."""

    batch_size: int = Field(ge=1)


class Examined:
    """A trained network on its device, in evaluation mode, its weights frozen from here on.

    Args:
        network: trained.
        params: where and in which arithmetic, and how many slices at a time.
    """

    def __init__(self, network: Network, params: InferenceParams) -> None:
        prepare_process()
        self._execution = Execution(params)
        self.device = self._execution.device
        self.batch_size = params.batch_size
        placed = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the pair
        self.network: Network = placed.eval().requires_grad_(False)

    def ask(self, images: torch.Tensor) -> NetworkOutput:
        """Of a batch, ``(batch, 1, size, size)``; whether with gradients, the caller says."""
        with self._execution.convolutions():
            return self.network(images.contiguous(memory_format=torch.channels_last))


def predict(network: Network, stack: Stack, params: InferenceParams) -> Predictions:
    """Logits, features and attention maps of every slice, in the order of the stack."""
    examined = Examined(network, params)
    slices = DeviceStack(stack, examined.device)
    positions = torch.arange(len(slices), device=examined.device)
    with torch.inference_mode():
        batches = (slices.batch(chosen) for chosen in positions.split(params.batch_size))
        outputs = [examined.ask(batch.images) for batch in batches]
    logits, features, attention = (
        torch.cat(parts).float().cpu().numpy() for parts in zip(*outputs, strict=True)
    )
    return Predictions(
        slice_id=np.array(stack.slice_id, dtype=object),
        y_true=stack.labels,
        logits=logits,
        features=features,
        attention=attention,
    )
