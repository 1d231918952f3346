"""The assembled network: its sizes are the published ones, its parts the paper's."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import reference
from hqcm.contracts.params import read_yaml
from hqcm.networks.features import ConvolutionBlock
from hqcm.networks.network import build_network
from toy_params import toy_params

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def params() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(ROOT / "params.yaml")
    return loaded


@pytest.mark.parametrize(
    ("variant", "n_parameters"),
    [
        ("released", 1_654_636),  # counted in the authors' published model
        ("paper", 1_654_636 - 33 - 3 + 1_569),  # 7 x 7 for 1 x 1, no fusion weights
        ("counterpart", 1_654_636 - 33 - 3 + 1_569 - 150 + 160 * 25 + 25),
    ],
)
def test_number_of_parameters(params: dict[str, Any], variant: str, n_parameters: int) -> None:
    network = build_network(variant, params)
    assert sum(weights.numel() for weights in network.parameters()) == n_parameters


@pytest.mark.parametrize("variant", ["paper", "released", "counterpart"])
def test_shapes_and_ranges(params: dict[str, Any], variant: str) -> None:
    logits, features, attention = build_network(variant, params)(torch.rand(3, 1, 128, 128))
    assert logits.shape == (3, 4)
    assert features.shape == (3, 25)
    assert attention.shape == (3, 16, 16)
    assert ((attention >= 0) & (attention <= 1)).all()


def test_block_is_equation_1_then_pooling() -> None:
    block = ConvolutionBlock(2, 3, 3).double().eval()
    norm, convolution = block.normalisation, block.convolution
    norm.running_mean = torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64)
    norm.running_var = torch.tensor([0.5, 1.5, 2.0], dtype=torch.float64)
    images = torch.linspace(-1, 1, 2 * 36, dtype=torch.float64).mul(7).sin().view(1, 2, 6, 6)
    assert convolution.bias is not None
    weight, bias = convolution.weight.detach().numpy(), convolution.bias.detach().numpy()
    maps = reference.convolve(images[0].numpy(), weight, bias)
    mean, variance = (t.numpy()[:, None, None] for t in (norm.running_mean, norm.running_var))
    activated = ((maps - mean) / np.sqrt(variance + norm.eps)).clip(0)
    want = activated.reshape(3, 3, 2, 3, 2).max(axis=(2, 4))
    np.testing.assert_allclose(block(images)[0].detach().numpy(), want, atol=1e-12)


def test_everything_after_the_convolutions_is_float32() -> None:
    network = build_network("paper", toy_params())
    with torch.autocast("cpu", torch.bfloat16):
        output = network(torch.rand(2, 1, 16, 16))
    assert (output.logits.dtype, output.features.dtype) == (torch.float32, torch.float32)
    assert output.attention.dtype == torch.float64


def test_reduced_precision_stays_close() -> None:
    network = build_network("counterpart", toy_params()).eval()
    images = torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        reduced = network(images)
    # bfloat16 keeps 8 bits: 4e-3 a rounding.
    torch.testing.assert_close(reduced.attention, network(images).attention, atol=2e-2, rtol=0)


@pytest.mark.parametrize(
    ("name", "bound"),  # of a linear layer of 4 inputs and 4 outputs
    [
        ("released", (6 / 4) ** 0.5),  # Kaiming: gain sqrt 2, fan in
        ("torch", (1 / 4) ** 0.5),
        ("xavier", (6 / 8) ** 0.5),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_initial_weights_by_name(
    name: str,
    bound: float,
    own: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    """Of section `network`, or of a variant, which comes first."""
    params = toy_params()
    params["network"]["initial_weights"] = name
    if own:
        params["network"]["initial_weights"] = "xavier" if name == "torch" else "torch"
        params["variants"]["paper"]["initial_weights"] = name
    torch.manual_seed(0)
    classifier = build_network("paper", params).classifier
    assert isinstance(classifier, torch.nn.Linear)
    assert (classifier.in_features, classifier.out_features) == (4, 4)
    assert bound * 0.7 < classifier.weight.abs().max() <= bound
    assert bool((classifier.bias == 0.01).all()) == (name == "released")


def test_a_variants_own_input_batch_norm_comes_first() -> None:
    params = toy_params()
    params["variants"]["paper"]["input_batch_norm"] = False
    names = build_network("paper", params).state_dict()
    assert not [name for name in names if "input_normalisation" in name]


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("none", [-2.0, 3.0]), ("relu", [0.0, 3.0]), ("tanh", [math.tanh(-2.0), math.tanh(3.0)])],
)
def test_what_follows_the_counterparts_layer(activation: str, expected: list[float]) -> None:
    params = toy_params()
    params["variants"]["counterpart"]["activation"] = activation
    network = build_network("counterpart", params)
    assert isinstance(network.head, torch.nn.Sequential)
    found = network.head[1](torch.tensor([-2.0, 3.0]))
    torch.testing.assert_close(found, torch.tensor(expected))


def test_same_seed_same_weights() -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(5)
        states.append(build_network("paper", toy_params()).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        (
            "network",
            "kernel_sizes_px",
            [3, 4, 7],
            r"params: network\.kernel_sizes_px\.1: .*must be odd.*; got 4",
        ),
        ("network", "filters", [4, 8], r"params: network\.filters: .*at least 3 items"),
        (
            "quantum",
            "n_qubits",
            15,
            r"params: quantum\.n_qubits: .*less than or equal to 14; got 15",
        ),
        (
            "prepare",
            "image_size_px",
            20,
            r"params: prepare\.image_size_px: .*multiple of 8; got 20",
        ),
    ],
)
def test_refuses_parameters(section: str, key: str, value: object, message: str) -> None:
    params = toy_params()
    params[section][key] = value
    with pytest.raises(ValueError, match=message):
        build_network("paper", params)


def test_refuses_an_unknown_variant() -> None:
    with pytest.raises(
        ValueError, match=r"variants\.papr must exist; papr is not among paper, rel"
    ):
        build_network("papr", toy_params())


@pytest.mark.parametrize(
    ("section", "name"), [("attention", "attention"), ("variants.paper", "paper")]
)
def test_refuses_an_even_spatial_kernel(section: str, name: str) -> None:
    params = toy_params()
    {**params, **params["variants"]}[name]["spatial_kernel_px"] = 6
    with pytest.raises(ValueError, match=rf"{section}\.spatial_kernel_px: .*must be odd.*; got 6"):
        build_network("paper", params)


def attention_of(params: dict[str, Any]) -> str:
    module = build_network("paper", params).get_submodule("attention")
    return f"{module} {[*module.state_dict()]}"


@pytest.mark.parametrize(
    ("key", "value"), [("spatial_kernel_px", 1), ("fusion", "learned"), ("channel_relu", False)]
)
def test_a_variants_own_attention_comes_first(key: str, value: object) -> None:
    own, shared = toy_params(), toy_params()
    own["variants"]["paper"][key] = value
    shared["attention"][key] = value
    assert attention_of(own) == attention_of(shared) != attention_of(toy_params())


def test_refuses_an_entangler_in_a_classical_variant() -> None:
    params = toy_params()
    params["variants"]["counterpart"]["entangler"] = "cnot"
    with pytest.raises(
        ValueError, match=r"counterpart\.entangler is not a parameter; must be one of"
    ):
        build_network("counterpart", params)
