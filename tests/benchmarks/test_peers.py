"""The peers' benchmark: absent peers are skipped, wrong ones reported, right ones timed."""

import sys
from pathlib import Path

import pytest
import torch

import peers
import simulators
from hqcm.networks.circuit import DenseCircuits
from hqcm.networks.quantum import QuantumLayer
from timing import Times

PACKAGES = ("pyqtorch", "deepquantum", "torchquantum", "tensorcircuit")
REQUIREMENTS = Path(peers.__file__).parents[1] / "requirements-peers.txt"


def exact() -> simulators.Simulator:
    """A peer that is right: our circuits, one for each state."""
    circuits = DenseCircuits(n_qubits=simulators.N_QUBITS, depth=simulators.DEPTH, entangler="cnot")
    signs = QuantumLayer(n_qubits=simulators.N_QUBITS, depth=1, n_circuits=1).signs

    def simulate(states: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        amplitudes = circuits(states.unsqueeze(0), angles)[:, 0]  # (states, 2 * amplitudes)
        sums = (amplitudes * amplitudes) @ signs
        return sums[:, :-1] / sums[:, -1:]

    return simulate


def mirrored() -> simulators.Simulator:
    """A peer with the opposite sign of Y."""
    return lambda states, angles: -exact()(states, angles)


def broken() -> simulators.Simulator:
    """A peer whose numbers are none."""
    return lambda states, angles: exact()(states, angles) * torch.nan


def absent() -> simulators.Simulator:
    raise ImportError("No module named 'peer'")


@pytest.fixture
def _no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(names: dict[str, object], **_: float) -> Times:
        return {name: [1.0 + number] * 3 for number, name in enumerate(names)}

    monkeypatch.setattr(peers, "alternate", once)


def test_without_any_peer_there_are_four_reasons_and_no_ratio(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for package in PACKAGES:
        monkeypatch.setitem(sys.modules, package, None)  # an import of it now fails
    measurement = peers.measure()
    assert measurement.ratios == []
    assert measurement.tables == []
    assert len(measurement.skipped) == len(simulators.PEERS) == 4
    for reason, name, package in zip(measurement.skipped, simulators.PEERS, PACKAGES, strict=True):
        assert reason.startswith(f"{name}: not installed, see requirements-peers.txt (")
        assert package in reason


@pytest.mark.usefixtures("_no_clock")
def test_only_a_peer_that_computes_the_same_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"Right": exact, "Mirrored": mirrored, "Broken": broken, "Absent": absent}
    monkeypatch.setattr(peers, "PEERS", given)
    measurement = peers.measure()
    assert [row[0] for row in measurement.tables[0].rows] == ["QuantumLayer", "Right"]
    assert [ratio.name for ratio in measurement.ratios] == [
        f"QuantumLayer against Right, batch {batch}" for batch in (1, 64, 1024)
    ]
    # Theirs over ours, so how many times as fast ours is; and nothing is promised.
    assert {(r.value, r.floor, r.ceiling) for r in measurement.ratios} == {(2.0, None, None)}
    assert [reason.split(" by ")[0] for reason in measurement.skipped] == [
        "Mirrored: differs from QuantumLayer",
        "Broken: differs from QuantumLayer",
        "Absent: not installed, see requirements-peers.txt (No module named 'peer')",
    ]


def test_a_difference_in_the_gradient_alone_is_seen() -> None:
    """Same outputs, zero gradient to the weights: such a peer saves work that we do."""
    torch.manual_seed(0)
    ours = QuantumLayer(n_qubits=5, depth=2, n_circuits=5)
    right, weights = exact(), ours.weights
    stuck = peers.folded(lambda *given: right(given[0], given[1].detach() + 0 * given[1]), weights)
    assert peers.largest_difference(ours, peers.folded(right, weights), weights) < 1e-5
    assert peers.largest_difference(ours, stuck, weights) > 0.01


def test_rings_are_those_of_strongly_entangling_layers() -> None:
    """By hand, from the drawn circuit: the range is 1 in the first layer, 2 in the second."""
    assert simulators.ring(0) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]
    assert simulators.ring(1) == [(0, 2), (1, 3), (2, 4), (3, 0), (4, 1)]


@pytest.mark.filterwarnings("ignore")  # theirs, when they are imported
@pytest.mark.parametrize("name", simulators.PEERS)
def test_an_installed_peer_computes_the_same(name: str) -> None:
    torch.manual_seed(0)
    ours = QuantumLayer(n_qubits=5, depth=2, n_circuits=5)
    try:
        theirs = peers.folded(simulators.PEERS[name](), ours.weights)
    except ImportError as error:
        pytest.skip(f"{name} is optional: {error}")
    assert peers.largest_difference(ours, theirs, ours.weights) <= peers.TOLERANCE


def test_the_optional_pins_are_exact_and_one_a_peer() -> None:
    lines = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    pins = [line for line in lines if line and not line.startswith("-r")]
    assert len(pins) == len(simulators.PEERS)
    assert all(pin.count("==") == 1 for pin in pins)
