"""What of a study is passed on: numbers, figures without slices, parameters, lock and commit.

Of the default run everything is, slices too: only simulated ones are published that way.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from hqcm.cohort.converted import hide_slices, read_pseudonyms
from hqcm.cohort.families import read_cohort
from hqcm.contracts.command_line import publish as rename
from hqcm.contracts.params import check_section, read_yaml
from hqcm.contracts.study import StudyParams
from hqcm.cross_validation.answers import choose_rates, collect_answers, collect_heads
from hqcm.cross_validation.judged import write_judged
from hqcm.cross_validation.kept import read_runs, read_slices
from hqcm.cross_validation.verdicts import compare_networks
from hqcm.orchestration.licences import require_no_slices
from hqcm.orchestration.workspace import replace, stop
from hqcm.paper.claims import load_claims
from hqcm.reporting.document import Document
from hqcm.reporting.figures.drawing import figure_style, save_vector
from hqcm.reporting.figures.folds import draw_folds
from hqcm.reporting.figures.networks import draw_tuned
from hqcm.reporting.page import render_markdown
from hqcm.reporting.report import write_study
from hqcm.reporting.sections.folds import (
    ALONE,
    END_TO_END,
    HEAD_NAMES,
    JUDGED,
    describe_folds,
    picture_folds,
    tell_rows,
)
from hqcm.reporting.verdicts import VERDICTS_FILE, derive_verdicts, describe_rivals
from hqcm.results.files import write_json
from hqcm.results.predictions import read_study_predictions

HEADS, RUNS = "heads", "runs"
"""Folders of heads alone and of kept runs within that of a study's results."""
_RESULTS = ("metrics.json", "localisation.json", "claims.json", "history")
_EXCHANGED = (
    *("compare.json", "compare.csv", "localisation.csv", "mcnemar.json", "leakage.json"),
    *("shortcuts.json", "hardware.json", "structure.json", "intervals", "explanation.csv"),
)
"""Those of `reports/results`; what is published stands in one folder."""
# Drawn from numbers: not those with slices, which two of the three licences forbid to pass on; nor
# the page.
_FIGURES = (
    *("study", "fig05-distribution", "fig07-training", "fig08-embedding", "fig09-confusion"),
    *("roc", "reliability", "thresholds", "network", "forms", "hardware", "roundings"),
)


def publish(workspace: Path, published: Path, commit: str | None) -> None:
    """Copy parameters, lock and results, replacing what was published before.

    Args:
        workspace: of a study that has run.
        published: folder of its results; `commit.txt` in it says whose code they are of.
        commit: from `workspace.find_commit`.

    Raises:
        SystemExit: something of it shows a slice; nothing is published then.
    """
    partial = _begin(workspace, published, commit)
    reports = workspace / "reports"
    found = {name: reports / name for name in _RESULTS}
    found |= {name: reports / "results" / name for name in _EXCHANGED}
    found |= {f"figures/{name}.png": reports / f"figures/{name}.png" for name in _FIGURES}
    for name, path in found.items():
        if path.exists():
            replace(path, partial / name)
    if (published / HEADS).exists():  # of `make heads`, which comes after
        replace(published / HEADS, partial / HEADS)
    if (workspace / "data/predictions").exists():
        _publish_predicted(workspace, partial / "predicted")
    if (partial / "leakage.json").exists():  # the last that the report of a study reads
        claims = load_claims(workspace / "data/paper/claims.yaml")
        report = render_markdown(write_study(partial, published.name, claims))
        (partial / "report.md").write_text(report, encoding="utf-8")
    try:
        require_no_slices((path for path in partial.rglob("*") if path.is_file()), partial)
    except ValueError as error:
        shutil.rmtree(partial)
        stop(str(error))
    rename(partial, published)


def publish_run(project: Path, published: Path, commit: str | None, stages: Iterable[str]) -> None:
    """Copy parameters, lock and what stages have left under `reports`, with the names it has there.

    Args:
        project: whose reports are published, slices included.
        published: as for `publish`.
        commit: as for `publish`.
        stages: those of ``dvc.yaml``; the lock remembers earlier ones too.
    """
    partial = _begin(project, published, commit)
    lock = read_yaml(project / "dvc.lock")["stages"]
    for path in (Path(out["path"]) for stage in stages for out in lock[stage]["outs"]):
        if path.is_relative_to("reports"):
            replace(project / path, partial / path.relative_to("reports"))
    rename(partial, published)


