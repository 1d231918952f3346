"""A trained network as it is asked: on its device, frozen, in the precision it predicts in."""

import torch

from hqcm.evaluation.inference import InferenceParams
from hqcm.networks.output import Network, NetworkOutput
from hqcm.training.execution import Execution, prepare_process


class Examined:
    """Asks as `hqcm.evaluation.inference.predict` does, but leaves gradients to the caller.

    Args:
        network: trained; its weights are frozen from here on.
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
        """What the network says about a batch, ``(batch, 1, size, size)``."""
        with self._execution.convolutions():
            output: NetworkOutput = self.network(
                images.contiguous(memory_format=torch.channels_last)
            )
        return output
