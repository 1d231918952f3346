"""What each head is made of, for DVC to compare: what the loading by name hides from the imports.

A trained network depends on the modules that every network imports, which `dvc.yaml` lists one by
one, and on those that its own head reaches beside them, which are hashed here: so a new head, or an
edit of one, leaves all networks with other heads as they are (docs/decisions/0018).
"""

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from hqcm.networks.variants import Variant

_PACKAGE = "hqcm.networks."


def write_head_code(networks: Path, variants: Mapping[str, Variant], folder: Path) -> None:
    """Write ``<variant>.json``: its head's name, and module -> MD5 of what only heads reach.

    Args:
        networks: the folder of this package.
        variants: section `variants`; one with a body has no head and no modules.
        folder: is made.
    """
    shared = _reach(networks, networks / "network.py")
    folder.mkdir()
    for name, variant in variants.items():
        head = networks / "heads" / f"{variant.head}.py"
        modules = _reach(networks, head) - shared if variant.head else set()
        hashes = {
            path.relative_to(networks).as_posix(): hashlib.md5(
                path.read_bytes(), usedforsecurity=False
            ).hexdigest()
            for path in sorted(modules)
        }
        described = {"head": variant.head, "modules": hashes}
        (folder / f"{name}.json").write_text(json.dumps(described, indent=1) + "\n")


def _reach(networks: Path, module: Path) -> set[Path]:
    """The module and all of the folder that its imports lead to, those in functions too."""
    reached: set[Path] = set()
    waiting = {module}
    while waiting:
        reached.add(module := waiting.pop())
        waiting |= _imports(networks, module) - reached
    return reached


def _imports(networks: Path, module: Path) -> set[Path]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    within = {name.removeprefix(_PACKAGE) for name in names if name.startswith(_PACKAGE)}
    files = {networks.joinpath(*name.split(".")).with_suffix(".py") for name in within}
    return {file for file in files if file.is_file()}
