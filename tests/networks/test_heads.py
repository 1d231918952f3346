"""The heads: shapes, sizes, bounds, and what happens to chunks of zeros."""

import importlib
from typing import Any

import numpy as np
import pytest
import torch
from scipy.fft import dct
from torch import nn

import reference
from hqcm.networks.chunks import directions
from hqcm.networks.heads.matched import _CompressedLinear, _cosine_rows
from hqcm.networks.heads.quadratic import _draw_forms, _QuadraticForms
from hqcm.networks.quantum import QuantumLayer
from hqcm.networks.variants import _HEADS, QuantumParams

QUANTUM = QuantumParams(n_qubits=5, depth=2, n_circuits=5, backend="exact")
KEYS: dict[str, dict[str, Any]] = {
    "linear": {"activation": "relu"},
    "matched": {"n_coefficients": 5},
    "quantum": {"entangler": "cnot"},
}
SCALE_FREE = ["normalised", "quadratic"]


def build(name: str) -> nn.Module:
    head = importlib.import_module(f"hqcm.networks.heads.{name}")
    module: nn.Module = head.build(head.Params(**KEYS.get(name, {})), QUANTUM)
    assert head.n_features(QUANTUM) == module(ramp(1)).shape[1]
    return module


def ramp(n: int) -> torch.Tensor:
    """`n` projected vectors without a pattern that a transform would single out."""
    return torch.linspace(0, 40, n * QUANTUM.n_amplitudes).square().sin().view(n, -1)


@pytest.mark.parametrize("head", _HEADS)
def test_shapes_and_gradients(head: str) -> None:
    module, features = build(head), ramp(3).requires_grad_()
    values = module(features)
    assert values.shape == (3, 160 if head == "identity" else 25)
    (values * torch.linspace(1, 2, values.shape[1])).sum().backward()
    assert features.grad is not None
    assert (features.grad != 0).any(dim=1).all()
    for weights in module.parameters():
        assert weights.grad is not None
        assert weights.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("head", "n_weights"),
    [
        ("linear", 160 * 25 + 25),
        ("quantum", 150),
        ("matched", 150),
        ("normalised", 160 * 25 + 25),
        ("quadratic", 25 * 32 * 33 // 2),
        ("identity", 0),
    ],
)
def test_number_of_weights(head: str, n_weights: int) -> None:
    assert sum(weights.numel() for weights in build(head).parameters()) == n_weights


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_three_times_the_depth_minus_one_matches_any_circuit(depth: int) -> None:
    head = _CompressedLinear(n_qubits=3, n_circuits=2, n_coefficients=3 * depth - 1)
    circuits = QuantumLayer(n_qubits=3, depth=depth, n_circuits=2)
    assert sum(w.numel() for w in head.parameters()) == circuits.weights.numel()


@pytest.mark.parametrize("head", SCALE_FREE)
@pytest.mark.parametrize("scale", [1e-25, 3.0, 1e25])
def test_scale_of_a_chunk_does_not_matter(head: str, scale: float) -> None:
    """Squares of these leave float32 at either end."""
    module, features = build(head), ramp(4)
    scales = torch.ones(5).index_fill(0, torch.tensor(2), scale).repeat_interleave(32)
    torch.testing.assert_close(module(features * scales), module(features), atol=1e-5, rtol=0)


@pytest.mark.parametrize("head", SCALE_FREE)
def test_outputs_are_bounded_at_the_start(head: str) -> None:
    assert build(head)(1e6 * ramp(50)).abs().max() <= 1


def test_normalised_stays_bounded_whatever_the_weights() -> None:
    module = build("normalised")
    for weights in module.parameters():
        nn.init.constant_(weights, 100.0)
    assert module(ramp(5)).abs().max() <= 1


