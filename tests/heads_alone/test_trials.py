"""Trials: features of a trained network, results that are kept, rates chosen on validation."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from torch import nn

from hqcm.contracts.params import ParamsError
from hqcm.heads_alone import trials
from hqcm.heads_alone.features import read_maps
from hqcm.heads_alone.stacked import Trained
from hqcm.heads_alone.trials import (
    Files,
    Plan,
    Trial,
    read_slices,
    read_trials,
    run_trials,
    write_slices,
)
from hqcm.networks.network import AttentionNetwork, build_network
from hqcm.slices.split_file import PARTS
from hqcm.slices.stacks import read_stack
from hqcm.slices.store import Slice
from hqcm.slices.writer import SliceWriter
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.inference import InferenceParams
from hqcm.training.loop import Trained as TrainedNetwork
from toy_params import toy_params

ROOT = Path(__file__).resolve().parents[2]
CPU = InferenceParams(device="cpu", precision="float32", batch_size=5)
PLAN = Plan((0.001, 0.01), n_seeds=3, n_searching=2)
N = 36  # slices, a third of them in each part


@pytest.fixture
def processed(tmp_path: Path) -> Path:
    """Prepared slices, two of a patient, with split, near-duplicates and pseudonyms."""
    folder = tmp_path / "project/.study/toy/data/processed"
    (folder / "split").mkdir(parents=True)
    names = [f"figshare/patient-{i}" for i in range(N)]
    generator = np.random.default_rng(0)
    with SliceWriter(folder / "slices.h5") as writer:
        for i, name in enumerate(names):
            image = generator.integers(0, 256, (16, 16), np.uint8)
            writer.add(Slice(name, "figshare", f"patient-{i // 2}", i % 4, image, None))
    parts = {"part": [PARTS[i % 3] for i in range(N)]}
    pd.DataFrame({"slice_id": names} | parts).to_csv(folder / "split/cv_1_1.csv", index=False)
    groups = {"duplicate_group": names}
    pd.DataFrame({"slice_id": names} | groups).to_csv(folder / "duplicates.csv", index=False)
    hidden = {"pseudonym": [f"p{i}" for i in range(N)]}
    pd.DataFrame({"slice_id": names} | hidden).to_csv(folder / "slices.pseudonyms.csv", index=False)
    return folder


def save_network(folder: Path, name: str, seed: int) -> Path:
    """A network that is taken for trained."""
    torch.manual_seed(seed)
    network = TrainedNetwork(build_network("paper", toy_params()), 1, 1, 0.01, "cpu", "float32")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    save_checkpoint(path, network, "paper", seed, toy_params())
    return path


def files_of(processed: Path, tmp_path: Path, seed: int = 0) -> Files:
    checkpoint = save_network(processed.parent / "checkpoints", "paper-cv_1_1-0", seed)
    store, split = processed / "slices.h5", processed / "split/cv_1_1.csv"
    return Files(checkpoint, store, split, tmp_path / "heads")


def test_the_features_are_what_enters_the_projection(processed: Path) -> None:
    torch.manual_seed(0)
    network = build_network("paper", toy_params()).eval()
    assert isinstance(network, AttentionNetwork)
    stack = read_stack(processed / "slices.h5", [f"figshare/patient-{i}" for i in range(7)])
    maps = read_maps(network, stack, CPU)
    with torch.no_grad():
        images = torch.from_numpy(stack.images)[:, None].float() / 255
        attended, _ = network.attention(network.features(images))
        logits = network.classifier(network.head(network.projection(maps.maps)))
        expected = network(images).logits
    torch.testing.assert_close(maps.maps, attended.flatten(1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    assert maps.labels.tolist() == [i % 4 for i in range(7)]
    with pytest.raises(ParamsError, match="a network with a projection; got one without"):
        read_maps(build_network("resnet18", toy_params()), stack, CPU)


def test_a_finished_trial_is_repeated_only_where_something_else_goes_in(
    processed: Path, tmp_path: Path
) -> None:
    params, files = toy_params(), files_of(processed, tmp_path)
    both = [Trial("paper", "cv_1_1", head) for head in ("paper", "counterpart")]
    assert list(run_trials(both[:1], params, PLAN, files)) == both[:1]
    before = both[0].path(files.results).read_bytes()
    assert list(run_trials(both, params, PLAN, files)) == both[1:]
    assert list(run_trials(both, params, PLAN, files)) == []
    assert both[0].path(files.results).read_bytes() == before
    params["variants"]["counterpart"]["activation"] = "none"
    assert list(run_trials(both, params, PLAN, files)) == both[1:]
    both[0].path(files.results).write_bytes(before[:50])  # cut short
    assert list(run_trials(both, params, PLAN, files)) == both[:1]
    assert both[0].path(files.results).read_bytes() == before
    assert list(run_trials(both, params, PLAN._replace(n_seeds=2), files)) == both
    other = files_of(processed, tmp_path, seed=1)
    assert list(run_trials(both, params, PLAN._replace(n_seeds=2), other)) == both


def test_the_rate_is_chosen_on_validation_whatever_the_test_part_says(
    processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripted: what does best on the validation part is wrong about every test slice."""
    accuracy = {0.001: 0.9, 0.01: 0.2}
    sizes = []

    def train(*given: Any) -> list[Trained]:
        _, _, starts, parts, rate = given
        sizes.append((len(starts), *(len(part.labels) for part in parts)))
        says = nn.Linear(32, 4)
        nn.init.constant_(says.weight, rate)
        return [Trained(nn.Sequential(says), 1, 2, 0.5, accuracy[rate]) for _ in starts]

    monkeypatch.setattr(trials, "train_heads", train)
    files = files_of(processed, tmp_path)
    trial = Trial("paper", "cv_1_1", "matched")
    assert list(run_trials([trial], toy_params(), PLAN, files)) == [trial]
    outcome = read_trials(files.results)[trial]
    assert outcome.learning_rate == 0.001
    assert outcome.logits.shape == (3, N // 3, 4)
    assert sizes == [(2, N // 3, N // 3)] * 2 + [(1, N // 3, N // 3)]  # no test slice among them
    rates = outcome.grid.groupby("learning_rate")["seed"].apply(list).to_dict()
    assert rates == {0.001: [0, 1, 2], 0.01: [0, 1]}


def test_what_is_left_is_of_the_test_slices_and_names_nobody(
    processed: Path, tmp_path: Path
) -> None:
    write_slices(tmp_path, "cv_1_1", processed)
    assert "patient" not in (tmp_path / "cv_1_1.csv").read_text()
    table = read_slices(tmp_path, "cv_1_1")
    tested = range(2, N, 3)
    assert table["slice"].tolist() == [f"p{i}" for i in tested]
    assert table["label"].tolist() == [i % 4 for i in tested]
    assert table["family"].tolist() == [i // 2 for i in tested]
    assert set(table["source"]) == {"figshare"}


def test_the_command_takes_what_is_trained_and_goes_on_when_there_is_more(
    processed: Path, tmp_path: Path
) -> None:
    project, workspace = tmp_path / "project", processed.parents[1]
    shutil.copy2(ROOT / "run_heads.py", project)
    params = toy_params()
    params["study"] = {"protocols": ["cv_1_1", "cv_1_2"], "seeds": [0]}
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    words = ["--name", "toy", "--features", "paper", "--heads", "paper", "--rates", "0.01"]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(project / "run_heads.py"), *words, *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    seeds = "--seeds", "2", "--searching", "1"
    assert "got none in .study/toy" in run(*seeds).stderr
    save_network(workspace.with_name("toy-1") / "data/checkpoints", "paper-cv_1_1-0", 0)
    first = run(*seeds)
    assert first.returncode == 0, first.stderr
    assert "heads: paper-cv_1_2-0 is not trained yet, left out" in first.stdout
    assert "heads: paper cv_1_1 paper " in first.stdout
    results = project / "reports/study/toy/heads"
    names = ["cv_1_1.csv", "grid.csv", "paper-cv_1_1-paper.npz"]
    assert sorted(path.name for path in results.iterdir()) == names
    grid = pd.read_csv(results / "grid.csv")
    assert grid[["features", "protocol", "head", "seed", "is_chosen"]].to_numpy().tolist() == [
        ["paper", "cv_1_1", "paper", seed, True] for seed in (0, 1)
    ]
    assert "heads: paper cv_1_1 paper " not in run(*seeds).stdout
    assert "must be 1 to --seeds, 2; got 3" in run("--seeds", "2", "--searching", "3").stderr
