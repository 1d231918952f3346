"""Run the data stages and the first training steps again, and hold them against what is on record.

Called by `make verify`. On record is the run in `reports/published`: its parameters, its lock, and
the losses of its first steps. Works in a workspace of its own, `.study/verify`, begun afresh, with
a cache of its own, so that everything is computed here.
"""

import sys
from pathlib import Path

from hqcm.contracts.params import check_section, read_yaml
from hqcm.contracts.study import StudyParams
from hqcm.orchestration.running import list_pair, reproduce
from hqcm.orchestration.settings import write_params
from hqcm.orchestration.verification import compare_outputs, compare_steps, read_stages
from hqcm.orchestration.workspace import empty, fill_workspace, take_over, use_own_cache


def main() -> None:
    """Run, compare, say what differs; end with 1 if anything does."""
    project = Path(__file__).resolve().parent
    record = project / "reports" / "published"
    workspace = project / ".study" / "verify"
    lock = take_over(workspace)
    empty(workspace)
    fill_workspace(project, workspace)
    use_own_cache(workspace)
    changes = {"train.max_epochs": 1, "train.device": "cpu", "train.precision": "float32"}
    write_params(record / "params.yaml", workspace / "params.yaml", changes)
    study = check_section("study", StudyParams, read_yaml(record / "params.yaml"))
    cells = {stage: f"first_steps/{cell.name}.csv" for stage, cell in list_pair(study).items()}
    reproduce(workspace, lock, list(cells))
    here = read_stages(workspace / "dvc.lock")
    beside = {*cells, "check", "sizes", "heads"}  # the last three are of the code
    data = [stage for stage in here if stage not in beside]
    findings = [
        *compare_outputs(read_stages(record / "dvc.lock"), here, data),
        *(
            compare_steps(stage, record / steps, workspace / "reports" / steps)
            for stage, steps in cells.items()
        ),
    ]
    for finding in findings:
        print(f"verify: {'agrees ' if finding.agrees else 'DIFFERS'} {finding.told}")
    n_off = sum(not finding.agrees for finding in findings)
    if n_off:
        sys.exit(f"verify: {n_off} of {len(findings)} stages differ; the first one is the cause")
    print(f"verify: all {len(findings)} stages give what is on record")


if __name__ == "__main__":
    main()