@pytest.mark.parametrize("head", SCALE_FREE)
def test_a_chunk_of_zeros_is_defined_and_passes_no_gradient(head: str) -> None:
    module, features = build(head), ramp(2)
    features[0, :32] = 0
    features.requires_grad_()
    values = module(features)
    if head == "quadratic":
        assert (values[0, :5] == 0).all()
    values.sum().backward()
    assert values.isfinite().all()
    assert features.grad is not None
    assert (features.grad[0, :32] == 0).all()
    assert (features.grad[0, 32:] != 0).any()
    assert all(w.grad is not None and w.grad.isfinite().all() for w in module.parameters())


def test_a_direction_is_the_chunk_over_its_norm() -> None:
    features = ramp(2).double().requires_grad_()
    chunks = features.detach().numpy().reshape(2, 5, 32)
    want = chunks / np.linalg.norm(chunks, axis=2, keepdims=True)
    np.testing.assert_allclose(directions(features, 5).detach().numpy(), want, atol=1e-15)
    assert torch.autograd.gradcheck(lambda z: directions(z, 5), features)


def test_what_is_not_finite_stays_so() -> None:
    features = ramp(1)
    features[0, 3] = torch.nan
    assert directions(features, 5)[0, 0].isnan().all()
    assert directions(features, 5)[0, 1:].isfinite().all()


def test_rows_are_those_of_the_orthonormal_cosine_transform() -> None:
    want = dct(np.eye(32), norm="ortho", axis=0)[:5]
    np.testing.assert_allclose(_cosine_rows(5, 32).numpy(), want, atol=1e-6)


def test_matched_is_a_linear_map_of_the_coefficients_of_each_chunk() -> None:
    head, features = _CompressedLinear(n_qubits=5, n_circuits=5, n_coefficients=5), ramp(2)
    rows = dct(np.eye(32), norm="ortho", axis=0)[:5]
    values = head(features).detach().numpy().reshape(2, 5, 5)
    for c, linear in enumerate(head.maps):
        assert isinstance(linear, nn.Linear)
        weight, bias = linear.weight.detach().numpy(), linear.bias.detach().numpy()
        want = (weight @ rows @ features.view(2, 5, 32)[:, c].numpy().T).T + bias
        np.testing.assert_allclose(values[:, c], want.clip(0), atol=1e-5)


def test_more_coefficients_than_values() -> None:
    with pytest.raises(ValueError, match=r"n_coefficients must be at most 8 = 2.*; got 9"):
        _CompressedLinear(n_qubits=3, n_circuits=2, n_coefficients=9)


@pytest.mark.parametrize("entangler", ["cnot", "cz", "none"])
def test_quadratic_forms_can_be_any_circuit(entangler: Any) -> None:
    """The identity <Y_j> = z^T S z / z^T z, S = Re(U^H Y_j U), with U column by column."""
    circuits = QuantumLayer(n_qubits=3, depth=2, n_circuits=2, entangler=entangler).double()
    forms = _QuadraticForms(n_qubits=3, n_circuits=2).double()
    rows, cols = np.triu_indices(8)
    for c, angles in enumerate(circuits.weights.detach().numpy()):
        matrices = reference.circuit_forms(angles, entangler)
        forms.weights.data[c] = torch.from_numpy(matrices[:, rows, cols])
    features = torch.linspace(-1, 2, 6 * 16, dtype=torch.float64).mul(9).cos().view(6, 16)
    torch.testing.assert_close(forms(features), circuits(features), atol=1e-12, rtol=0)


def test_initial_forms_are_as_those_of_random_circuits() -> None:
    forms = _draw_forms(3, 4)
    torch.testing.assert_close(forms, forms.mT, atol=1e-6, rtol=0)
    assert torch.linalg.eigvalsh(forms).abs().max() <= 1
    rng = np.random.default_rng(0)
    circuit = np.concatenate(
        [reference.circuit_forms(rng.uniform(0, 2 * np.pi, (3, 4, 3)), "cnot") for _ in range(6)]
    )
    # Mean square of the elements; 24 matrices tell it to a few per cent.
    assert forms.square().mean().item() == pytest.approx((circuit**2).mean(), rel=0.1)
    assert not torch.allclose(forms[0, 0], forms[0, 1], atol=0.01)
