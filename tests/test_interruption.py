"""Stages that are stopped and killed, through their real command lines."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from hqcm.contracts.params import read_yaml
from tiny_project import ROOT, TinyProject

N_EPOCHS = 40


class Training:
    """The stage `train_hybrid` on the slices of the small project, in a folder of its own."""

    def __init__(self, tiny: TinyProject, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        params = read_yaml(tiny.folder / "params.yaml")
        params["train"] |= {"max_epochs": N_EPOCHS, "early_stopping_patience": N_EPOCHS}
        (folder / "params.yaml").write_text(yaml.safe_dump(params))
        data = tiny.folder / "data" / "processed"
        self._words = [
            *(sys.executable, str(ROOT / "stages" / "train_hybrid.py")),
            *("--variant", "paper", "--seed", "0"),
            *("--prepared", str(data / "slices.h5"), "--split", str(data / "split/random.csv")),
            *("--checkpoint", "paper.safetensors", "--steps", "steps.csv"),
            *("--history", "history.csv", "--unfinished", "state/paper.safetensors"),
        ]

    def start(self) -> "subprocess.Popen[str]":
        # Whoever runs the tests in the background has them ignore Ctrl-C; the stage must not.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        return subprocess.Popen(
            self._words, cwd=self.folder, env=environment, stderr=subprocess.PIPE, text=True
        )

    def finish(self) -> None:
        """To its end, which must be a good one."""
        process = self.start()
        _, told = process.communicate(timeout=300)
        assert process.returncode == 0, told

    def wait_for_epochs(self, process: "subprocess.Popen[str]", n_epochs: int) -> None:
        history = self.folder / "history.csv"
        while process.poll() is None:
            if history.exists() and len(history.read_text().splitlines()) > n_epochs:
                return
            time.sleep(0.01)

    def read(self) -> dict[str, bytes]:
        """What it has left, but for the JSON's and the file system's own."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tiny: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    training = Training(tiny, tmp_path_factory.mktemp("undisturbed") / "run")
    training.finish()
    left = training.read()
    assert sorted(left) == [
        *("history.csv", "paper.json", "paper.safetensors", "params.yaml", "steps.csv")
    ]
    return left


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_killed_training_goes_on(
    tiny: TinyProject, tmp_path: Path, undisturbed: dict[str, bytes], seed: int
) -> None:
    """Killed in every thirteenth epoch, a moment later each time."""
    moments = np.random.default_rng(seed)
    training = Training(tiny, tmp_path / "run")
    for n_epochs in range(1, N_EPOCHS, 13):
        process = training.start()
        training.wait_for_epochs(process, n_epochs)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.communicate()
    training.finish()
    left = {name: data for name, data in training.read().items() if ".partial-" not in name}
    assert left == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_stage_says_how_to_go_on(
    tiny: TinyProject, tmp_path: Path, undisturbed: dict[str, bytes], sign: signal.Signals
) -> None:
    training = Training(tiny, tmp_path / "run")
    process = training.start()
    training.wait_for_epochs(process, 2)
    process.send_signal(sign)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "train_hybrid.py: stopped; start it again to go on"
    assert "Traceback" not in told
    assert not (tmp_path / "run" / "paper.safetensors").exists()
    training.finish()
    assert training.read() == undisturbed
