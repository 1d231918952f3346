"""A wrong parameter is one line before any work, through DVC's own command line."""

import re

import pytest

from hqcm.contracts.params import read_yaml
from tiny_project import TinyProject, copy_tiny_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """Where nothing has run yet."""
    return copy_tiny_project(tmp_path_factory.mktemp("fresh"))


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        (
            "study.hybrid=[paper,paper]",
            "study.hybrid: must name each once; paper comes twice; got ['paper', 'paper']",
        ),
        ("study.seeds=[0,0]", "study.seeds: must name each once; 0 comes twice; got [0, 0]"),
        (
            "train.learning_rate=-1e-05",
            "train.learning_rate: Input should be greater than 0; got -1e-05",
        ),
    ],
)
def test_it_is_said_first_and_nothing_runs(fresh: TinyProject, setting: str, line: str) -> None:
    ended = fresh.start("dvc", "exp", "run", "-S", setting)
    assert ended.returncode != 0
    assert re.findall(r"Running stage '([^']+)'", ended.stdout) == ["check"]
    assert f"params.yaml: {line}" in ended.stderr.splitlines()
    assert "Traceback" not in ended.stderr
    fresh.run("git", "checkout", "-q", "--", "params.yaml")


def test_a_small_number_stays_one(fresh: TinyProject) -> None:
    fresh.run("dvc", "exp", "run", "-S", "train.learning_rate=1e-05", "check")
    path = fresh.folder / "params.yaml"
    assert "learning_rate: 1e-05" in path.read_text()
    assert read_yaml(path)["train"]["learning_rate"] == 0.00001
