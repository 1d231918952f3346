"""The circuits on a device and their cost, against independent derivations and counts by hand."""

import numpy as np
import pytest
import torch

import reference
from hqcm.hardware import circuits
from hqcm.hardware.circuits import NOISE_DEVICE, count_gates, new_device, run_circuits
from hqcm.hardware.conditions import Condition, GateCount
from hqcm.networks.circuit import Entangler
from hqcm.networks.quantum import QuantumLayer

EXACT = 1e-6  # the exact layer works in float32
FLOAT64 = 1e-12


def toy(n_qubits: int, batch: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Chunks of 0 or more, as after a ReLU, and angles on a ramp; two circuits."""
    chunks = torch.linspace(1.0, 40.0, batch * 2 * 2**n_qubits).cos().abs()
    chunks[0] = 0
    angles = torch.linspace(-1.0, 7.0, 2 * 2 * n_qubits * 3).sin() * 5
    return chunks.view(batch, 2, -1), angles.view(2, 2, n_qubits, 3)


def run(
    n_qubits: int,
    condition: Condition,
    *,
    name: str = NOISE_DEVICE,
    entangler: Entangler = "cnot",
    n_draws: int = 1,
    seed: int = 0,
) -> torch.Tensor:
    chunks, angles = toy(n_qubits)
    device = new_device(name, n_qubits, seed)
    return run_circuits(
        chunks, angles, entangler, condition=condition, device=device, n_draws=n_draws
    )


def exact(n_qubits: int, entangler: Entangler = "cnot") -> torch.Tensor:
    chunks, angles = toy(n_qubits)
    layer = QuantumLayer(n_qubits=n_qubits, depth=2, n_circuits=2, entangler=entangler)
    layer.weights.data = angles
    with torch.no_grad():
        return layer(chunks.flatten(1)).view(3, 2, n_qubits).double()


@pytest.mark.parametrize("name", ["default.qubit", "lightning.qubit", "default.mixed"])
def test_without_shots_and_noise_it_is_the_exact_layer(name: str) -> None:
    cases: list[tuple[int, Entangler]] = [(1, "none"), (3, "cnot")]
    for n_qubits, entangler in cases:
        got = run(n_qubits, Condition(None), name=name, entangler=entangler)
        torch.testing.assert_close(got[0], exact(n_qubits, entangler), atol=EXACT, rtol=0)


@pytest.mark.parametrize("entangler", ["cnot", "cz", "none"])
def test_gates_of_the_machine_make_the_same_circuit(entangler: Entangler) -> None:
    got = run(3, Condition(None, 1e-12), entangler=entangler)
    torch.testing.assert_close(got[0], exact(3, entangler), atol=EXACT, rtol=0)


@pytest.mark.parametrize(("depolarising", "readout"), [(0.03, 0.0), (0.2, 0.07), (0.0, 0.1)])
def test_noise_is_that_of_a_density_matrix_gate_by_gate(
    depolarising: float, readout: float
) -> None:
    got = run(2, Condition(None, depolarising, readout))[0]
    chunks, angles = (values.double().numpy() for values in toy(2))
    want = [
        [
            reference.noisy_expectations(chunk, layers, depolarising, readout)
            for chunk, layers in zip(row, angles, strict=True)
        ]
        for row in chunks
    ]
    np.testing.assert_allclose(got, want, atol=FLOAT64)


def test_readout_errors_shrink_the_outputs() -> None:
    got = run(3, Condition(None, 0.0, 0.1))
    torch.testing.assert_close(got[0], 0.8 * exact(3), atol=EXACT, rtol=0)


def test_full_depolarisation_leaves_nothing() -> None:
    assert run(3, Condition(None, 0.75)).abs().max() < FLOAT64
    assert run(2, Condition(None, 0.0, 0.5)).abs().max() < FLOAT64


@pytest.mark.parametrize("name", ["default.qubit", "lightning.qubit"])
def test_shots_scatter_as_throws_of_a_coin(name: str) -> None:
    n_shots, n_draws = 50, 2000
    drawn = run(1, Condition(n_shots), name=name, n_draws=n_draws).numpy()
    assert drawn.shape == (n_draws, 3, 2, 1)
    wanted = exact(1).numpy()
    variance = (1 - wanted**2) / n_shots
    # Five standard errors: of a mean, and of a variance of nearly normal values.
    error = np.abs(drawn.mean(axis=0) - wanted)
    assert (error <= 5 * np.sqrt(variance / n_draws) + EXACT).all()
    np.testing.assert_allclose(
        drawn.var(axis=0), variance, rtol=5 * np.sqrt(2 / n_draws), atol=EXACT
    )
    counts = (drawn + 1) / 2 * n_shots
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)


@pytest.mark.parametrize("name", ["default.qubit", "lightning.qubit", "default.mixed"])
def test_the_seed_decides(name: str) -> None:
    first, again, other = (run(2, Condition(20), name=name, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_shots_and_noise_together() -> None:
    clean = run(2, Condition(None, 0.1, 0.1))[0]
    drawn = run(2, Condition(1000, 0.1, 0.1), n_draws=20)
    assert (drawn.mean(dim=0) - clean).abs().max() < 5 / np.sqrt(20_000)


def test_an_empty_chunk_gives_zero() -> None:
    chunks, angles = toy(2)
    chunks[1, 0] = 0
    device = new_device(NOISE_DEVICE, 2, 0)
    for condition in (Condition(31), Condition(None, 0.01)):
        got = run_circuits(chunks, angles, "cnot", condition=condition, device=device)
        assert (got[:, 1, 0] == 0).all()
        assert (got[:, 1, 1] != 0).all()


def test_some_at_a_time_is_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(2, Condition(None, 0.1))
    monkeypatch.setattr(circuits, "_MAX_AT_A_TIME", 32)
    torch.testing.assert_close(run(2, Condition(None, 0.1)), whole, atol=FLOAT64, rtol=0)


def test_any_device_by_its_name_seed_or_not() -> None:
    assert new_device("default.gaussian", 1, 0).short_name == "default.gaussian"
    with pytest.raises(
        ValueError, match=r"hardware.device must be a PennyLane device .* got 'abacus'"
    ):
        new_device("abacus", 2, 0)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_gates_are_those_counted_by_hand(n: int) -> None:
    """A tree of rotations loads: one for each branching, a CNOT for each below the first."""
    counts = count_gates(n, 2, "cnot")
    loading, layers, turning, whole = counts.values()
    assert (loading.rz, loading.ry, loading.cnot) == (0, 2**n - 1, 2**n - 2)
    assert (layers.rz, layers.ry, layers.cnot) == (4 * n, 2 * n, 2 * n)
    assert turning == GateCount(rz=n, ry=n, cnot=0, depth=2)
    assert whole.total == loading.total + layers.total + turning.total
    assert whole.cnot == loading.cnot + layers.cnot
    assert (
        max(loading.depth, layers.depth)
        < whole.depth
        <= sum(part.depth for part in (loading, layers, turning))
    )


def test_depth_is_what_cannot_be_done_at_once() -> None:
    # Both first rotations at once, CNOT, rotation, CNOT; then three rotations and two CNOT a layer.
    counts = count_gates(2, 1, "cnot")
    assert [part.depth for part in counts.values()] == [4, 5, 2, 11]


def test_without_entangler_and_with_the_other_one() -> None:
    none, cz = (count_gates(3, 2, name)["trained layers"] for name in ("none", "cz"))
    assert none == GateCount(rz=12, ry=6, cnot=0, depth=6)
    assert cz.cnot == 6
    assert cz.ry == 6 + 2 * 6  # a Hadamard gate before and after, each with one RY
