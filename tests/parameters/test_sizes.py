"""What fits only by the number of slices and by the machine is refused before training."""

import copy
from typing import Any

import pandas as pd
import pytest
import torch

from hqcm.contracts.params import ParamsError
from hqcm.networks.network import build_network
from hqcm.parameters import sizes
from hqcm.parameters.sizes import check_sizes, estimate_bytes
from toy_params import toy_params

GB = 10**9


def make_params(**changes: Any) -> dict[str, Any]:
    params = toy_params()
    params["study"] = {
        "hybrid": ["paper"],
        "classical": ["counterpart", "resnet18"],
        "protocols": ["random"],
        "seeds": [0],
    }
    params["embed"] = {"perplexity": 5.0, "seed": 0}
    for key, value in changes.items():
        section, _, name = key.partition("__")
        params[section][name] = value
    return params


def make_splits(n_train: int, n_test: int = 20) -> dict[str, "pd.Series[str]"]:
    return {"random": pd.Series(["train"] * n_train + ["test"] * n_test + ["validation"])}


def test_what_fits_is_accepted() -> None:
    check_sizes(make_params(), make_splits(18))
    check_sizes(make_params(train__batch_size=(1 << 63) - 1), make_splits(18))


@pytest.mark.parametrize(("batch_size", "n_train"), [(8, 17), (1, 17), (8, 1)])
def test_a_last_batch_of_one_slice_is_refused_where_maps_are_pixels(
    batch_size: int, n_train: int
) -> None:
    said = (
        rf"train\.batch_size must leave network resnet18 2 .* got {batch_size} and 16: of {n_train}"
    )
    with pytest.raises(ParamsError, match=said):
        check_sizes(make_params(train__batch_size=batch_size), make_splits(n_train))
    large = make_params(train__batch_size=batch_size, prepare__image_size_px=40)
    check_sizes(large, make_splits(n_train))


@pytest.mark.parametrize(("size", "n_slices"), [(32, 2), (40, 1)])
def test_torch_takes_two_slices_or_larger_maps(size: int, n_slices: int) -> None:
    build_network("resnet18", toy_params())(torch.rand(n_slices, 1, size, size))


def test_torch_refuses_one_slice_of_one_pixel() -> None:
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        build_network("resnet18", toy_params())(torch.rand(1, 1, 32, 32))


def test_a_perplexity_of_all_test_slices_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"embed\.perplexity must be below .* slices, 5; got 5"):
        check_sizes(make_params(), make_splits(18, 5))


def test_a_head_that_does_not_fit_the_widths_is_refused() -> None:
    params = make_params(study__classical=["matched"])
    params["variants"]["matched"]["n_coefficients"] = 5
    said = r"variants\.matched\.n_coefficients must be at most 4 = 2\*\*quantum\.n_qubits, .* got 5"
    with pytest.raises(ParamsError, match=said):
        check_sizes(params, make_splits(18))


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({"network__filters": [65536] * 3}, r"network\.filters = \[65536, 65536, 65536\]"),
        (
            {"quantum__n_qubits": 14, "quantum__n_circuits": 1024},
            r"n_qubits = 14, .*circuits = 1024",
        ),
        (
            {"prepare__image_size_px": 2048, "train__batch_size": 10_000},
            r"batch_size = 10000, .* 2048",
        ),
    ],
)
def test_what_the_machine_cannot_hold_is_refused_with_the_figure(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], given: str
) -> None:
    monkeypatch.setattr(sizes, "_find_memory", lambda _: 2 * GB)
    said = (
        rf"network paper must fit into the 2\.0 GB of .* takes [\d,]+\.\d GB or more; got .*{given}"
    )
    with pytest.raises(ParamsError, match=said):
        check_sizes(make_params(**changes), make_splits(10_000))


@pytest.mark.parametrize("variant", ["paper", "counterpart", "quadratic", "identity", "resnet18"])
def test_no_network_is_said_to_take_more_than_it_does(variant: str) -> None:
    """Held against the tensors that torch keeps for the gradient, and the weights."""
    params = make_params(prepare__image_size_px=64)
    network = build_network(variant, copy.deepcopy(params))
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(torch.rand(8, 1, 64, 64))
    n_weights = sum(weights.numel() for weights in network.parameters())
    held = sum(storage.nbytes() for storage in kept.values()) + 2 * 4 * n_weights
    least = estimate_bytes(variant, params, 8)
    assert held / 5 < least < held


def test_an_estimate_takes_no_memory() -> None:
    params = make_params(quantum__n_qubits=14, quantum__n_circuits=1024)
    assert estimate_bytes("counterpart", params, 1) > 1000 * GB
