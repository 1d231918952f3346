"""dvc.yaml lists exactly the code and the parameters that each stage uses."""

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from hqcm.contracts.params import View, read_yaml
from hqcm.networks.variants import HEADS
from pipeline_tree import (
    FOLDERS,
    MODULES,
    PACKAGE,
    PIPELINE,
    ROOT,
    SCRIPTS,
    closure,
    covers,
    folder,
    imported_from,
    imported_modules,
    loaded_params,
    parse,
    paths,
    script,
)

NAMED_PATH = re.compile(r"\b(?:(?:data|docs|reports|stages)/\S+|CITATION\.cff)")
BY_NAME = PACKAGE / "networks" / "network.py"  # loads heads: docs/decisions/0018
HEAD_FILES = [PACKAGE / "networks" / "heads" / f"{name}.py" for name in HEADS]
TORCH_FOLDERS = FOLDERS[FOLDERS.index("networks") :]
PARAMS: dict[str, Any] = read_yaml(ROOT / "params.yaml")


def schema(path: Path, name: str) -> Any:
    return getattr(importlib.import_module(imported_from(path, name)), name)


def is_view(model: Any) -> bool:
    return model.model_config.get("extra") == "ignore"


@pytest.mark.parametrize("stage", PIPELINE)
def test_code_dependencies_are_what_the_imports_reach(stage: str) -> None:
    declared = {path for path in paths(stage, "deps") if path.startswith("src/")}
    reached = closure(script(stage))
    for module in reached:
        assert sum(covers(path, module) for path in declared) == 1, module
    for path in declared:
        assert any(covers(path, module) for module in reached), path
    assert f"stages/{script(stage).name}" in paths(stage, "deps")


@pytest.mark.parametrize("stage", PIPELINE)
def test_heads_loaded_by_name_are_dependencies(stage: str) -> None:
    """All of them or, where one network is trained, what `data/heads` says of its own."""
    if BY_NAME not in closure(script(stage)):
        return
    declared = paths(stage, "deps")
    own = "data/heads/${item.variant}.json"
    of_all = {module for head in HEAD_FILES for module in (head, *closure(head))}
    for module in of_all - closure(script(stage)):
        is_hashed = own in declared and folder(module) == "networks"
        assert sum(covers(path, module) for path in declared) + is_hashed == 1, module
    assert (own in declared) == stage.startswith(("train", "predict"))


@pytest.mark.parametrize("stage", PIPELINE)
def test_declared_parameters_are_those_loaded(stage: str) -> None:
    used = set()
    for section, name in loaded_params(script(stage)).items():
        model = schema(script(stage), name)
        keys = [f"{section}.{key}" for key in model.model_fields]
        used |= set(keys) if is_view(model) else {section}
    assert set(PIPELINE[stage].get("params", [])) == used


def test_parameters_are_loaded_by_stages_only() -> None:
    callers = {
        module.relative_to(PACKAGE).as_posix()
        for module in MODULES
        if re.search(r"\bload_params\(", module.read_text())
    }
    assert callers == {"contracts/params.py"}


def test_every_key_has_a_field_and_every_field_a_key() -> None:
    fields: dict[str, set[str]] = {}
    for path in SCRIPTS:
        for section, name in loaded_params(path).items():
            model = schema(path, name)
            if not is_view(model):
                fields.setdefault(section, set()).update(model.model_fields)
    del fields["variants"]  # as a whole, for the stage `heads`
    variants = fields.pop("variants.${item.variant}")
    assert not fields.pop("variants")  # whatever the names
    for head in HEADS:
        variants |= set(importlib.import_module(f"hqcm.networks.heads.{head}").Params.model_fields)
    sections = {section: set(keys) for section, keys in PARAMS.items() if section != "variants"}
    assert fields == sections
    keys = {key for section in PARAMS["variants"].values() for key in section}
    assert variants == keys | {"learning_rate", "base"}  # which `make study` writes


def test_a_view_is_not_a_section() -> None:
    assert is_view(View)


@pytest.mark.parametrize("stage", PIPELINE)
def test_every_path_of_the_command_is_declared(stage: str) -> None:
    named = set(re.findall(NAMED_PATH, PIPELINE[stage]["cmd"]))
    declared = paths(stage, "deps", "outs", "metrics", "plots")
    assert named <= declared
    # Beside a named file may lie another of its stem (OUT.h5, OUT.rejected.csv); what a head is
    # made of stands for code.
    stems = {path.rpartition(".")[0] or path for path in named}
    for path in declared - named:
        assert path.startswith(("src/", "data/heads/")) or any(
            path.startswith(stem + ".") for stem in stems
        ), path


@pytest.mark.parametrize("stage", PIPELINE)
def test_every_stage_says_what_it_does(stage: str) -> None:
    assert len(PIPELINE[stage]["desc"]) > 30


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_data_flows_down_the_list_of_folders(module: Path) -> None:
    if module.parent == PACKAGE:
        return
    allowed = FOLDERS[: FOLDERS.index(folder(module)) + 1]
    assert {folder(imported) for imported in imported_modules(module)} <= set(allowed)


@pytest.mark.parametrize("module", [*MODULES, *SCRIPTS], ids=lambda path: path.stem)
def test_imports_can_be_read_off_the_syntax(module: Path) -> None:
    for node in ast.walk(parse(module)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "no relative imports"
            assert node.module != "hqcm", "import the module, not the package"
        if isinstance(node, ast.Import | ast.ImportFrom) and module != BY_NAME:
            assert "importlib" not in ast.unparse(node) or "importlib.metadata" in ast.unparse(node)
    if module.name == "__init__.py":
        assert len(parse(module).body) == 1, "a docstring and nothing else"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_stage_scripts_only_join(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 40
    main = next(node for node in parse(path).body if isinstance(node, ast.FunctionDef))
    for node in ast.walk(main):
        assert not isinstance(node, ast.For | ast.While | ast.Try | ast.If | ast.ListComp)
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, int | float) or isinstance(node.value, bool)


def test_every_script_is_a_stage() -> None:
    assert {script(stage) for stage in PIPELINE} == set(SCRIPTS)


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=lambda path: path.stem)
def test_data_code_does_not_import_torch(path: Path) -> None:
    heavy = {"torch", "torchvision", "pennylane"}
    light = path in SCRIPTS and "training" not in {folder(m) for m in closure(path)}
    if not light and (path.parent == PACKAGE or path in SCRIPTS or folder(path) in TORCH_FOLDERS):
        return
    for module in [path, *closure(path)]:
        for node in ast.walk(parse(module)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not heavy & {name.partition(".")[0] for name in names}, module