def _begin(workspace: Path, published: Path, commit: str | None) -> Path:
    """A folder beside what is published, with parameters, lock and commit."""
    partial = published.with_name(f".partial-{published.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if commit:
        (partial / "commit.txt").write_text(f"Made with the code of commit {commit}.\n")
    for name in ("params.yaml", "dvc.lock"):
        replace(workspace / name, partial / name)
    return partial


def _publish_predicted(workspace: Path, published: Path) -> None:
    """Write what each network took each test slice for, so that its numbers can be counted anew.

    A table for each protocol, ``<protocol>.csv``: pseudonym of the slice, family (what is drawn as
    one in intervals, by the first pseudonym in it), true class, then a column a run,
    ``<variant>-<seed>``; classes as labels, 0-3.
    """
    study = check_section("study", StudyParams, read_yaml(workspace / "params.yaml"))
    data = workspace / "data"
    predictions = read_study_predictions(data / "predictions", study)
    cohort = read_cohort(data / "processed/slices.h5", data / "processed/duplicates.csv")
    pseudonyms = read_pseudonyms(data / "processed/slices.pseudonyms.csv")
    family = cohort.set_index("slice_id")["family"]
    family = pseudonyms.groupby(family).transform("min")
    published.mkdir()
    for protocol, variants in predictions.items():
        first = variants[study.variants[0]][0]
        slices = {
            "slice_id": first.slice_id,
            "family": family.loc[first.slice_id].to_numpy(),
            "y_true": first.y_true,
        }
        classes = {
            f"{variant}-{seed}": run.y_pred
            for variant, runs in variants.items()
            for seed, run in zip(study.seeds, runs, strict=True)
        }
        table = hide_slices(pd.DataFrame(slices | classes), pseudonyms)
        table.to_csv(published / f"{protocol}.csv", index=False)


def publish_verdicts(project: Path) -> None:
    """Derive the verdicts of the published studies, and draw the picture that README shows.

    Raises:
        OSError: a study that the verdicts rest on is not published.
    """
    studies = project / "reports/study"
    verdicts = derive_verdicts(studies, project / "reports/published/results/audit.json")
    write_json(project / "data/measured" / VERDICTS_FILE, verdicts.model_dump())
    with figure_style():
        save_vector(studies / "tuned.svg", draw_tuned(verdicts), describe_rivals(verdicts))


def publish_folds(workspace: Path, published: Path, commit: str | None) -> None:
    """Publish a study under cross-validation; args as for `publish`.

    `published` has its kept runs, and perhaps heads tried alone, which stay.
    """
    if commit:
        (published / "commit.txt").write_text(f"Made with the code of commit {commit}.\n")
    for name in ("params.yaml", "dvc.lock"):
        replace(workspace / name, published / name)
    params = read_yaml(published / "params.yaml")
    bases = {name: section.get("base", name) for name, section in params["variants"].items()}
    study = check_section("study", StudyParams, params)
    first, second = (bases[name] for name in study.pair)
    networks = [first, second, *(name for name in bases if name not in {first, second})]
    judge_folds(published, networks, params["compare"]["margin"])


def judge_folds(published: Path, networks: Sequence[str], margin: float) -> None:
    """Judge what a study under cross-validation keeps; write `cv.json`, the picture, the report.

    Where heads were tried alone, `heads.json` too.

    Args:
        published: folder of the study, with the kept runs in `runs`.
        networks: the compared hybrid network, its counterpart, then all others.
        margin: `compare.margin`.

    Raises:
        ValueError: a repeat does not test every slice once.
    """
    slices, runs = read_slices(published / RUNS), read_runs(published / RUNS)
    picked, chosen = choose_rates(runs)
    found = {END_TO_END: (collect_answers(runs, slices, picked), chosen)}
    if any((published / HEADS).glob("*.npz")):
        found[ALONE] = collect_heads(published / HEADS, slices)
    first, *others = networks
    judged = {}
    for what, (answers, rates) in found.items():
        pairs = [(first, other) for other in others if other in answers.hits]
        judged[what] = compare_networks(answers, slices, pairs, margin, rates)
        write_judged(published / JUDGED[what], judged[what])
    figures = published / "figures"
    figures.mkdir(exist_ok=True)
    with figure_style():
        save_vector(figures / "folds.svg", draw_folds(judged, HEAD_NAMES), tell_rows(judged))
    document = Document(
        title=f"Study {published.name}",
        lead="Cross-validation by patient; not for diagnosis. README.md has the verdicts of all.",
        sections=[
            picture_folds(judged, Path("figures")),
            *(describe_folds(each, what) for what, each in judged.items()),
        ],
    )
    (published / "report.md").write_text(render_markdown(document), encoding="utf-8")
