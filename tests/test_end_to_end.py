"""The whole pipeline through DVC's own command line, on a cohort of a few dozen slices."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.workspace import CODE

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = (
    *CODE,
    *("params.yaml", ".gitignore", ".dvc/.gitignore", ".dvc/config", ".dvc/plots"),
)
SMALL = {
    "phantom": {
        "n_healthy_dicom": 8,
        "n_patients": 6,
        "n_slices_per_patient": 2,
        "n_healthy_images": 8,
        "n_images_per_tumour": 8,
    },
    "prepare": {"image_size_px": 32},
    "network": {"filters": [8, 8, 8]},
    "train": {"max_epochs": 2, "batch_size": 16, "precision": "float32", "device": "cpu"},
    "embed": {"perplexity": 2.0},
    "explain": {"n_steps": 2},
    "hardware": {"shots": [10], "n_draws": 1, "depolarising": [0.01], "readout": [0.1]},
}
TRAINED, PREDICTED = "train_hybrid@paper-random-0", "predict_hybrid@paper-random-0"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run a command in a small copy of the project, and give what it printed."""
    project = tmp_path_factory.mktemp("project")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "1",
    }

    def command(*words: str) -> str:
        done = subprocess.run(
            words, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    for name in SHIPPED:
        source, target = ROOT / name, project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg*"))
        else:
            shutil.copy(source, target)
    params = read_yaml(project / "params.yaml")
    for section, changes in SMALL.items():
        params[section] |= changes
    (project / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    command("git", "init", "-q")
    command("git", "config", "user.name", "test")
    command("git", "config", "user.email", "test@localhost")
    command("dvc", "repro")
    command("git", "add", "-A")
    command("git", "commit", "-qm", "Reproduce")
    command.project = project  # type: ignore[attr-defined]
    return command


@pytest.fixture
def project(run: Callable[..., str]) -> Path:
    folder: Path = run.project  # type: ignore[attr-defined]
    return folder


def stages_run(printed: str) -> set[str]:
    return set(re.findall(r"Running stage '([^']+)'", printed))


def test_leaves_every_result(project: Path) -> None:
    metrics = json.loads((project / "reports/metrics.json").read_text())
    assert metrics["random"].keys() == {"paper", "counterpart"}
    assert 0 <= metrics["random"]["paper"]["accuracy"] <= 1
    localisation = json.loads((project / "reports/localisation.json").read_text())
    assert localisation["random"].keys() == {"0.99", "0.90", "0.75"}
    assert len(list((project / "reports/figures").glob("*.png"))) == 13
    hardware = json.loads((project / "reports/hardware.json").read_text())
    assert hardware["exact"]["value"] == metrics["random"]["paper"]["accuracy"]
    claims = json.loads((project / "reports/claims.json").read_text())
    assert {claim["verdict"] for claim in claims["claims"]} == {
        *("impossible as printed", "not tested on this cohort")
    }
    assert "Table 1" in (project / "reports/report.md").read_text()
    assert 'src="data:image/png' in (project / "reports/index.html").read_text()


def test_losses_are_those_of_the_first_day(project: Path) -> None:
    """Literal values: a change of data, network, loss or order of random numbers shows here."""
    losses = {
        variant: pd.read_csv(project / f"reports/history/{variant}-random-0.csv")["train_loss"][0]
        for variant in ("paper", "counterpart")
    }
    # Another machine rounds otherwise, and the steps of 0.01 amplify that.
    assert losses == pytest.approx({"paper": 2.22951, "counterpart": 3.20189}, abs=1e-3)


def test_nothing_of_this_machine_in_the_results(project: Path) -> None:
    for path in [*(project / "reports").rglob("*"), *(project / "data/checkpoints").glob("*.json")]:
        if path.suffix in {".json", ".csv", ".md", ".html"}:
            assert str(project) not in path.read_text()
            assert str(ROOT) not in path.read_text()


def test_a_second_run_does_nothing(run: Callable[..., str]) -> None:
    printed = run("dvc", "repro")
    assert stages_run(printed) == set()
    assert "Data and pipelines are up to date" in printed


def test_reporting_retrains_nothing(run: Callable[..., str], project: Path) -> None:
    palette = project / "src/hqcm/reporting/figures/drawing.py"
    original = palette.read_text()
    palette.write_text(original + "\n# another idea of colour\n")
    assert stages_run(run("dvc", "repro")) <= {"figures", "report"}
    palette.write_text(original)
    run("dvc", "repro")


def test_depth_retrains_the_hybrid_only(run: Callable[..., str], project: Path) -> None:
    stages = stages_run(run("dvc", "exp", "run", "-S", "quantum.depth=3"))
    assert {stage for stage in stages if "@" in stage} == {
        TRAINED,
        TRAINED.replace("train", "predict"),
    }
    assert (
        json.loads((project / "data/checkpoints/paper-random-0.json").read_text())["params"][
            "quantum"
        ]["depth"]
        == 3
    )
    assert "reports/metrics.json" in run("dvc", "metrics", "diff")
    run("dvc", "plots", "show")
    page = (project / "dvc_plots/index.html").read_text()
    assert "paper-random-0.csv" in page
    for folder in ("confusion", "roc", "reliability", "jaccard", "embedding"):
        assert f"reports/{folder}/paper-random.csv" in page
