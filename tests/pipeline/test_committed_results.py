"""What is committed under reports/, and quoted in docs/results.md, is what a dvc.lock recorded."""

import hashlib
import json
import re
import subprocess
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
import yaml

from hqcm.contracts.labels import CLASS_NAMES
from pipeline_tree import ROOT

SCORES = "reports/scores"
PUBLISHED = "reports/published"
RESULTS = "docs/results.md"


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout


def is_checkout() -> bool:
    return (ROOT / ".git").exists()


pytestmark = pytest.mark.skipif(
    not is_checkout(), reason="not a git checkout, so nothing is committed"
)


def committed(path: str) -> bytes:
    """As it is in HEAD: a user's own run may have changed the working tree."""
    return git("show", f"HEAD:{path}")


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def md5_of_folder(path: str) -> str:
    """As DVC hashes a folder: the JSON of names and hashes, in the order of names."""
    files = git("ls-tree", "-r", "--name-only", "HEAD", path).decode().splitlines()
    entries = [
        {"md5": md5(committed(file)), "relpath": file.removeprefix(f"{path}/")}
        for file in sorted(files, key=lambda name: name.removeprefix(f"{path}/").split("/"))
    ]
    return md5(json.dumps(entries, sort_keys=True).encode()) + ".dir"


def read_lock(path: str) -> dict[str, Any]:
    stages: dict[str, Any] = yaml.safe_load(committed(path))["stages"]
    return stages


def list_files(folder: str) -> list[str]:
    return git("ls-tree", "-r", "--name-only", "HEAD", folder).decode().splitlines()


def reported(lock: dict[str, Any]) -> dict[str, str]:
    """What stages write below `reports`, with its hash."""
    outs = [out for stage in lock.values() for out in stage["outs"]]
    return {out["path"]: out["md5"] for out in outs if out["path"].startswith("reports/")}


def test_the_scores_are_those_of_the_lock() -> None:
    assert md5_of_folder(SCORES) == reported(read_lock("dvc.lock"))[SCORES]


def test_git_keeps_nothing_else_that_a_stage_writes() -> None:
    """`make bench`, `make study` and `make publish` write the others."""
    others = ("reports/benchmarks.", "reports/study/", f"{PUBLISHED}/")
    kept = [path for path in list_files("reports") if not path.startswith(others)]
    assert kept == list_files(SCORES)


def test_the_published_run_is_that_of_its_own_lock() -> None:
    recorded = {
        path.replace("reports", PUBLISHED, 1): expected
        for path, expected in reported(read_lock(f"{PUBLISHED}/dvc.lock")).items()
    }
    files = set(list_files(PUBLISHED))
    copies = {f"{PUBLISHED}/{name}" for name in ("commit.txt", "dvc.lock", "params.yaml")}
    assert copies < files
    for path, expected in recorded.items():
        is_folder = expected.endswith(".dir")
        assert (md5_of_folder(path) if is_folder else md5(committed(path))) == expected, path
    for path in files - copies:
        assert any(path == out or path.startswith(f"{out}/") for out in recorded), path


def published_studies() -> list[str]:
    """Folders that `make study` has left, for instance reports/study/clinical."""
    found = git("ls-tree", "-d", "--name-only", "HEAD", "reports/study/") if is_checkout() else b""
    return found.decode().split()


ON_ONE_SPLIT = [name for name in published_studies() if f"{name}/compare.json" in list_files(name)]


@pytest.mark.parametrize("study", ON_ONE_SPLIT)
def test_a_published_study_is_that_of_its_own_lock(study: str) -> None:
    recorded = reported(read_lock(f"{study}/dvc.lock"))
    for path in list_files(study):
        if path in {f"{study}/report.md", f"{study}/claims.json"}:
            continue  # of the other files, by today's rules: tests/reporting/test_verdicts.py
        name = path.removeprefix(f"{study}/")
        expected = recorded.get(f"reports/results/{name}", recorded.get(f"reports/{name}"))
        assert expected in {None, md5(committed(path))}, path
    (compared,) = (hashed for path, hashed in recorded.items() if path.endswith("/compare.json"))
    assert compared == md5(committed(f"{study}/compare.json"))


@pytest.mark.parametrize("folder", [PUBLISHED, *published_studies()])
def test_what_is_published_is_the_record_of_a_commit(folder: str) -> None:
    """Its lock is of that commit's code, and stays so whatever lies beside it later."""
    said = committed(f"{folder}/commit.txt").decode()
    assert re.fullmatch(
        r"Made with the code of commit [0-9a-f]{40}(, with local changes)?\.\n", said
    )


