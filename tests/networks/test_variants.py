"""The variants of params.yaml: each builds, is what its name says, and goes where it belongs."""

from pathlib import Path
from typing import Any

import pytest
import torch

from hqcm.contracts.params import check_section, read_yaml
from hqcm.networks.network import build_network
from hqcm.networks.quantum import QuantumLayer
from hqcm.networks.variants import ClassicalVariant, HybridVariant
from toy_params import toy_params

ROOT = Path(__file__).resolve().parents[2]
PARAMS: dict[str, Any] = read_yaml(ROOT / "params.yaml")
VARIANTS: dict[str, dict[str, Any]] = PARAMS["variants"]


def build_quantum(variant: str) -> QuantumLayer:
    head = build_network(variant, PARAMS).head
    assert isinstance(head, QuantumLayer)
    return head


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_section_builds_a_network_that_answers(variant: str) -> None:
    output = build_network(variant, PARAMS)(torch.rand(2, 1, 128, 128))
    assert output.logits.shape == (2, 4)
    assert output.features.shape == (2, {"identity": 160, "resnet18": 512}.get(variant, 25))
    assert output.attention.shape == (2, 0, 0) if variant == "resnet18" else (2, 16, 16)


def test_no_entanglement_lets_no_wire_act_on_another() -> None:
    layer = build_quantum("no_entanglement")
    features = torch.linspace(1, 4, 160).sin()[None]
    before = layer(features).view(5, 5)
    layer.weights.data[:, :, 2] += 1
    moved = (layer(features).view(5, 5) - before).abs() > 1e-4
    assert moved.tolist() == [[False, False, True, False, False]] * 5


def test_expressive_has_depth_6() -> None:
    assert build_quantum("expressive").weights.shape == (5, 6, 5, 3)
    assert build_quantum("paper").weights.shape == (5, 2, 5, 3)


def test_frozen_trains_all_but_its_angles() -> None:
    network = build_network("frozen", toy_params())
    angles = network.head.weights
    assert isinstance(angles, torch.Tensor)
    before = {name: weights.clone() for name, weights in network.named_parameters()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1, fused=True)
    network(torch.rand(4, 1, 16, 16)).logits.square().sum().backward()
    optimiser.step()
    same = {n for n, weights in network.named_parameters() if torch.equal(weights, before[n])}
    assert same == {"head.weights"}
    assert len(angles.unique()) == angles.numel(), "drawn, not set"


def test_frozen_starts_where_the_paper_starts() -> None:
    heads = []
    for variant in ("paper", "frozen"):
        torch.manual_seed(3)
        heads.append(build_network(variant, toy_params()).head.state_dict()["weights"])
    assert torch.equal(*heads)


@pytest.mark.parametrize(
    ("variant", "change", "message"),
    [
        ("paper", {"dept": 6}, r"variants\.paper\.dept is not a parameter; must be one of"),
        ("paper", {"depth": 0}, r"variants\.paper\.depth: .*greater than or equal to 1; got 0"),
        ("paper", {"learning_rate": 0.0}, r"paper\.learning_rate: .*greater than 0; got 0\.0"),
        ("paper", {"learning_rate": "1e-3"}, r"paper\.learning_rate: .*valid number; got '1e-3'"),
        ("paper", {"n_coefficients": 5}, r"paper\.n_coefficients is not a parameter"),
        (
            "paper",
            {"head": "qantum"},
            r"paper\.head: .*one of identity, lin.*; got 'qantum'",
        ),
        ("counterpart", {"frozen": True}, r"counterpart\.frozen is not a parameter"),
        ("counterpart", {"depth": 2}, r"counterpart\.depth is not a parameter"),
        ("counterpart", {"n_coefficients": 5}, r"counterpart\.n_coefficients is not a parameter"),
        ("matched", {"n_coefficients": None}, r"matched\.n_coefficients is missing; must be"),
        ("counterpart", {"fusion": "sum"}, r"counterpart\.fusion: .*'mean' or.*; got 'sum'"),
        ("counterpart", {"head": None}, r"head must be given, or a body without one"),
        ("resnet18", {"head": "linear"}, r"body resnet18 must stand without head"),
        ("resnet18", {"fusion": "mean"}, r"body resnet18 must stand without fusion"),
        ("resnet18", {"body": "resnet50"}, r"resnet18\.body: .*'resnet18'; got 'resnet50'"),
        ("matched", {"n_coefficients": 0}, r"matched\.n_coefficients: .*or equal to 1; got 0"),
    ],
)
def test_refuses_keys(variant: str, change: dict[str, Any], message: str) -> None:
    params = toy_params()
    params["variants"][variant] |= change
    with pytest.raises(ValueError, match=message):
        build_network(variant, params)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_belongs_to_one_of_the_two_lists(variant: str) -> None:
    is_hybrid = VARIANTS[variant].get("head") == "quantum"
    schema = ClassicalVariant if is_hybrid else HybridVariant
    message = (
        r"head must not be quantum in a classical network; it is named under study\.hybrid"
        if is_hybrid
        else r"head must be quantum in a hybrid network; any other .* under study\.classical"
    )
    with pytest.raises(ValueError, match=message):
        check_section(f"variants.{variant}", schema, PARAMS)
