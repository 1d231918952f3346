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

# Each takes a second or more to load.
HEAVY = {"torch", "torchvision", "pennylane", "matplotlib", "sklearn", "nilearn"}
ALLOWED = {
    "check": {"nilearn", "sklearn", "torch"},
    "sizes": {"sklearn", "torch"},
    "acquire": {"nilearn"},
    "split": {"sklearn"},
    "train_hybrid": {"torch"},
    "train_classical": {"torch"},
    "predict": {"torch"},
    "explain": {"torch"},
    "hardware": {"torch", "pennylane"},
    "evaluate": {"sklearn"},
    "scrutiny": {"sklearn"},
    "compare": {"sklearn"},
    "report": {"matplotlib"},
}
"""What a stage may load before it works; no other stage may load any of them."""

START = """
import json, runpy, sys
for script in json.loads(sys.argv[1]):
    sys.argv = [script, "--help"]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        assert end.code == 0, script
print("loaded:", *{name.partition(".")[0] for name in sys.modules})
"""


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
    named_by_any = set().union(*map(named, loaded_with(path)))
    assert named_by_any <= ALLOWED.get(path.stem, set())


def test_pennylane_is_the_backend_s_and_the_hardware_s() -> None:
    naming = {path.relative_to(PACKAGE) for path in MODULES if "pennylane" in named(path)}
    assert naming == {Path("networks/pennylane_backend.py"), Path("hardware/circuits.py")}


@pytest.mark.slow
def test_light_stages_start_without_a_heavy_library() -> None:
    light = [str(path) for path in SCRIPTS if path.stem not in ALLOWED]
    ended = subprocess.run(
        [sys.executable, "-c", START, json.dumps(light)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    loaded = next(line for line in ended.stdout.splitlines() if line.startswith("loaded:"))
    assert not set(loaded.split()) & HEAVY


def test_dvc_reads_yaml_in_c() -> None:
    assert ruamel.yaml.__with_libyaml__, "requirements.txt brings ruamel.yaml.clib for this"
    for name in ("dvc.yaml", "dvc.lock", "params.yaml"):
        text = (ROOT / name).read_text()
        assert YAML(typ="safe").load(text) == YAML(typ="safe", pure=True).load(text), name
