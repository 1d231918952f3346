"""The house stays one to live in: rooms of a sensible size, doors that are used."""

import ast
import re
from pathlib import Path

import pytest

from pipeline_tree import (
    MODULES,
    PACKAGE,
    PIPELINE,
    ROOT,
    SCRIPTS,
    closure,
    code,
    covers,
    fillings,
    parse,
)

FEWEST_LINES, MOST_LINES = 25, 320
MOST_MODULES, MOST_LINES_IN_ALL = 175, 23_800
LEAST_SHARE_USED, LEAST_SHARE_REACHED = 0.8, 0.75

ROOMS = [module for module in MODULES if module.name != "__init__.py"]


def length(module: Path) -> int:
    return len(module.read_text().splitlines())


def public_names(module: Path) -> set[str]:
    """What a module defines at its top and does not mark as its own."""
    names: set[str] = set()
    for node in parse(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def used_names(path: Path) -> set[tuple[str, str]]:
    """(module, name) of everything that a file imports from the package."""
    return {
        (str(node.module), alias.name)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_house_has_few_rooms() -> None:
    assert len(ROOMS) <= MOST_MODULES
    assert sum(map(length, MODULES)) <= MOST_LINES_IN_ALL


@pytest.mark.parametrize("module", ROOMS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_is_one_thought_whole(module: Path) -> None:
    least = 1 if module.parent.name == "heads" else FEWEST_LINES
    assert least <= length(module) <= MOST_LINES


def test_most_public_names_have_a_user_elsewhere() -> None:
    commands = [ROOT / f"{name}.py" for name in ("run_study", "run_heads", "publish_run")]
    users = [*ROOMS, *SCRIPTS, *commands, *(ROOT / "benchmarks").glob("*.py")]
    used = set().union(*map(used_names, users))
    public = {
        (".".join(module.relative_to(ROOT / "src").with_suffix("").parts), name)
        for module in ROOMS
        for name in public_names(module)
    }
    assert len(public & used) >= LEAST_SHARE_USED * len(public)


@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in PACKAGE.rglob("*/__init__.py")),
    ids=lambda path: path.name,
)
def test_every_room_has_its_guide(folder: Path) -> None:
    guide = ast.get_docstring(parse(folder / "__init__.py")) or ""
    assert len(guide.splitlines()) > 3, "what belongs here, what does not"
    assert re.search(r"^To (add|show|change|publish) ", guide, re.MULTILINE), "how to add one"


@pytest.mark.parametrize("stage", PIPELINE)
def test_a_stage_reaches_most_of_what_it_declares(stage: str) -> None:
    """Else its boundary is badly placed: edits elsewhere run it again."""
    heads = {*ROOMS} & {module for module in MODULES if module.parent.name == "heads"}
    for filling in fillings(stage):
        declared, reached = code(stage, filling)
        if PACKAGE / "networks" / "network.py" in reached:  # which loads the heads by name
            reached |= heads.union(*map(closure, heads))
        # A folder that the command reads is no code of the stage, though it holds code.
        paths = [
            p for p in declared if p.relative_to(ROOT).as_posix() not in PIPELINE[stage]["cmd"]
        ]
        modules = [m for m in ROOMS if any(covers(str(p.relative_to(ROOT)), m) for p in paths)]
        assert len(reached & {*modules}) >= LEAST_SHARE_REACHED * len(modules)


def test_an_edited_result_schema_retrains_nothing() -> None:
    for stage, declared in PIPELINE.items():
        if stage.startswith("train"):
            code = " ".join(path for path in declared["deps"] if path.startswith("src/"))
            for folder in ("results", "evaluation", "comparison", "scrutiny", "reporting"):
                assert folder not in code
