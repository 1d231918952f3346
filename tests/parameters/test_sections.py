"""Every key of params.yaml: any value is accepted, or refused by a message that names the key."""

import copy
import importlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from hqcm.contracts.params import ParamsError
from hqcm.parameters.sections import SCHEMAS, check_params
from hqcm.parameters.sizes import check_sizes
from pipeline_tree import PARAMS, PIPELINE, SCRIPTS, imported_from, loaded_params

SPLITS = {"random": pd.Series(["train"] * 640 + ["validation"] * 100 + ["test"] * 100)}


def leaves(node: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every key, and every section above it."""
    if path:
        yield path
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, *path, key)


KEYS = sorted(leaves(PARAMS))
EXTREMES: list[Any] = [
    *(0, -1, 1, 2, 3, 7, 15, 16, 64, 100, 1000, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63),
    *(-(1 << 63), 10**400, 0.0, -0.0, 0.5, 1.0, 1e-300, 1e300, math.inf, -math.inf, math.nan),
    *(None, True, False, "", "x", "1e-3", "a/b", "\0", [], {}, [[]], [0], [0, 0], ["x", "x"]),
    *([0, 8, 8], [8, 8, 8], [math.nan], [None], {"x": 1}, {1: 2}, {"x": {}}, "y" * 10_000),
]
VALUES = st.sampled_from(EXTREMES) | st.integers() | st.floats() | st.text(max_size=5)


def at(params: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        params = params[key]
    return params


def changed(*changes: tuple[tuple[str, ...], Any]) -> dict[str, Any]:
    params = copy.deepcopy(PARAMS)
    for (*sections, last), value in changes:
        at(params, tuple(sections))[last] = value
    return params


def dotted(key: str, value: Any) -> tuple[tuple[str, ...], Any]:
    return tuple(key.split(".")), value


def refusal(params: Mapping[str, Any]) -> str | None:
    """What the stages `check` and `sizes` say; anything but a `ParamsError` is a bug."""
    try:
        check_params(params)
        check_sizes(params, SPLITS)
    except ParamsError as error:
        return str(error)
    return None


def names(said: str, path: tuple[str, ...]) -> bool:
    """The dotted key, or another of its section that does not go with it, and the key."""
    *sections, key = path
    return ".".join(path) in said or (".".join([*sections, ""]) in said and key in said)


@settings(max_examples=5)
@given(values=st.lists(VALUES, min_size=len(KEYS), max_size=len(KEYS)))
def test_a_value_is_accepted_or_its_key_is_named(values: list[Any]) -> None:
    for path, value in zip(KEYS, values, strict=True):
        said = refusal(changed((path, value)))
        assert said is None or names(said, path), (path, value)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1 << 63, -(1 << 63), 10**400], ids=str)
def test_no_number_is_infinite_or_of_more_than_64_bits(value: float) -> None:
    for path in KEYS:
        was = at(PARAMS, path)
        if isinstance(was, int | float) and not isinstance(was, bool):
            said = refusal(changed((path, value)))
        elif isinstance(was, list) and isinstance(was[0], int | float):
            said = refusal(changed((path, [value] * len(was))))
        else:
            continue
        assert said, (path, value)
        assert names(said, path), (path, value)


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_key_that_is_missing_is_named_or_may_be(path: tuple[str, ...]) -> None:
    params = copy.deepcopy(PARAMS)
    del at(params, path[:-1])[path[-1]]
    said = refusal(params)
    assert path[-1] in said if said else path[0] in {"variants", "sources"}


def test_the_parameters_of_the_project_are_legal() -> None:
    assert refusal(PARAMS) is None


LISTED = ", ".join(sorted(PARAMS["variants"]))
WRONG = [
    ("study.hybrid", ["paper", "paper"], r"study\.hybrid: must name each once; paper comes twice"),
    ("study.seeds", [0, 0], r"study\.seeds: must name each once; 0 comes twice; got \[0, 0\]"),
    ("study.hybrid", ["x"], rf"study\.hybrid \(sections of variants\) .* {LISTED}; got 'x'"),
    ("study.hybrid", ["identity"], r"study\.hybrid: variants\.identity\.head must be .* identity$"),
    ("study.classical", ["paper"], r"study\.classical: variants\.paper\.head must not .* quantum$"),
    ("study.classical", ["resnet18"], r"study\.classical must have an attention map, .* resnet18"),
    ("study.protocols", ["x"], r"protocol must be one of random, patient, .*; got x"),
    ("train.learning_rate", 1e300, r"train\.learning_rate: .*equal to 100; got 1e\+300"),
    ("train.batch_size", 0, r"train\.batch_size: .*greater than or equal to 1; got 0"),
    ("network.filters", [0, 8, 8], r"network\.filters\.0: .*or equal to 1; got 0"),
    ("network.channel_reduction", 64, r"channel_reduction: must be at most 32, the last of .* 64"),
    ("network.kernel_sizes_px", [3, 4, 5], r"kernel_sizes_px\.1: must be odd, .*; got 4"),
    ("network.feature_dropout", 1.0, r"network\.feature_dropout: .*less than 1; got 1\.0"),
    ("attention.spatial_kernel_px", 33, r"spatial_kernel_px: .*or equal to 31; got 33"),
    ("prepare.image_size_px", 100, r"prepare\.image_size_px: .*multiple of 8; got 100"),
    ("quantum.n_qubits", 0, r"quantum\.n_qubits: .*greater than or equal to 1; got 0"),
    ("quantum.n_qubits", 15, r"quantum\.n_qubits: .*less than or equal to 14; got 15"),
    (
        "sources.akter.format",
        "reading",
        r"akter\.format must be .* dicom, images, matlab; got",
    ),
    ("sources", {"b c": {"format": "dicom"}}, r"sources must have figshare, .*; got b c"),
    ("sources.b c", {"format": "dicom"}, r"sources\.b c must be named with small letters.*'b c'"),
    ("split.held_out_source", "x", r"held_out_source must be one of akter, figshare, .*; got 'x'"),
    ("variants.matched.n_coefficients", -1, r"matched\.n_coefficients: .*or equal to 1; got -1"),
    ("variants.matched.base", "x", rf"variants\.matched\.base must be one of {LISTED}; got 'x'"),
    ("hardware.device", "null.qubit", r"hardware\.device must be .* lightning\.qubit, .*null\.q"),
    ("phantom.n_images_per_tumour", 10**7, r"n_images_per_tumour must be at most 1000000 slices"),
    (
        "fingerprint.fine_blur",
        0.5,
        r"fine_blur must be smaller than fingerprint\.coarse_blur = ",
    ),
    ("extra", 5, r"params\.yaml: extra is not a section; must be one of data, sources, study, "),
]


@pytest.mark.parametrize(("key", "value", "message"), WRONG, ids=[f"{k}={v}" for k, v, _ in WRONG])
def test_a_message_says_what_is_legal_and_what_was_given(
    key: str, value: Any, message: str
) -> None:
    with pytest.raises(ParamsError, match=message):
        check_params(changed(dotted(key, value)))


def test_cuda_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ParamsError, match=r"train\.device: cuda must be available; got none"):
        check_params(changed(dotted("train.device", "cuda")))


def test_every_section_has_the_schema_that_a_stage_loads() -> None:
    assert list(SCHEMAS) == list(PARAMS) == PIPELINE["check"]["params"]
    loaded = {
        section: (imported_from(path, name), name)
        for path in SCRIPTS
        for section, name in loaded_params(path).items()
        if section in SCHEMAS and schema(path, name).model_config.get("extra") != "ignore"
    }
    assert loaded.pop("data") == ("hqcm.reporting.results", "CohortParams")
    known = {name: (model.__module__, model.__name__) for name, model in SCHEMAS.items()}
    assert loaded == {name: known[name] for name in SCHEMAS if name != "data"}


def schema(path: Path, name: str) -> type[BaseModel]:
    model: type[BaseModel] = getattr(importlib.import_module(imported_from(path, name)), name)
    return model
