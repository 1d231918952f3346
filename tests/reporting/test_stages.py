"""The stages after prediction, through their real command lines."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hqcm.contracts.params import read_yaml
from toy_report import SHORTCUTS, UNCERTAINTY, write_explanation, write_measured, write_provenance
from toy_study import STUDY, write_study

REPOSITORY = Path(__file__).parents[2]


def run_stage(folder: Path, name: str, **paths: str) -> None:
    options = [part for key, value in paths.items() for part in (f"--{key}", value)]
    script = str(REPOSITORY / "stages" / f"{name}.py")
    ended = subprocess.run(
        [sys.executable, script, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.slow
def test_predictions_become_a_report(tmp_path: Path) -> None:
    write_study(tmp_path)
    (tmp_path / "results" / "intervals").mkdir(parents=True)
    write_provenance(tmp_path)
    write_measured(tmp_path / "measured")
    params = read_yaml(REPOSITORY / "params.yaml")
    params["study"] = STUDY.model_dump()
    params["embed"]["perplexity"] = 8.0
    params["shortcuts"] = SHORTCUTS.model_dump()
    params["uncertainty"] = UNCERTAINTY.model_dump()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))

    predictions = {"predictions": "predictions"}
    run_stage(
        tmp_path,
        "evaluate",
        **predictions,
        prepared="prepared.h5",
        duplicates="duplicates.csv",
        metrics="r/metrics.json",
        intervals="results/intervals/classification.json",
        mcnemar="results/mcnemar.json",
        confusion="r/confusion",
        roc="results/roc",
        reliability="results/reliability",
    )
    run_stage(
        tmp_path,
        "localise",
        **predictions,
        prepared="prepared.h5",
        duplicates="duplicates.csv",
        metrics="r/metrics.json",
        scores="r/scores",
        localisation="r/localisation.json",
        overlap="results/localisation.csv",
        intervals="results/intervals/localisation.json",
        jaccard="results/jaccard",
    )
    run_stage(
        tmp_path,
        "embed",
        **predictions,
        prepared="prepared.h5",
        pseudonyms="pseudonyms.csv",
        duplicates="duplicates.csv",
        embedding="r/embedding",
        intervals="results/intervals/separability.json",
    )
    run_stage(
        tmp_path,
        "compare",
        **predictions,
        prepared="prepared.h5",
        duplicates="duplicates.csv",
        twins="twins.csv",
        split="split",
        checkpoints="checkpoints",
        history="history",
        comparisons="results/compare.json",
        table="results/compare.csv",
    )
    run_stage(
        tmp_path,
        "scrutiny",
        prepared="prepared.h5",
        pseudonyms="pseudonyms.csv",
        duplicates="duplicates.csv",
        twins="twins.csv",
        slices="prepared.h5",
        split="split",
        leakage="results/leakage.json",
        pairs="results/leakage.csv",
        shortcuts="results/shortcuts.json",
    )
    write_explanation(tmp_path)
    run_stage(
        tmp_path,
        "report",
        **predictions,
        prepared="prepared.h5",
        pseudonyms="pseudonyms.csv",
        split="split",
        interim="interim",
        checkpoints="checkpoints",
        maps="explanation.h5",
        history="history",
        metrics="r/metrics.json",
        confusion="r/confusion",
        localisation="r/localisation.json",
        embedding="r/embedding",
        results="results",
        citation="CITATION.cff",
        measured="measured",
        readings=str(REPOSITORY / "data" / "paper" / "readings.yaml"),
        sources=str(REPOSITORY / "data" / "paper" / "sources.yaml"),
        claims=str(REPOSITORY / "data" / "paper" / "claims.yaml"),
        figures="r/figures",
        ledger="r/claims.json",
        report="r/report.md",
        page="r/index.html",
        summary="r/summary.md",
    )
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [
        *("claims.json", "confusion", "embedding", "figures", "index.html"),
        *("localisation.json", "metrics.json", "report.md", "scores", "summary.md"),
    ]
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        *("audit.json", "compare.csv", "compare.json", "explanation.csv", "hardware.json"),
        *("intervals", "jaccard", "leakage.csv", "leakage.json", "localisation.csv"),
        *("mcnemar.json", "reliability", "roc", "shortcuts.json", "structure.json"),
    ]
    golden = (REPOSITORY / "tests" / "reporting" / "report.golden.md").read_text(encoding="utf-8")
    assert (tmp_path / "r" / "report.md").read_text(encoding="utf-8") == golden
