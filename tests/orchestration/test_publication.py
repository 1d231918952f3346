"""What is published: of a study the classes slice by slice, of the default run all it reports."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from hqcm.orchestration.publication import _publish_predicted, publish_run
from pipeline_tree import ROOT
from toy_study import N_TEST, STUDY, make_predictions, make_slice, name_slice, write_study

NAMES = {
    "prepared.h5": "processed/slices.h5",
    "pseudonyms.csv": "processed/slices.pseudonyms.csv",
    "duplicates.csv": "processed/duplicates.csv",
}


def publish(folder: Path) -> pd.DataFrame:
    """The table of a toy study, laid out as `make study` does."""
    data = folder / "workspace" / "data"
    (data / "processed").mkdir(parents=True)
    write_study(data)
    for name, place in NAMES.items():
        (data / name).rename(data / place)
    params = yaml.safe_dump({"study": STUDY.model_dump()})
    (folder / "workspace" / "params.yaml").write_text(params)
    _publish_predicted(folder / "workspace", folder / "predicted")
    assert [path.name for path in (folder / "predicted").iterdir()] == ["random.csv"]
    return pd.read_csv(folder / "predicted" / "random.csv")


def test_every_run_is_a_column_of_classes(tmp_path: Path) -> None:
    table = publish(tmp_path)
    runs = ["paper-0", "paper-1", "counterpart-0", "counterpart-1"]
    assert list(table) == ["slice", "family", "y_true", *runs]
    for variant, skill in (("paper", 0.9), ("counterpart", 0.6)):
        for seed in STUDY.seeds:
            expected = make_predictions(seed, skill=skill).logits.argmax(axis=1)
            np.testing.assert_array_equal(table[f"{variant}-{seed}"], expected)


def test_slices_stand_with_their_family_and_true_class(tmp_path: Path) -> None:
    table = publish(tmp_path)
    slices = [make_slice(position) for position in range(N_TEST)]
    assert table["slice"].tolist() == [name_slice(position) for position in range(N_TEST)]
    assert table["y_true"].tolist() == [item.label for item in slices]
    # No two test slices of the toys are twins of one another: families are patients.
    assert table["family"].nunique() == len({item.group_id for item in slices})
    assert not set(table["family"]) & {item.group_id for item in slices}
    # Patients have eight slices each, twins join 0 and 5, and 0 and 7: the first name of them all.
    joined = {position: position // 8 for position in range(N_TEST + 24)}
    joined = {position: 0 if patient in (5, 7) else patient for position, patient in joined.items()}
    for position, family in enumerate(table["family"]):
        members = [name_slice(i) for i in joined if joined[i] == joined[position]]
        assert family == min(members)


def test_of_a_run_everything_is_published_that_its_stages_report(tmp_path: Path) -> None:
    published = tmp_path / "reports/published"
    outputs = {
        "train": ["data/checkpoint", "reports/history"],
        "report": ["reports/index.html"],
        "removed": ["reports/old.json"],  # from dvc.yaml, not from the lock
    }
    stages = {name: {"outs": [{"path": path} for path in paths]} for name, paths in outputs.items()}
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"stages": stages}))
    files = ("data/checkpoint", "reports/history/a.csv", "reports/index.html", "reports/old.json")
    for name in ("params.yaml", *files, "reports/published/former.csv", "reports/benchmarks.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    publish_run(tmp_path, published, "0a1b", ["train", "report"])
    found = {
        path.relative_to(published).as_posix() for path in published.rglob("*") if path.is_file()
    }
    assert found == {"commit.txt", "dvc.lock", "params.yaml", "history/a.csv", "index.html"}
    assert (published / "history/a.csv").read_text() == "reports/history/a.csv"
    assert (published / "commit.txt").read_text() == "Made with the code of commit 0a1b.\n"


def test_clinical_slices_are_not_published(tmp_path: Path) -> None:
    shutil.copy(ROOT / "publish_run.py", tmp_path)
    (tmp_path / "params.yaml").write_text("data: {cohort: clinical}")
    command = [sys.executable, "publish_run.py"]
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("publish: data.cohort must be phantom; got clinical, and the ")
    assert not (tmp_path / "reports").exists()
