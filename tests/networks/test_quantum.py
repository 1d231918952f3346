"""The quantum layer is the paper's: against NumPy gate by gate, and against PennyLane."""

import math
import subprocess
import sys
from itertools import product
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import reference
from hqcm.networks import quantum
from hqcm.networks.circuit import DenseCircuits, Entangler, HalfKroneckerCircuits
from hqcm.networks.quantum import QuantumLayer

# Both sides work in float64 on at most 8 qubits and 6 layers; a few hundred roundings of 1e-16.
ATOL = 1e-12
SHAPES = list(product(range(2, 9), range(1, 7), ("cnot", "cz")))


def layer(
    n_qubits: int, depth: int, n_circuits: int, entangler: Entangler = "cnot"
) -> QuantumLayer:
    """Weights on a ramp past 2 pi, so that cosines of half angles take both signs."""
    built = QuantumLayer(
        n_qubits=n_qubits, depth=depth, n_circuits=n_circuits, entangler=entangler
    ).double()
    ramp = torch.linspace(-1.0, 7.0, built.weights.numel(), dtype=torch.float64)
    built.weights.data = ramp.sin().mul(5).view_as(built.weights)
    return built


def features(batch: int, width: int) -> torch.Tensor:
    return torch.linspace(0.3, 9.0, batch * width, dtype=torch.float64).cos().view(batch, width)


def as_pennylane(exact: QuantumLayer) -> QuantumLayer:
    n_circuits, depth, n_qubits, _ = exact.weights.shape
    twin = QuantumLayer(
        n_qubits=n_qubits,
        depth=depth,
        n_circuits=n_circuits,
        entangler=exact.entangler,
        backend="pennylane",
    ).double()
    twin.load_state_dict(exact.state_dict())
    return twin


def outputs_and_gradients(of: QuantumLayer, inputs: torch.Tensor) -> list[torch.Tensor]:
    inputs = inputs.clone().requires_grad_()
    outputs = of(inputs)
    # Different weights on each output, so that no error cancels in the sum.
    (outputs * torch.linspace(1, 2, outputs.numel()).view_as(outputs)).sum().backward()
    assert inputs.grad is not None
    assert of.weights.grad is not None
    return [outputs.detach(), inputs.grad, of.weights.grad]


@pytest.mark.parametrize(("n_qubits", "depth", "entangler"), SHAPES)
def test_equals_pennylane(n_qubits: int, depth: int, entangler: Entangler) -> None:
    exact = layer(n_qubits, depth, 2, entangler)
    inputs = features(3, 2 * 2**n_qubits)
    pairs = zip(
        outputs_and_gradients(exact, inputs),
        outputs_and_gradients(as_pennylane(exact), inputs),
        strict=True,
    )
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, atol=ATOL, rtol=0)


@pytest.mark.parametrize("entangler", ["cnot", "cz", "none"])
@pytest.mark.parametrize("n_qubits", [1, 2, 3, 5])
def test_equals_a_state_vector_gate_by_gate(n_qubits: int, entangler: Entangler) -> None:
    exact = layer(n_qubits, 3, 2, entangler)
    inputs = features(2, 2 * 2**n_qubits)
    got = exact(inputs).detach().numpy()
    for row, wanted_of in zip(got, inputs.numpy(), strict=True):
        chunks = wanted_of.reshape(2, -1)
        weights = exact.weights.detach().numpy()
        want = [
            reference.circuit_expectations(chunk, angles, entangler)
            for chunk, angles in zip(chunks, weights, strict=True)
        ]
        np.testing.assert_allclose(row, np.concatenate(want), atol=ATOL, rtol=0)


def test_is_a_quadratic_form_of_the_chunk() -> None:
    """<Y_j> = z^T S_j z / z^T z with S_j real symmetric (docs: the exact identity)."""
    exact = layer(3, 2, 1)
    basis = torch.eye(8, dtype=torch.float64)
    pairs = (basis[:, None] + basis[None, :]).view(64, 8)
    diagonal = exact(basis).T  # (wires, 8)
    norms = pairs.square().sum(1)
    sums = (exact(pairs) * norms[:, None]).view(8, 8, 3).permute(2, 0, 1)
    forms = (sums - diagonal[:, :, None] - diagonal[:, None, :]) / 2
    forms.diagonal(dim1=1, dim2=2).copy_(diagonal)
    z = features(1, 8)[0]
    want = torch.einsum("i,wij,j->w", z, forms, z) / (z @ z)
    torch.testing.assert_close(exact(z[None])[0], want, atol=ATOL, rtol=0)


def test_wire_0_is_the_most_significant() -> None:
    """A rotation about x of wire 0 turns amplitude 0 towards amplitude 2, not 1."""
    exact = QuantumLayer(n_qubits=2, depth=1, n_circuits=1, entangler="none").double()
    exact.weights.data.zero_()
    # RZ(-pi/2) RY(angle) RZ(pi/2) = RX(angle), which takes |0> to <Y> = -sin(angle).
    angles = [math.pi / 2, 0.4, -math.pi / 2]
    exact.weights.data[0, 0, 0] = torch.tensor(angles, dtype=torch.float64)
    got = exact(torch.tensor([[1.0, 0, 0, 0]], dtype=torch.float64))[0]
    assert got.tolist() == pytest.approx([-math.sin(0.4), 0], abs=1e-12)


def test_zero_angles_give_zero() -> None:
    exact = layer(4, 2, 3)
    exact.weights.data.zero_()
    torch.testing.assert_close(
        exact(features(2, 48)), torch.zeros(2, 12).double(), atol=ATOL, rtol=0
    )


