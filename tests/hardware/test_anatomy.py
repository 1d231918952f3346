"""Networks taken apart: every parameter once, circuits as PennyLane has them, forms as by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

import reference
from hqcm.hardware import anatomy
from hqcm.hardware.anatomy import measure_forms, take_apart
from hqcm.hardware.circuits import lay_out
from hqcm.hardware.structure import Block, Structure, read_structure
from hqcm.networks.circuit import Entangler
from hqcm.networks.network import build_network
from hqcm.networks.quantum import QuantumLayer
from toy_params import toy_params

FLOAT32 = 1e-5  # the layer's own arithmetic


def apart(hybrid: str = "paper", classical: str = "counterpart") -> Structure:
    torch.manual_seed(0)
    network, other = (build_network(name, toy_params()).eval() for name in (hybrid, classical))
    return take_apart(f"{hybrid}-random-0", network, other, 16)


def test_the_blocks_are_those_of_the_toy_network() -> None:
    # By hand: 1 -> 4 -> 6 -> 8 channels, kernels of 3, 5 and 7 pixels, a bias and two numbers of
    # batch norm a channel; attention 8 -> 2 -> 8, three branches and a gate of 7 x 7.
    attention = (8 * 2 + 2) + (2 * 8 + 8) + 8 * 8 * (1 + 9 + 25) + 3 * 8 + 8 * 49 + 1
    structure = apart()
    assert structure.blocks == [
        Block(name="MRI slice, normalised", shape=[1, 16, 16], n_parameters=2),
        Block(name="convolution 3 x 3", shape=[4, 8, 8], n_parameters=4 * 9 + 3 * 4),
        Block(name="convolution 5 x 5", shape=[6, 4, 4], n_parameters=4 * 6 * 25 + 3 * 6),
        Block(name="convolution 7 x 7", shape=[8, 2, 2], n_parameters=6 * 8 * 49 + 3 * 8),
        Block(name="attention", shape=[8, 2, 2], n_parameters=attention),
        Block(name="projection", shape=[8], n_parameters=8 * 2 * 2 * 8 + 8),
        Block(name="quantum layer", shape=[4], n_parameters=2 * 2 * 2 * 3),
        Block(name="classifier", shape=[4], n_parameters=4 * 4 + 4),
    ]
    assert structure.counterpart == Block(name="Linear, ReLU", shape=[4], n_parameters=8 * 4 + 4)
    assert (structure.n_circuits, structure.n_qubits, structure.depth) == (2, 2, 2)


@pytest.mark.parametrize("hybrid", ["paper", "released", "no_entanglement", "frozen", "expressive"])
def test_every_parameter_is_in_one_block(hybrid: str) -> None:
    structure = apart(hybrid)
    network = build_network(hybrid, toy_params())
    n = sum(weights.numel() for weights in network.parameters())
    assert sum(block.n_parameters for block in structure.blocks) == structure.n_parameters == n


@pytest.mark.parametrize(
    ("classical", "name"),
    [("normalised", "Directions, Linear, Tanh"), ("quadratic", "QuadraticForms")],
)
def test_a_head_has_the_name_of_its_layers(classical: str, name: str) -> None:
    counterpart = apart(classical=classical).counterpart
    assert counterpart is not None
    assert counterpart.name == name


def test_nothing_stands_for_a_head_that_is_none() -> None:
    counterpart = apart(classical="identity").counterpart
    assert counterpart == Block(name="nothing", shape=[8], n_parameters=0)
    assert apart(classical="resnet18").counterpart is None


def test_a_network_without_circuits_is_refused() -> None:
    with pytest.raises(
        ValueError, match="counterpart-random-0: must have a quantum layer; got Sequ"
    ):
        apart(hybrid="counterpart")


@pytest.mark.parametrize("entangler", ["cnot", "cz", "none"])
def test_forms_are_those_of_an_independent_simulation(entangler: Entangler) -> None:
    torch.manual_seed(1)
    layer = QuantumLayer(n_qubits=3, depth=2, n_circuits=2, entangler=entangler)
    forms = measure_forms(layer).numpy()
    for own, weights in zip(forms, layer.weights.detach().double().numpy(), strict=True):
        expected = reference.circuit_forms(weights, entangler)
        np.testing.assert_allclose(own, expected, rtol=0, atol=FLOAT32)


def test_what_is_left_of_forms_is_their_upper_triangles(monkeypatch: pytest.MonkeyPatch) -> None:
    structure = apart()
    torch.manual_seed(0)
    layer = build_network("paper", toy_params()).head
    assert isinstance(layer, QuantumLayer)
    forms = measure_forms(layer).numpy()
    assert np.shape(structure.forms) == (2, 2, 10)
    got = np.array(structure.forms)[1, 0]
    np.testing.assert_allclose(got, forms[1, 0][np.triu_indices(4)], rtol=0, atol=1e-3)
    monkeypatch.setattr(anatomy, "_MOST_WEIGHTS", 2 * 2 * 4**2 - 1)
    assert apart().forms == []


def test_gates_stand_where_pennylane_draws_them() -> None:
    columns = [[(gate.name, *gate.wires) for gate in column] for column in lay_out(3, 2, "cnot")]
    rotations = [("Rot", 0), ("Rot", 1), ("Rot", 2)]
    assert columns == [
        [("AmplitudeEmbedding", 0, 1, 2)],
        rotations,
        *([("CNOT", 0, 1)], [("CNOT", 1, 2)], [("CNOT", 2, 0)]),
        rotations,
        *([("CNOT", 0, 2)], [("CNOT", 1, 0)], [("CNOT", 2, 1)]),
        [("expval(PauliY)", 0), ("expval(PauliY)", 1), ("expval(PauliY)", 2)],
    ]
    assert {gate.name for column in lay_out(2, 1, "cz")[2:-1] for gate in column} == {"CZ"}
    assert [len(column) for column in lay_out(2, 2, "none")] == [1, 2, 2, 2]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    structure = apart()
    (tmp_path / "structure.json").write_text(structure.model_dump_json())
    assert read_structure(tmp_path / "structure.json") == structure
