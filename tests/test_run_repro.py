"""What `make repro` says before each stage."""

import json
import logging

import pytest
from run_repro import Forecast

from pipeline_tree import PIPELINE, ROOT
from tiny_project import TinyProject

STAGES = ["acquire", "train@a-0", "train@b-0", "report"]


def tell(forecast: Forecast, message: str, name: str) -> None:
    forecast.handle(logging.LogRecord("dvc.stage", logging.INFO, "", 0, message, (name,), None))


def test_each_stage_that_runs_has_a_line_with_the_time_of_those_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    times = iter([0.0, 90.0, 100.0, 107.3])
    seconds = {"acquire": 60.0, "train": 120.0, "report": 10.0}
    forecast = Forecast(STAGES, seconds, "last time", clock=lambda: next(times))
    tell(forecast, "Stage '%s' didn't change, skipping", "acquire")
    tell(forecast, "Running stage '%s':", "train@a-0")
    tell(forecast, "Stage '%s' is cached - skipping run, checking out outputs", "train@b-0")
    tell(forecast, "Running stage '%s':", "report")
    forecast.end_stage()
    assert capsys.readouterr().out.splitlines() == [
        "Stage 2 of 4; up to about 4 min left for all, as last time",
        "Stage 4 of 4; up to about 1 min left for all, as last time",
    ]
    assert forecast.measured == {"train": 90.0, "report": 7.3}


def test_what_dvc_says_beside_stages_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    forecast = Forecast(STAGES, {}, "last time")
    tell(forecast, "Stage '%s' is new", "elsewhere")
    tell(forecast, "Use `dvc push` to send your updates, %s", "please")
    assert capsys.readouterr().out == ""


def test_every_stage_is_on_record() -> None:
    record = json.loads((ROOT / "benchmarks" / "stage_seconds.json").read_text())
    assert record["seconds"].keys() == PIPELINE.keys()


@pytest.mark.slow
def test_a_log_has_the_forecast_and_no_control_characters(tiny: TinyProject) -> None:
    params = (tiny.folder / "params.yaml").read_text()
    assert "perplexity: 2.0" in params
    (tiny.folder / "params.yaml").write_text(params.replace("perplexity: 2.0", "perplexity: 3.0"))
    try:
        printed = tiny.run("make", "-o", ".venv/installed", "repro")
    finally:
        tiny.restore()
    n_stages = printed.count("didn't change, skipping") + printed.count("Running stage")
    lines = [line for line in printed.splitlines() if line.startswith("Stage ") and ";" in line]
    assert len(lines) == printed.count("Running stage")
    assert all(f" of {n_stages}; up to about " in line for line in lines)
    assert not [sign for sign in printed if sign < " " and sign not in "\n\t"]  # DVC's own tabs
    measured = json.loads((tiny.folder / ".dvc/tmp/stage_seconds.json").read_text())
    assert {"embed", "report"} <= measured.keys()
    assert "train_hybrid" not in measured
