"""A project whose stages have the real names and do nothing but write down that they ran."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from pipeline_tree import ROOT

LONGEST_S = 900  # of a study here, on a machine with other things to do

# The stages' names and files with nothing behind them: a run takes no time and is written down.
PIPELINE = """
stages:
  split:
    cmd: mkdir -p data/processed && touch data/processed/split.csv
    deps: [src/rate.txt]
    outs: [data/processed/split.csv: {push: false}]
  sizes:
    cmd: mkdir -p data/checked && touch data/checked/sizes.txt
    deps: [data/processed/split.csv]
    outs: [data/checked/sizes.txt]
  heads:
    cmd: mkdir data/heads && touch data/heads/paper.json
    outs: [data/heads]
  train_hybrid: &train
    matrix:
      variant: ${study.hybrid}
      protocol: ${study.protocols}
      seed: ${study.seeds}
    cmd: python stages/train.py data/checkpoints/${key}.txt
    deps: [stages/train.py, src/rate.txt, data/processed/split.csv, data/heads/paper.json]
    params: [train]
    outs: ["data/checkpoints/${key}.txt"]
  train_classical:
    <<: *train
    matrix:
      variant: ${study.classical}
      protocol: ${study.protocols}
      seed: ${study.seeds}
  predict_hybrid: &predict
    matrix:
      variant: ${study.hybrid}
      protocol: ${study.protocols}
      seed: ${study.seeds}
    cmd: >-
      mkdir -p data/predicted && cp data/checkpoints/${key}.txt data/predicted &&
      echo ${key} >> $STUDY_LOG.predicted
    deps: ["data/checkpoints/${key}.txt"]
    outs: ["data/predicted/${key}.txt": {push: false}]
  predict_classical:
    <<: *predict
    matrix:
      variant: ${study.classical}
      protocol: ${study.protocols}
      seed: ${study.seeds}
  report:
    cmd: python stages/report.py
    deps: [stages/report.py, data/checkpoints, data/predicted]
    params: [study]
    outs:
      - reports:
          cache: false
"""
TRAIN = """
import os, pathlib, signal, sys, time
done = pathlib.Path(os.environ["STUDY_LOG"])
cell = pathlib.Path(sys.argv[1])
cell.parent.mkdir(parents=True, exist_ok=True)
with done.open("a") as file:
    file.write(cell.stem + "\\n")
fatal = done.with_name(cell.stem)
if fatal.exists():
    how, *victim = fatal.read_text().split()
    fatal.unlink()
    cell.write_text("half")
    if victim:
        os.kill(int(victim[0]), signal.Signals[how])
    else:
        os.killpg(os.getsid(0), signal.Signals[how])
        time.sleep(60)
cell.write_text("whole")
"""
REPORT = """
import pathlib
from PIL import Image
assert {path.read_text() for path in pathlib.Path("data/checkpoints").glob("*.txt")} == {"whole"}
reports = pathlib.Path("reports")
names = "results/compare.json figures/study.png figures/fig06.png history/a.csv page.html"
for name in names.split():
    (reports / name).parent.mkdir(parents=True, exist_ok=True)
    (reports / name).write_text(name)
for path in reports.glob("figures/*.png"):
    Image.new("RGB", (8, 8), "white").save(path)
text = "# Report\\n\\n## One\\n\\na\\n\\n## Is it the quantum layer?\\n\\nNo.\\n\\n## Two\\n\\nb\\n"
(reports / "report.md").write_text(text)
"""
PARAMS = """
# What to run.
data: {cohort: phantom}
train:
  # How fast.
  rate: 0.01
variants:
  paper: {head: quantum}
  bare: {head: quantum}
  plain: {head: linear}
  deep: {body: deep}
study:
  hybrid: [paper]
  classical: [plain]
  protocols: [random]
  seeds: [0]
"""


def make_toy_project(folder: Path) -> Path:
    """A project with the real script and a pipeline of nothing."""
    for name in ("stages", "src", "data/paper", "data/measured", "docs", ".dvc"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "run_study.py", folder)
    for name in (".dvcignore", "CITATION.cff"):
        shutil.copy(ROOT / name, folder / name)
    for name, text in {
        "dvc.yaml": PIPELINE,
        "params.yaml": PARAMS,
        "stages/train.py": TRAIN,
        "stages/report.py": REPORT,
        "src/rate.txt": "1",
        ".dvc/config": "[core]\n    no_scm = true\n",
    }.items():
        (folder / name).write_text(text)
    return folder


def make_environment(project: Path) -> dict[str, str]:
    """In which every training run is written down, whoever starts it."""
    log = str(project.parent / "log")
    return os.environ | {"STUDY_LOG": log, "DVC_NO_ANALYTICS": "1"}


def launch(
    project: Path,
    *seeds: str,
    n_jobs: int = 1,
    settings: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
) -> "subprocess.Popen[str]":
    """Start the script in a session of its own."""
    lists = ["--hybrid", "paper", "bare", "--classical", "plain", "--protocols", "random"]
    jobs = ["--jobs", str(n_jobs)]
    words = ["--cohort", "phantom", *options, *lists, "--seeds", *seeds, *jobs, "--set", *settings]
    return subprocess.Popen(
        [sys.executable, "run_study.py", *words],
        cwd=project,
        env=make_environment(project),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start(project: Path, *seeds: str, **choices: Any) -> int:
    """Run the script, as `launch` does; what its end says."""
    process = launch(project, *seeds, **choices)
    print(process.communicate(timeout=LONGEST_S)[0])  # noqa: T201  (pytest shows it when a test fails)
    return process.returncode


def trained(project: Path) -> list[str]:
    """Every training run that was started, in order."""
    log = project.parent / "log"
    return log.read_text().split() if log.exists() else []


def kill_first(project: Path, cell: str, how: signal.Signals, pid: int | None = None) -> None:
    """Let a training run kill its session, or another process, the first time it is started."""
    (project.parent / cell).write_text(f"{how.name} {pid or ''}")
