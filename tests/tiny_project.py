"""The project in small: a copy with a cohort of a few dozen slices, reproduced once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.workspace import _CODE, replace

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = (
    *_CODE,
    *("params.yaml", ".gitignore", ".dvc/.gitignore", ".dvc/config", ".dvc/plots"),
    *(
        "README.md",
        "Makefile",
        "run_repro.py",
        "run_study.py",
        "run_clinical.py",
        "run_verify.py",
        "publish_run.py",
        "show_experiments.py",
        "requirements.txt",
        "benchmarks",
    ),
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
    "explain": {"n_steps": 2, "n_slices": 4},
    "hardware": {"shots": [10], "n_draws": 1, "depolarising": [0.01], "readout": [0.1]},
    "uncertainty": {"n_resamples": 100},
}


class TinyProject(NamedTuple):
    """A git repository with the project in small, committed before and after its first run."""

    folder: Path

    def run(self, *words: str) -> str:
        """Run a command there; give what it printed."""
        ended = self.start(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def start(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, whether it fails or not."""
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        """That of the tests, with the project's own code."""
        return os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder / "src"),
            "DVC_NO_ANALYTICS": "1",
        }

    def commit(self, message: str) -> None:
        """All that git sees."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def restore(self) -> None:
        """Parameters and lock as they were committed; DVC finds the rest in its cache."""
        self.run("git", "checkout", "-q", "--", "params.yaml", "dvc.lock", "src")


def make_tiny_project(folder: Path) -> TinyProject:
    """Copy, reproduce and commit what git sees."""
    project = copy_tiny_project(folder)
    project.run("dvc", "repro")
    project.commit("Reproduce")
    return project


def copy_tiny_project(folder: Path) -> TinyProject:
    """Copy what is shipped, shrink the parameters and commit; nothing has run."""
    for name in SHIPPED:
        replace(ROOT / name, folder / name)
    params = read_yaml(folder / "params.yaml")
    for section, changes in SMALL.items():
        params[section] |= changes
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    # The environment of the tests, so that make has nothing to install.
    (folder / ".venv").symlink_to(sys.prefix)
    project = TinyProject(folder)
    project.run("git", "init", "-q")
    project.run("git", "config", "user.name", "test")
    project.run("git", "config", "user.email", "test@localhost")
    project.commit("Copy what is shipped")
    return project
