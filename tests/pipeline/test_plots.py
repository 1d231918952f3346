"""`dvc plots show` draws every result that dvc.yaml names, here those of the toy study."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hqcm.contracts.params import read_yaml
from pipeline_tree import PIPELINE, ROOT
from toy_report import toy_study

PLOTS = read_yaml(ROOT / "dvc.yaml")["plots"]
FOLDERS = {next(iter(plot)): next(iter(plot.values())) for plot in PLOTS if isinstance(plot, dict)}
# The stages that train draw their own.
CURVES = next(iter(PIPELINE["train_hybrid"]["plots"][0].values()))
TOY_FILES = [
    *(
        f"reports/history/{role}-random-{i}.csv"
        for role in ("counterpart", "paper")
        for i in (0, 1)
    ),
    *(
        f"reports/{folder}/{role}-random.csv"
        for folder in (
            *("confusion", "embedding", "results/jaccard", "results/reliability", "results/roc"),
        )
        for role in ("counterpart", "paper")
    ),
]


def run_dvc(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "dvc", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "failed to load" not in ended.stderr


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """File -> the chart that the page of DVC draws of it."""
    folder = tmp_path_factory.mktemp("plots")
    shutil.copytree(toy_study(tmp_path_factory.getbasetemp()).folder, folder / "reports")
    run_dvc(folder, "init", "--no-scm")
    shutil.copytree(ROOT / ".dvc" / "plots", folder / ".dvc" / "plots")
    histories = [{file: CURVES} for file in TOY_FILES if file.startswith("reports/history")]
    train = {"cmd": "train", "plots": histories}
    pipeline = {"stages": {"train": train}, "plots": [*PLOTS[:-1]]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    run_dvc(folder, "plots", "show", "-o", "out")
    page = (folder / "out" / "index.html").read_text()
    assert "<DVC_METRIC" not in page
    found = re.findall(r"var spec = (\{.*?\});\n", page, re.DOTALL)
    charts = [json.loads(chart) for chart in found]
    return {chart["title"]["text"]: chart for chart in charts}


@pytest.mark.slow
def test_every_file_of_every_folder_is_drawn(drawn: dict[str, dict[str, Any]]) -> None:
    assert sorted(drawn) == sorted(TOY_FILES)


@pytest.mark.slow
@pytest.mark.parametrize("file", TOY_FILES)
def test_a_chart_holds_the_columns_that_it_draws(
    drawn: dict[str, dict[str, Any]], file: str
) -> None:
    values = drawn[file]["data"]["values"]
    plot = FOLDERS.get(str(Path(file).parent))
    folded = [name for step in drawn[file].get("transform", []) for name in step.get("fold", [])]
    columns = [plot["x"], plot["y"]] if plot else [CURVES["x"], *folded]
    assert len(columns) == (2 if plot else 5)
    assert len(values) > 1
    for row in values:
        assert all(row[column] != "" for column in columns)


def test_no_plot_makes_dvc_resolve_a_name() -> None:
    assert "${" not in yaml.safe_dump(PLOTS)


def test_templates_of_our_own_are_there() -> None:
    own = {path.stem for path in (ROOT / ".dvc" / "plots").glob("*.json")}
    named = {plot["template"] for plot in (CURVES, *FOLDERS.values())}
    assert own == named - {"linear", "confusion"}


@pytest.mark.parametrize("stage", PIPELINE)
def test_what_was_run_is_found_in_the_run_cache(stage: str) -> None:
    """DVC keeps no run of a stage with uncached outputs, unless they are plots or metrics.

    A folder can be neither; `localise` has one, for it takes three seconds (docs/decisions/0020).
    """
    marked = [output for output in PIPELINE[stage]["outs"] if not isinstance(output, str)]
    uncached = [output for output in marked if "cache" in str(output)]
    assert uncached == ([{"reports/scores": {"cache": False}}] if stage == "localise" else [])
    assert not any("persist" in str(output) for output in marked)


@pytest.mark.parametrize("stage", ["train_hybrid", "train_classical"])
def test_what_trains_draws_its_curves(stage: str) -> None:
    assert [*PIPELINE[stage]["plots"][0].values()] == [CURVES]
