"""What of a study is passed on: numbers, figures without slices, parameters and lock."""

import re
import shutil
from pathlib import Path

from hqcm.contracts.command_line import publish as rename
from hqcm.orchestration.predicted import publish_predicted
from hqcm.orchestration.workspace import replace, stop

LOCKED = ("params.yaml", "dvc.lock")
RESULTS = (
    *("compare.json", "compare.csv", "metrics.json", "localisation.json", "localisation.csv"),
    *("mcnemar.json", "claims.json", "leakage.json", "shortcuts.json", "hardware.json"),
    *("intervals", "history", "explanation.csv"),
)
# Drawn from numbers.
FIGURES = (
    *("study", "fig05-distribution", "fig07-training", "fig08-embedding", "fig09-confusion"),
    *("roc", "reliability", "thresholds", "hardware"),
)
# Slices, which two of the three licences forbid to pass on; nor is the page, which holds them all.
SLICES = ("fig06-samples", "fig10-attention", "explanation", "twins")
SECTION = "Is it the quantum layer?"
PICTURE = re.compile(r"!\[([^\]]*)\]\(figures/([^)]+)\.png\)")


def publish(workspace: Path, published: Path) -> None:
    """Copy parameters, lock and results, replacing what was published before."""
    partial = published.with_name(f".partial-{published.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in LOCKED:
        replace(workspace / name, partial / name)
    reports = workspace / "reports"
    for name in (*RESULTS, *(f"figures/{figure}.png" for figure in FIGURES)):
        if (reports / name).exists():
            replace(reports / name, partial / name)
    if (workspace / "data/predictions").exists():
        publish_predicted(workspace, partial / "predicted")
    report = drop_slices((reports / "report.md").read_text(encoding="utf-8"))
    (partial / "report.md").write_text(report, encoding="utf-8")
    (partial / "study.md").write_text(cut_section(report, SECTION), encoding="utf-8")
    rename(partial, published)


def drop_slices(report: str) -> str:
    """The report with a line of words in the place of each picture that is not passed on."""
    return PICTURE.sub(
        lambda found: found[0] if found[2] in FIGURES else f"(Not published: {found[1]})", report
    )


def cut_section(report: str, title: str) -> str:
    """One section of a report in Markdown, as a document of its own."""
    heading = f"\n## {title}\n"
    _, found, rest = report.partition(heading)
    if not found:
        stop(f"the report must have a section {title!r}; got none")
    return f"# {title}\n" + rest.partition("\n## ")[0].rstrip() + "\n"
