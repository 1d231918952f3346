"""What of a study is passed on: numbers, the figure drawn from them, parameters and lock."""

import shutil
from pathlib import Path

from hqcm.orchestration.workspace import replace, stop

LOCKED = ("params.yaml", "dvc.lock")
# Not the page and the other figures: they show slices, which two of the three licences forbid
# to pass on.
RESULTS = (
    *("compare.json", "compare.csv", "metrics.json", "localisation.json", "localisation.csv"),
    *("mcnemar.json", "claims.json", "intervals", "history", "figures/study.png"),
)
SECTION = "Is it the quantum layer?"


def publish(workspace: Path, published: Path) -> None:
    """Copy parameters, lock and results, replacing what was published before."""
    partial = published.with_name(f".partial-{published.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in LOCKED:
        replace(workspace / name, partial / name)
    reports = workspace / "reports"
    for name in RESULTS:
        if (reports / name).exists():
            replace(reports / name, partial / name)
    report = (reports / "report.md").read_text(encoding="utf-8")
    (partial / "study.md").write_text(cut_section(report, SECTION), encoding="utf-8")
    shutil.rmtree(published, ignore_errors=True)
    partial.rename(published)


def cut_section(report: str, title: str) -> str:
    """One section of a report in Markdown, as a document of its own."""
    heading = f"\n## {title}\n"
    _, found, rest = report.partition(heading)
    if not found:
        stop(f"the report must have a section {title!r}; got none")
    return f"# {title}\n" + rest.partition("\n## ")[0].rstrip() + "\n"
