"""dvc.yaml lists exactly the code and the parameters that each stage uses."""

import ast
import importlib
import re
from pathlib import Path, PurePath
from typing import Any

import pytest

from hqcm.contracts.params import View
from hqcm.networks.variants import _HEADS
from pipeline_tree import (
    FOLDERS,
    MODULES,
    PACKAGE,
    PARAMS,
    PIPELINE,
    SCRIPTS,
    closure,
    code,
    covers,
    fillings,
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
HEAD_FILES = [PACKAGE / "networks" / "heads" / f"{name}.py" for name in _HEADS]
TORCH_FOLDERS = FOLDERS[FOLDERS.index("networks") :]
FORMATS_BY_NAME = PACKAGE / "formats" / "convert.py"  # loads formats: docs/decisions/0017


def schema(path: Path, name: str) -> Any:
    return getattr(importlib.import_module(imported_from(path, name)), name)


def is_view(model: Any) -> bool:
    return model.model_config.get("extra") == "ignore"


RUNS = [(stage, filling) for stage in PIPELINE for filling in fillings(stage)]


@pytest.mark.parametrize(
    ("stage", "filling"), RUNS, ids=[" ".join([s, *f.values()]) for s, f in RUNS]
)
def test_code_dependencies_are_what_the_imports_reach(stage: str, filling: dict[str, str]) -> None:
    scripts = {path for path in paths(stage, "deps") if path.startswith("stages/")}
    assert scripts == {f"stages/{script(stage).name}"}
    declared, reached = code(stage, filling)
    assert {path for path in declared if not any(m.is_relative_to(path) for m in reached)} == set()
    assert {m for m in reached if not any(m.is_relative_to(path) for path in declared)} == set()


def test_a_format_is_of_its_sources_alone_and_the_phantom_of_none() -> None:
    formats, around = PACKAGE / "formats", {"convert.py", "native_format.py", "reading.py"}
    for filling in fillings("convert"):
        declared, _ = code("convert", filling)
        assert {path.name for path in declared if path.is_relative_to(formats)} == {
            *(*around, f"{filling['${item.format}']}.py")
        }
        assert not any(path.is_relative_to(PACKAGE / "phantom") for path in declared)
        assert not any(formats.is_relative_to(path) for path in declared)  # a new file changes it
    ((declared, _),) = (code("acquire", filling) for filling in fillings("acquire"))
    assert not any(path.is_relative_to(formats) for path in declared)


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
    used = set(PARAMS) if stage == "check" else set()
    for section, name in loaded_params(script(stage)).items():
        model = schema(script(stage), name)
        keys = [f"{section}.{key}" for key in model.model_fields]
        used |= set(keys) if is_view(model) else {section.replace("${item.source}", "${key}")}
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
    del fields["variants"]  # as a whole, for the stages `heads` and `sizes`
    variants, source = (fields.pop(f"{s}s.${{item.{s}}}") for s in ("variant", "source"))
    for head in _HEADS:
        variants |= set(importlib.import_module(f"hqcm.networks.heads.{head}").Params.model_fields)
    assert all(set(section) == source for section in PARAMS["sources"].values())
    fields.pop("sources")  # all of them: `prepare` wants their names
    named = {"variants", "sources"}
    assert fields == {
        section: set(keys) for section, keys in PARAMS.items() if section not in named
    }
    keys = {key for section in PARAMS["variants"].values() for key in section}
    written = {"learning_rate", "base"}  # by `make study`
    no_section_has = {"input_batch_norm", "initial_weights"}  # yet; section `network` has them
    assert variants == keys | written | no_section_has


def test_a_view_is_not_a_section() -> None:
    assert is_view(View)


@pytest.mark.parametrize("stage", PIPELINE)
def test_every_path_of_the_command_is_declared(stage: str) -> None:
    named = set(re.findall(NAMED_PATH, PIPELINE[stage]["cmd"]))
    declared = paths(stage, "deps", "outs", "metrics", "plots")
    # What a stage that was cut short leaves for its next start is nobody else's.
    named -= {path for path in named if path.startswith("data/unfinished/")}
    assert {path for path in named if not declared & {path, str(PurePath(path).parent)}} == set()
    # Beside a named file may lie another of its stem (OUT.h5, OUT.rejected.csv), or its folder;
    # what a head is made of stands for code; what was checked before is not read.
    stems = {path.rpartition(".")[0] or path for path in named}
    for path in declared - named:
        near = any(path.startswith(stem + ".") or stem.startswith(path + "/") for stem in stems)
        assert near or path.startswith(("src/", "data/heads/", "data/checked/")), path


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
        if isinstance(node, ast.Import | ast.ImportFrom) and module not in {
            BY_NAME,
            FORMATS_BY_NAME,
        }:
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
