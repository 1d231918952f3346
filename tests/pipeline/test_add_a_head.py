"""CONTRIBUTING.md, "To add a head", step by step: the new network trains, no other does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contributing import code_blocks, read_guide
from hqcm.orchestration.workspace import _CODE, replace
from pipeline_tree import ROOT
from tiny_project import TinyProject
from toy_params import toy_params
from toy_study import SIZE, write_study

GUIDE = read_guide("To add a head")
TRAINED, NEW = (f"train_classical@{name}-random-0" for name in ("counterpart", "bottleneck"))

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's code with toy parameters, these checked, its slices prepared and split."""
    for name in (*_CODE, "params.yaml"):
        replace(ROOT / name, tmp_path / name)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    toy = toy_params()
    toy["prepare"]["image_size_px"] = SIZE
    toy["train"]["max_epochs"] = 1
    change(tmp_path, {name: toy[name] for name in ("prepare", "network", "quantum", "train")})
    checked = tmp_path / "data/checked"
    checked.mkdir(parents=True)
    for name in ("params.txt", "sizes.txt"):
        (checked / name).touch()
    made, processed = tmp_path / "made", tmp_path / "data/processed"
    made.mkdir()
    write_study(made)
    processed.mkdir()
    (made / "prepared.h5").rename(processed / "slices.h5")
    (made / "split").rename(processed / "split")
    return tmp_path


def change(project: Path, changes: dict[str, Any]) -> None:
    params = yaml.safe_load((project / "params.yaml").read_text())
    for section, keys in changes.items():
        params[section] |= keys
    (project / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def follow_the_guide(project: Path) -> None:
    module = re.search(r"`(src/hqcm/networks/heads/\w+\.py)`", GUIDE)
    assert module
    assert [language for language, _ in code_blocks(GUIDE)] == ["python", "yaml", "yaml"]
    code, *parameters = (text for _, text in code_blocks(GUIDE))
    assert len(code.splitlines()) <= 30
    (project / module[1]).write_text(code)
    for text in parameters:
        change(project, yaml.safe_load(text))


def dvc(project: Path, *words: str) -> str:
    ended = TinyProject(project).start("dvc", *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_new_head_trains_its_network_and_no_other(project: Path) -> None:
    dvc(project, "repro", "--single-item", "heads", TRAINED)
    heads = project / "data/heads"
    before = {path.name: path.read_bytes() for path in heads.iterdir()}
    follow_the_guide(project)
    assert json.loads(dvc(project, "status", "--json", TRAINED)) == {}
    dvc(project, "repro", "--single-item", "heads", NEW)
    after = {path.name: path.read_bytes() for path in heads.iterdir()}
    assert after.items() - before.items() == {("bottleneck.json", after["bottleneck.json"])}
    assert before.items() <= after.items()
    assert json.loads(dvc(project, "status", "--json", TRAINED)) == {}
    described = json.loads((project / "data/checkpoints/bottleneck-random-0.json").read_text())
    # 8 values of 2 circuits down to 3, up to 4.
    assert described["n_parameters"]["head"] == 8 * 3 + 3 + 3 * 4 + 4
    assert described["params"]["variants"] == {"bottleneck": {"head": "bottleneck", "n_values": 3}}


def test_an_edit_of_the_quantum_layer_leaves_a_classical_network(project: Path) -> None:
    dvc(project, "repro", "--single-item", "heads", TRAINED)
    for name in ("quantum.py", "heads/quantum.py"):
        with (project / "src/hqcm/networks" / name).open("a") as file:
            file.write("# edited\n")
    dvc(project, "repro", "--single-item", "heads")
    assert json.loads(dvc(project, "status", "--json", TRAINED)) == {}
    with (project / "src/hqcm/networks/heads/linear.py").open("a") as file:
        file.write("# edited\n")
    dvc(project, "repro", "--single-item", "heads")
    assert TRAINED in json.loads(dvc(project, "status", "--json", TRAINED))
