"""A network's file says what its head is made of: no edit elsewhere changes it."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from hqcm.networks.head_code import write_head_code
from hqcm.networks.variants import Variants
from pipeline_tree import PACKAGE, ROOT

VARIANTS = Variants.model_validate(yaml.safe_load((ROOT / "params.yaml").read_text())["variants"])
HYBRID = {name for name, variant in VARIANTS.root.items() if variant.head == "quantum"}


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    copy = tmp_path / "networks"
    shutil.copytree(PACKAGE / "networks", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def written(networks: Path, name: str) -> dict[str, bytes]:
    folder = networks.parent / name
    write_head_code(networks, VARIANTS.root, folder)
    return {path.stem: path.read_bytes() for path in folder.iterdir()}


def test_names_what_a_head_imports_and_training_does_not(networks: Path) -> None:
    files = {name: json.loads(text) for name, text in written(networks, "heads").items()}
    assert files.keys() == VARIANTS.root.keys()
    assert files["resnet18"] == {"head": None, "modules": {}}
    assert files["counterpart"]["head"] == "linear"
    expected = {
        "paper": {"heads/quantum.py", "quantum.py", "circuit.py", "pennylane_backend.py"},
        "counterpart": {"heads/linear.py"},
        "matched": {"heads/matched.py"},
        "normalised": {"heads/normalised.py", "chunks.py"},
        "quadratic": {"heads/quadratic.py", "chunks.py"},
        "identity": {"heads/identity.py"},
    }
    assert {name: set(files[name]["modules"]) for name in expected} == expected


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        ("heads/new.py", set()),
        ("heads/linear.py", {"counterpart", "counterpart_relu", "counterpart_released"}),
        ("quantum.py", HYBRID),
        ("pennylane_backend.py", HYBRID),
        ("chunks.py", {"normalised", "quadratic"}),
        ("network.py", set()),  # which `dvc.yaml` lists
        ("heads/__init__.py", set()),
    ],
)
def test_an_edit_changes_the_files_of_those_who_use_it(
    networks: Path, edited: str, changed: set[str]
) -> None:
    before = written(networks, "before")
    with (networks / edited).open("a") as file:
        file.write("# edited\n")
    after = written(networks, "after")
    assert {name for name in VARIANTS.root if before[name] != after[name]} == changed
