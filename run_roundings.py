"""Run the default configuration in ten arithmetics: how far does rounding alone move it?

Called by `make roundings`. Works in workspaces of its own, `.study/roundings`; goes on where it was
stopped. Its table, `data/measured/roundings.csv`, is what the report calls noise.
"""

from pathlib import Path

from hqcm.orchestration.roundings import ARITHMETICS, measure_roundings
from hqcm.orchestration.running import reproduce
from hqcm.orchestration.settings import write_params
from hqcm.orchestration.workspace import fill_workspace, take_over
from hqcm.results.roundings import write_roundings


def main() -> None:
    """Fill the workspace, run, write the table and what it is of."""
    project = Path(__file__).resolve().parent
    workspace = project / ".study" / "roundings"
    lock = take_over(workspace)
    fill_workspace(project, workspace)
    write_params(project / "params.yaml", workspace / "params.yaml", {})
    reproduce(workspace, lock, ["sizes", "heads"])
    measured = measure_roundings(workspace, lock, ARITHMETICS)
    write_roundings(project / "data" / "measured", measured)


if __name__ == "__main__":
    main()
