"""The project as syntax trees: who imports whom, which parameters a script loads."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

from hqcm.contracts.params import read_yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "hqcm"
FOLDERS = (
    *("contracts", "slices", "cohort", "formats", "phantom", "preparation", "near_duplicates"),
    *("splitting", "networks", "results", "training", "heads_alone", "evaluation"),
    *("explanation", "hardware", "scrutiny", "comparison", "cross_validation", "parameters"),
    *("paper", "ledger", "reporting", "fetching", "orchestration"),
)
SCRIPTS = sorted((ROOT / "stages").glob("*.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))
PARAMS: dict[str, Any] = read_yaml(ROOT / "params.yaml")
STAGES: dict[str, dict[str, Any]] = read_yaml(ROOT / "dvc.yaml")["stages"]
PIPELINE: dict[str, dict[str, Any]] = {
    name: stage.get("do", stage) for name, stage in STAGES.items()
}


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported_modules(path: Path) -> set[Path]:
    """Modules of the package that a file imports, at its top or within a function."""
    names = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    files = {module_file(name) for name in names if name.startswith("hqcm.")}
    return {file for file in files if file.is_file()}


def module_file(name: str) -> Path:
    return (ROOT / "src" / Path(*name.split("."))).with_suffix(".py")


def closure(path: Path) -> set[Path]:
    """Every module that a file reaches."""
    reached: set[Path] = set()
    waiting = imported_modules(path)
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting |= imported_modules(module) - reached
    return reached


def folder(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0]


def covers(declared: str, module: Path) -> bool:
    """Whether a dependency, a folder or a file, holds a module."""
    return ROOT / declared in {module, *module.parents}


def script(stage: str) -> Path:
    found = re.search(r"python (stages/\w+\.py)", PIPELINE[stage]["cmd"])
    assert found, f"{stage}: cmd must start a script of stages/"
    return ROOT / found[1]


def paths(stage: str, *kinds: str) -> set[str]:
    """Paths under `deps`, `outs`, ... of a stage."""
    listed = [entry for kind in kinds for entry in PIPELINE[stage].get(kind, [])]
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in listed}


def fillings(stage: str) -> list[dict[str, str]]:
    """What stands for ``${key}`` and ``${item.*}`` in each stage of a `foreach`."""
    section = STAGES[stage].get("foreach", "").strip("${}")
    items = PARAMS[section].items() if section else [("", {})]
    return [
        {"${key}": key, **{f"${{item.{k}}}": v for k, v in item.items()}} for key, item in items
    ]


def code(stage: str, filling: dict[str, str]) -> tuple[set[Path], set[Path]]:
    """Folders and modules that a stage declares, and the modules that it reaches.

    A module whose declared path is filled in is loaded by that name.
    """
    declared, reached = set(), closure(script(stage))
    for path in paths(stage, "deps"):
        filled = path
        for name, value in filling.items():
            filled = filled.replace(name, value)
        if filled.startswith("src/"):
            declared.add(ROOT / filled)
            reached |= {ROOT / filled, *closure(ROOT / filled)} if filled != path else set()
    return declared, reached


def loaded_params(path: Path) -> dict[str, str]:
    """Section to the name of its schema, for each `load_params` of a script."""
    found = {}
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "load_params":
            section, model = node.args
            text = ast.unparse(section).removeprefix("f").strip("'\"")
            found[re.sub(r"\{args\.(\w+)\}", r"${item.\1}", text)] = ast.unparse(model)
    return found


def imported_from(path: Path, name: str) -> str:
    """The module from which a file imports a name."""
    for node in parse(path).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return str(node.module)
    raise AssertionError(f"{path.name}: {name} must be imported")
