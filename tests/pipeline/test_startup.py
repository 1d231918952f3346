"""A stage starts with what it needs: the heavy libraries are loaded where they are used."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import ruamel.yaml
from ruamel.yaml import YAML

from pipeline_tree import MODULES, PACKAGE, ROOT, SCRIPTS, module_file, parse

# Each a quarter of a second or more to load.
HEAVY = {
    *("matplotlib", "nilearn", "pandas", "pennylane", "pydicom", "scipy", "sklearn", "torch"),
    "torchvision",
}
# What the modules of a stage name at their top; PennyLane where circuits run on its devices.
NAMED_AT_START = {
    "acquire": {"nilearn", "pandas", "pydicom", "scipy"},
    "audit": {"pandas", "scipy"},
    "convert_dicom": {"pydicom"},
    "convert_images": set(),
    "convert_mat": set(),
    "prepare": set(),
    "fingerprint": {"pandas", "scipy"},
    "split": {"pandas", "scipy", "sklearn"},
    "train_hybrid": {"pandas", "torch"},
    "train_classical": {"pandas", "torch"},
    "predict": {"pandas", "torch"},
    "evaluate": {"pandas", "scipy", "sklearn"},
    "localise": {"pandas"},
    "explain": {"pandas", "torch"},
    "leakage": {"pandas"},
    "shortcuts": {"pandas", "scipy", "sklearn"},
    "compare": {"pandas", "scipy", "sklearn"},
    "embed": {"pandas"},
    "hardware": {"pandas", "pennylane", "torch"},
    "figures": {"matplotlib", "pandas", "scipy"},
    "report": {"matplotlib", "pandas", "scipy"},
}
# Stages that one process starts in turn (a process each would take a minute), and what it has
# loaded after each group.
DATA_STAGES = [
    (["convert_images", "convert_mat", "prepare"], set()),
    (["convert_dicom"], {"pydicom"}),
    (["embed", "leakage", "localise"], {"pandas", "pydicom"}),
    (["figures", "report"], {"matplotlib", "pandas", "pydicom", "scipy"}),
    (
        ["audit", "compare", "evaluate", "fingerprint", "shortcuts", "split"],
        {"matplotlib", "pandas", "pydicom", "scipy", "sklearn"},
    ),
    (["acquire"], {"matplotlib", "nilearn", "pandas", "pydicom", "scipy", "sklearn"}),
]
NETWORK_STAGES = [(["train_hybrid", "train_classical", "predict", "explain"], {"pandas", "torch"})]
# Started on its own: PennyLane brings scipy and more.
DEVICE_STAGE = "hardware"
START = """
import json, runpy, sys
heavy, groups, then = json.loads(sys.argv[1])
for group in groups:
    for stage in group:
        sys.argv = [stage, "--help"]
        try:
            runpy.run_path(f"stages/{stage}.py", run_name="__main__")
        except SystemExit as end:
            assert end.code == 0, stage
    print("loaded:", *sorted(set(heavy) & set(sys.modules)))
exec(then)
print("loaded:", *sorted(set(heavy) & set(sys.modules)))
"""
# An optimiser is left out: the first one loads two seconds of torch.compile, unused.
STEP = """
import torch
from hqcm.networks.quantum import QuantumLayer
layer = QuantumLayer(n_qubits=2, depth=1, n_circuits=1)
layer(torch.ones(1, 4)).sum().backward()
"""


def loaded(groups: list[tuple[list[str], set[str]]], then: str = "") -> list[set[str]]:
    """Heavy libraries in memory after each group of stages, and after some more code."""
    argument = json.dumps([sorted(HEAVY), [stages for stages, _ in groups], then])
    ended = subprocess.run(
        [sys.executable, "-c", START, argument],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    lines = [line.split() for line in ended.stdout.splitlines()]
    return [set(words[1:]) for words in lines if words[:1] == ["loaded:"]]


def at_the_top(path: Path) -> Iterator[str]:
    """Dotted names that a file imports when it is loaded itself."""
    for node in parse(path).body:
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def loaded_with(path: Path) -> set[Path]:
    """A file and every module of the package that loading it loads."""
    reached, waiting = set(), {path}
    while waiting:
        reached.add(module := waiting.pop())
        files = {module_file(name) for name in at_the_top(module) if name.startswith("hqcm.")}
        waiting |= {file for file in files if file.is_file()} - reached
    return reached


def named(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in at_the_top(path)} & HEAVY


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_stage_names_no_library_that_it_does_not_need(path: Path) -> None:
    assert set().union(*map(named, loaded_with(path))) == NAMED_AT_START[path.stem]


def test_pennylane_is_named_in_one_module_beside_the_hardware() -> None:
    backend = PACKAGE / "networks" / "pennylane_backend.py"
    circuits, counting = (PACKAGE / "hardware" / f"{name}.py" for name in ("circuits", "counting"))
    assert {path for path in MODULES if "pennylane" in named(path)} == {backend, circuits, counting}
    loading = {path for path in MODULES if backend in loaded_with(path)}
    assert loading == {backend, circuits, counting, PACKAGE / "hardware" / "evaluating.py"}


@pytest.mark.slow
def test_data_stages_start_without_torch_and_load_what_they_name() -> None:
    *after_groups, after_all = loaded(DATA_STAGES)
    assert after_groups == [expected for _, expected in DATA_STAGES]
    assert after_all == after_groups[-1]


@pytest.mark.slow
def test_network_stages_load_torch_and_no_other_library_up_to_the_first_step() -> None:
    after_start, after_step = loaded(NETWORK_STAGES, STEP)
    assert after_start == NETWORK_STAGES[0][1]
    assert after_step == after_start


def test_dvc_reads_yaml_in_c() -> None:
    assert ruamel.yaml.__with_libyaml__, "requirements.txt brings ruamel.yaml.clib for this"
    for name in ("dvc.yaml", "dvc.lock", "params.yaml"):
        text = (ROOT / name).read_text()
        assert YAML(typ="safe").load(text) == YAML(typ="safe", pure=True).load(text), name


def test_every_stage_is_started() -> None:
    started = [
        stage
        for groups in (DATA_STAGES, NETWORK_STAGES)
        for stages, _ in groups
        for stage in stages
    ]
    assert (
        sorted([*started, DEVICE_STAGE])
        == sorted(NAMED_AT_START)
        == [path.stem for path in SCRIPTS]
    )
