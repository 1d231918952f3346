"""What a trained network says about slices it has not seen."""

import numpy as np
import torch
from pydantic import Field

from hqcm.contracts.predictions import Predictions
from hqcm.contracts.stacks import Stack
from hqcm.networks.output import Network
from hqcm.training.batches import DeviceStack
from hqcm.training.execution import Execution, ExecutionParams, prepare_process


class InferenceParams(ExecutionParams):
    """What of section `train` matters when predicting."""

    batch_size: int = Field(ge=1)


def predict(network: Network, stack: Stack, params: InferenceParams) -> Predictions:
    """Logits, features and attention maps of every slice, in the order of the stack."""
    prepare_process()
    execution = Execution(params)
    network = network.to(execution.device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]  # torch's stub lacks the pair
    slices = DeviceStack(stack, execution.device)
    outputs = []
    positions = torch.arange(len(slices), device=execution.device)
    for chosen in positions.split(params.batch_size):
        with torch.inference_mode(), execution.convolutions():
            outputs.append(network(slices.batch(chosen).images))
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
