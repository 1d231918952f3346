"""Copy the default run to `reports/published`, which git keeps; called by `make publish`.

`dvc repro` leaves its report and results where git does not look, but for the scores. What people
read without running anything is this copy, which stands until the next. There are slices in it, so
it is made of simulated ones alone. See docs/decisions/0020-what-git-keeps.md.
"""

import sys
from pathlib import Path

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.publication import publish_run
from hqcm.orchestration.workspace import ask_dvc, find_commit


def main() -> None:
    """Refuse clinical slices and what is out of date, then copy."""
    project = Path(__file__).resolve().parent
    cohort = read_yaml(project / "params.yaml")["data"]["cohort"]
    if cohort != "phantom":
        sys.exit(
            f"publish: data.cohort must be phantom; got {cohort}, and the licences of clinical "
            "sources forbid to pass slices on (`make study` publishes what may be)"
        )
    if ask_dvc(project, "status", "--quiet").returncode:
        sys.exit("publish: the run must be up to date; run `dvc repro` (`dvc status` says why)")
    listed = ask_dvc(project, "stage", "list", "--name-only")
    listed.check_returncode()
    published = project / "reports" / "published"
    publish_run(project, published, find_commit(project), listed.stdout.split())
    print(f"publish: {published.relative_to(project)} is the present run")


if __name__ == "__main__":
    main()
