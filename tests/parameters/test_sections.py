"""Every key of params.yaml: any value is accepted, or refused by a message that names the key."""

import copy
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqcm.contracts.params import ParamsError, load_params
from hqcm.parameters.sections import SCHEMAS, check_params
from hqcm.parameters.sizes import check_sizes
from pipeline_tree import PARAMS, PIPELINE, SCRIPTS, imported_from, loaded_params, script

SPLITS = {"random": pd.Series(["train"] * 640 + ["validation"] * 100 + ["test"] * 100)}


def leaves(node: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every key, and every section above it."""
    if path:
        yield path
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, *path, key)


KEYS = sorted(leaves(PARAMS))
EXTREMES = [
    *(0, -1, 1, 2, 3, 7, 15, 16, 64, 100, 1000, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63),
    *(-(1 << 63), 10**400, 0.0, -0.0, 0.5, 1.0, 1e-300, 1e300, math.inf, -math.inf, math.nan),
    *(None, True, False, "", "x", "1e-3", "a/b", "\0", [], {}, [[]], [0], [0, 0], ["x", "x"]),
    *([0, 8, 8], [8, 8, 8], [math.nan], [None], {"x": 1}, {1: 2}, {"x": {}}, "y" * 10_000),
]
VALUES = st.sampled_from(EXTREMES) | st.integers() | st.floats() | st.text(max_size=5)


def changed(*changes: tuple[tuple[str, ...], Any]) -> dict[str, Any]:
    params = copy.deepcopy(PARAMS)
    for (*sections, last), value in changes:
        node = params
        for section in sections:
            node = node[section]
        node[last] = value
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


@settings(max_examples=8)
@given(values=st.lists(VALUES, min_size=len(KEYS), max_size=len(KEYS)))
def test_a_value_is_accepted_or_its_key_is_named(values: list[Any]) -> None:
    for path, value in zip(KEYS, values, strict=True):
        said = refusal(changed((path, value)))
        assert said is None or names(said, path), (path, value)


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_key_that_is_missing_is_named_or_may_be(path: tuple[str, ...]) -> None:
    params = copy.deepcopy(PARAMS)
    node = params
    for section in path[:-1]:
        node = node[section]
    del node[path[-1]]
    said = refusal(params)
    assert path[-1] in said if said else path[0] in {"variants", "sources"}


def test_the_parameters_of_the_project_are_legal() -> None:
    assert refusal(PARAMS) is None


def test_every_section_has_the_schema_that_a_stage_loads() -> None:
    assert list(SCHEMAS) == list(PARAMS) == PIPELINE["check"]["params"]
    for path in SCRIPTS:
        for section, name in loaded_params(path).items():
            model = SCHEMAS.get(section)
            if model and "extra" in model.model_config and model.__name__ == name:
                assert model.__module__ == imported_from(path, name)