@pytest.mark.parametrize("backend", ["exact", "pennylane"])
def test_an_all_zero_chunk_gives_zeros_and_no_gradient(backend: str) -> None:
    chosen = layer(3, 2, 2) if backend == "exact" else as_pennylane(layer(3, 2, 2))
    inputs = features(2, 16)
    inputs[0, :8] = 0
    inputs[1] = 0
    outputs, to_features, to_weights = outputs_and_gradients(chosen, inputs)
    assert torch.equal(outputs[0, :3], torch.zeros(3).double())
    assert torch.equal(outputs[1], torch.zeros(6).double())
    assert (outputs[0, 3:] != 0).all()
    assert torch.equal(to_features[inputs == 0], torch.zeros(24).double())
    assert to_weights.isfinite().all()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-1, 1, width=32), min_size=8, max_size=8),
    st.floats(-30, 30),
)
def test_outputs_are_bounded_and_do_not_depend_on_the_scale(
    values: list[float], exponent: float
) -> None:
    exact = layer(3, 2, 1).float()
    z = torch.tensor([values])
    z = z.where(z.abs() > 1e-6, 0.0)  # below, scaling by 1e-30 leaves float32's range
    outputs = exact(z)
    assert outputs.abs().max() <= 1 + 1e-6
    torch.testing.assert_close(exact(z * 10.0**exponent), outputs, atol=1e-5, rtol=0)


def test_float32_stays_close_to_float64() -> None:
    exact = layer(5, 2, 5)
    inputs = features(64, 160)
    wide, narrow = exact(inputs), exact.float()(inputs.float())
    torch.testing.assert_close(narrow.double(), wide, atol=5e-6, rtol=0)  # 32 terms of 6e-8


@pytest.mark.parametrize("n_qubits", [3, 7])
def test_does_not_mind_channels_last(n_qubits: int) -> None:
    exact, inputs = layer(n_qubits, 2, 2), features(2, 2 * 2**n_qubits)
    want = exact(inputs)
    exact.to(memory_format=torch.channels_last)
    torch.testing.assert_close(exact(inputs), want, atol=ATOL, rtol=0)


def test_features_are_ordered_circuit_by_circuit() -> None:
    exact = layer(2, 1, 3)
    inputs = features(1, 12)
    alone = QuantumLayer(n_qubits=2, depth=1, n_circuits=1).double()
    alone.weights.data = exact.weights.data[1:2]
    torch.testing.assert_close(exact(inputs)[:, 2:4], alone(inputs[:, 4:8]), atol=ATOL, rtol=0)


def test_weights_start_uniform_in_a_full_turn() -> None:
    torch.manual_seed(0)
    weights = QuantumLayer(n_qubits=5, depth=20, n_circuits=20).weights
    assert weights.min() >= 0
    assert weights.max() < 2 * math.pi
    assert weights.mean().item() == pytest.approx(math.pi, abs=0.1)


def test_refuses_another_width() -> None:
    with pytest.raises(
        ValueError, match=r"\(batch, 160\) = \(batch, 5 circuits x 32 amplitudes\); got \(8, 128\)"
    ):
        QuantumLayer(n_qubits=5, depth=2, n_circuits=5)(torch.zeros(8, 128))


def test_refuses_sizes_below_one() -> None:
    with pytest.raises(ValueError, match="must be 1 or more; got 5, 0 and 2"):
        QuantumLayer(n_qubits=5, depth=0, n_circuits=2)


def test_does_not_import_pennylane() -> None:
    code = "import sys, hqcm.networks.network; sys.exit('pennylane' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("entangler", ["cnot", "cz", "none"])
@pytest.mark.parametrize("n_qubits", [2, 5, 7])
def test_both_forms_are_the_same(
    n_qubits: int, entangler: Entangler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dense and half-Kronecker, on either side of the crossover."""
    inputs = features(3, 2 * 2**n_qubits)
    results = []
    for largest, form in ((n_qubits, DenseCircuits), (n_qubits - 1, HalfKroneckerCircuits)):
        monkeypatch.setattr(quantum, "_MAX_DENSE_QUBITS", largest)
        chosen = layer(n_qubits, 3, 2, entangler)
        assert isinstance(chosen.circuits, form)
        results.append(outputs_and_gradients(chosen, inputs))
    for dense, halves in zip(*results, strict=True):
        torch.testing.assert_close(dense, halves, atol=ATOL, rtol=0)


def test_inference_builds_the_circuits_once_until_the_weights_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact, inputs = layer(3, 2, 2), features(4, 16)
    circuits = exact.circuits
    assert isinstance(circuits, DenseCircuits)
    build = MagicMock(wraps=circuits._build)
    monkeypatch.setattr(circuits, "_build", build)
    with torch.inference_mode():
        first, second = exact(inputs), exact(inputs)
    assert build.call_count == 1
    assert torch.equal(first, second)
    # Through .data, which moves no version counter: the values themselves are compared.
    exact.weights.data[0, 0, 0, 1] += 0.5
    with torch.no_grad():
        changed = exact(inputs)
    torch.testing.assert_close(changed, exact(inputs).detach(), atol=0, rtol=0)
    assert not torch.equal(changed, first)
    assert build.call_count == 3  # and training builds anew, with its gradients


def test_fourteen_qubits_are_within_reach() -> None:
    """Parity with PennyLane where a dense matrix would take 2 GiB a circuit."""
    exact = layer(14, 1, 1)
    inputs = features(1, 2**14)
    with torch.no_grad():
        got, want = exact(inputs), as_pennylane(exact)(inputs)
    torch.testing.assert_close(got, want, atol=ATOL, rtol=0)