@pytest.mark.parametrize("folder", ["", f"{PUBLISHED}/"])
def test_the_lock_is_of_the_committed_parameters(folder: str) -> None:
    params = yaml.safe_load(committed(f"{folder}params.yaml"))
    for name, stage in read_lock(f"{folder}dvc.lock").items():
        for key, value in stage.get("params", {}).get("params.yaml", {}).items():
            node: Any = params
            for part in key.split("."):
                node = node[part]
            assert node == value, f"{name}: {key}"


def quoted_table(study: str, n_seeds: int) -> list[str]:
    """The rows about a study, found by its size of slices and its number of seeds."""
    size = yaml.safe_load(committed(f"{study}/params.yaml"))["prepare"]["image_size_px"]
    header = f"accuracy at {size} x {size} px, mean of {n_seeds} seeds"
    table = committed(RESULTS).decode().partition(header)[2]
    assert table, header
    return table.partition("\n\n")[0].splitlines()


def accuracy_rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Networks compared with the hybrid one, by accuracy."""
    return [
        row
        for row in found["comparisons"]
        if (row["question"], row["quantity"]) == ("network", "metrics/accuracy")
    ]


def test_a_study_is_quoted() -> None:
    study = "reports/study/clinical-48px"
    found = json.loads(committed(f"{study}/compare.json"))
    lines = quoted_table(study, len(found["seeds"]))
    best = [row for row in accuracy_rows(found) if row["setting"] == "best"]
    assert len(best) == 8
    for row in best:
        bounds = f"({100 * row['low']:+.1f} to {100 * row['high']:+.1f})"
        quoted = f"{100 * row['second_value']:.1f} % | {100 * row['difference']:+.1f} {bounds}"
        assert f" | {quoted} |" in line_of(row["family"], lines)
    of_hybrid = {row["first_protocol"]: f"{100 * row['first_value']:.1f} %" for row in best}
    line = line_of("paper", lines)
    assert line.endswith(f" | {of_hybrid['random']} | | {of_hybrid['patient']} | |")


def line_of(family: str, lines: list[str]) -> str:
    """A network's line of a quoted table."""
    return next(line for line in lines if f"(`{family}`)" in line)


@pytest.mark.parametrize("study", ON_ONE_SPLIT)
def test_the_published_classes_give_the_published_numbers(study: str) -> None:
    listed = git("ls-tree", "--name-only", "HEAD", f"{study}/predicted/").decode().split()
    if not listed:
        pytest.skip("made before classes were published")
    found = json.loads(committed(f"{study}/compare.json"))
    for path in listed:
        table = pd.read_csv(BytesIO(committed(path)))
        names = ["slice_id", "slice", "family"]  # the first until there were pseudonyms
        classes = table.drop(columns=names, errors="ignore")
        is_right = classes.eq(table["y_true"], axis=0)
        accuracy = is_right.mean()
        protocol = path.rpartition("/")[2].removesuffix(".csv")
        rows = [row for row in accuracy_rows(found) if row["first_protocol"] == protocol]
        assert rows
        for row in rows:
            means = [
                accuracy[[f"{row[side]}-{seed}" for seed in found["seeds"]]].mean()
                for side in ("first", "second")
            ]
            assert means == pytest.approx([row["first_value"], row["second_value"]], abs=1e-6)
            assert row["difference"] == pytest.approx(means[0] - means[1], abs=2e-6)
            assert row["first_n_groups"] == table["family"].nunique()


def test_the_metrics_are_quoted() -> None:
    text = committed(RESULTS).decode()
    metrics = json.loads(committed(f"{PUBLISHED}/metrics.json"))["random"]
    localisation = json.loads(committed(f"{PUBLISHED}/localisation.json"))["random"]
    paper, counterpart = metrics["paper"], metrics["counterpart"]
    rows = {
        "Accuracy": (paper["accuracy"], counterpart["accuracy"]),
        "Macro F1": (paper["macro"]["f1"], counterpart["macro"]["f1"]),
        **{
            f"Recall, {name}": (
                paper["per_class"][name]["recall"],
                counterpart["per_class"][name]["recall"],
            )
            for name in CLASS_NAMES
        },
    }
    for name, (hybrid, classical) in rows.items():
        assert f"| {name} | {100 * hybrid:.1f} % | {100 * classical:.1f} % |" in text
    for threshold, at in localisation.items():
        row = f"| Jaccard index at {threshold} | {at['paper']:.3f} | {at['counterpart']:.3f} |"
        assert row in text
