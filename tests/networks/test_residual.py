"""The residual network: torchvision's, for one channel, without head and attention map."""

import torch
from torch import nn
from torchvision.models import resnet18

from hqcm.networks.network import build_network
from toy_params import toy_params


def test_number_of_parameters() -> None:
    """The published 11,689,512, less two input channels and 996 classes."""
    network = build_network("resnet18", toy_params())
    expected = 11_689_512 - 2 * 64 * 7 * 7 - 996 * (512 + 1)
    assert sum(weights.numel() for weights in network.parameters()) == expected


def test_shapes_and_precision() -> None:
    network = build_network("resnet18", toy_params())
    with torch.autocast("cpu", torch.bfloat16):
        output = network(torch.rand(3, 1, 32, 32))
    assert (output.logits.shape, output.features.shape) == ((3, 4), (3, 512))
    assert (output.logits.dtype, output.features.dtype) == (torch.float32, torch.float32)
    assert (output.attention.shape, output.attention.dtype) == ((3, 0, 0), torch.float64)


def test_is_torchvision_with_the_channel_three_times() -> None:
    """A grey image as red, green and blue, each with a third of the weights."""
    network = build_network("resnet18", toy_params()).eval()
    images = torch.linspace(0, 50, 2 * 32 * 32).sin().square().view(2, 1, 32, 32)
    peer = resnet18(weights=None, num_classes=4).eval()
    own = {f"features.{name}": name for name in peer.state_dict() if not name.startswith("fc.")}
    state = {name: network.state_dict()[mine] for mine, name in own.items()}
    state["conv1.weight"] = state["conv1.weight"].expand(-1, 3, -1, -1) / 3
    state |= {f"fc.{name}": value for name, value in network.classifier.state_dict().items()}
    peer.load_state_dict(state)
    torch.testing.assert_close(network(images).logits, peer(images.expand(-1, 3, -1, -1)))


def test_first_convolution_is_drawn_as_the_others() -> None:
    """Kaiming normal over the fan out: standard deviation sqrt(2 / (64 * 49))."""
    body = build_network("resnet18", toy_params()).features
    first = body.get_submodule("conv1")
    assert isinstance(first, nn.Conv2d)
    spread = first.weight.std().item()
    assert abs(spread / (2 / (64 * 49)) ** 0.5 - 1) < 0.1
