"""What is read from a file is data: nothing unpickles or runs what it reads, one module unpacks."""

import ast
from pathlib import Path

import pytest

from pipeline_tree import MODULES, ROOT, SCRIPTS, parse

CODE = [*MODULES, *SCRIPTS, *ROOT.glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
# Modules whose files hold programs, or whose archives lead out of their folder.
UNSAFE_MODULES = {
    *("pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"),
    *("zipfile", "tarfile", "gzip", "bz2", "lzma", "xml", "lxml"),
    "yaml",  # its plain `load` makes objects; ours is ruamel's, which does not
}
BUILT_IN = {"eval", "exec", "compile"}
UNSAFE_CALLS = {
    *("read_pickle", "to_pickle", "unpack_archive", "extractall"),
    *("full_load", "unsafe_load", "HDFStore", "read_hdf"),
}


# Which refuses every path, link and size that it must not have: tests/fetching/test_archives.py.
# Archives in one place; the next two name an error of it. Kits travel between our own processes.
UNPACKS = {
    ROOT / "src/hqcm/fetching/archives.py": ["zipfile"],
    ROOT / "src/hqcm/heads_alone/trials.py": ["zipfile"],
    ROOT / "src/hqcm/orchestration/licences.py": ["zipfile"],
    ROOT / "src/hqcm/orchestration/runs.py": ["pickle"],
}


def unsafe(tree: ast.Module) -> list[str]:
    """What a module does that a file could misuse."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = [*origin, *(alias.name for alias in node.names)]
            found += [name for name in names if name.split(".")[0] in UNSAFE_MODULES]
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            options = {word.arg: ast.unparse(word.value) for word in node.keywords}
            is_load = name in {"torch.load", "torch.hub.load"}
            if name in BUILT_IN or name.split(".")[-1] in UNSAFE_CALLS:
                found.append(name)
            if is_load and options.get("weights_only") != "True":
                found.append(name)
            if options.get("allow_pickle", "False") != "False":
                found.append(f"{name}(allow_pickle)")
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_is_run_or_unpacked(path: Path) -> None:
    assert unsafe(parse(path)) == UNPACKS.get(path, [])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import pickle", ["pickle"]),
        ("from xml.etree import ElementTree", ["xml.etree"]),
        ("np.load(path, allow_pickle=True)", ["np.load(allow_pickle)"]),
        ("torch.load(path)", ["torch.load"]),
        ("torch.load(path, weights_only=False)", ["torch.load"]),
        ("torch.load(path, weights_only=True)", []),
        ("pd.read_pickle(path)", ["pd.read_pickle"]),
        ("shutil.unpack_archive(path)", ["shutil.unpack_archive"]),
        ("re.compile(text); np.load(path)", []),
        ("import yaml", ["yaml"]),
        ("eval(text)", ["eval"]),
    ],
)
def test_what_a_file_could_misuse_is_seen(line: str, found: list[str]) -> None:
    assert unsafe(ast.parse(line)) == found
