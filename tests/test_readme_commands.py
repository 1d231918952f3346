"""Every command of README and docs/commands.md, run to its end on the project in small."""

import re
import shlex
import shutil
from collections.abc import Iterator

import pytest

from tiny_project import ROOT, TinyProject

pytestmark = pytest.mark.slow

# A study of one run each; those of the table would train sixty networks.
ONE_RUN = {"make study": ["SEEDS=0", "PROTOCOLS=random"]}
# What `test_end_to_end.py` runs and looks into.
RUN_ELSEWHERE = {
    *("dvc repro", "dvc exp run -S quantum.depth=3", "dvc metrics diff", "dvc plots show"),
}
# Measure for minutes or hours and have nothing small; `test_end_to_end.py` runs `make verify`.
MEASURED = {
    "make bench",
    "make coverage STUDY=cv-64px",
    "make verify",
    "make roundings",
    "make identify",
    "make soak",
}
# Needs a study that has run; `heads_alone/test_trials.py` runs the script.
AFTER_A_STUDY = 'make heads STUDY=tuned FEATURES="paper_lr001 counterpart_lr001"'
# Install tools of their own, or ask the network; `test_run_clinical.py` runs the last one.
TOOLS = {"make fuzz", "make audit", "make clinical"}


def read_commands() -> list[str]:
    """The first column of the table: one command or more between backticks."""
    text = "\n".join((ROOT / name).read_text() for name in ("README.md", "docs/commands.md"))
    rows = dict.fromkeys(re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE))
    commands = [command for row in rows for command in re.findall("`([^`]+)`", row)]
    return [*dict.fromkeys(name for name in commands if name.startswith(("dvc ", "make ")))]


COMMANDS = [
    name
    for name in read_commands()
    if name not in MEASURED | RUN_ELSEWHERE | TOOLS | {AFTER_A_STUDY}
]
STUDIES = [command for command in COMMANDS if command.startswith("make study")]


@pytest.fixture
def project(tiny: TinyProject) -> Iterator[TinyProject]:
    yield tiny
    tiny.restore()


def run_to_its_end(project: TinyProject, command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":  # the environment is there
        words[1:1] = ["-o", ".venv/installed", "-o", ".venv/installed-dev"]
        words += ONE_RUN.get(" ".join(shlex.split(command)[:2]), [])
    clinical = project.folder / "data/raw/clinical"
    if "clinical" in command and not clinical.exists():
        shutil.copytree(project.folder / "data/raw/phantom", clinical)
    assert "ERROR" not in project.run(*words)


class TestStudies:
    """In a class, for what runs in one process is a class: these take as long as all others."""

    @pytest.mark.parametrize("command", STUDIES)
    def test_runs_to_its_end(self, project: TinyProject, command: str) -> None:
        run_to_its_end(project, command)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in STUDIES])
def test_runs_to_its_end(project: TinyProject, command: str) -> None:
    run_to_its_end(project, command)


def test_the_table_is_read() -> None:
    assert {"make study", *RUN_ELSEWHERE, *MEASURED} <= set(read_commands())
    run = (ROOT / "tests" / "test_end_to_end.py").read_text()
    for command in RUN_ELSEWHERE:
        assert ", ".join(f'"{word}"' for word in shlex.split(command)) in run, command
