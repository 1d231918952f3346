"""Print experiments side by side: scores and parameters that differ, in 100 columns.

Called by `make experiments`. The table is that of `dvc exp show --only-changed`, without the path
that DVC puts before each score, and without what stages depend on.
"""

import re
import sys
from io import StringIO
from pathlib import Path

import pandas as pd

from hqcm.orchestration.workspace import ask_dvc

WIDTH = 100  # of a terminal
_SCORE = re.compile(r"reports/scores/(.+)\.json:(.+)")
_DVC_OWN = ["Experiment", "rev", "typ", "Created", "parent", "State", "Executor"]


def arrange(table: pd.DataFrame) -> str:
    """The table as text.

    Args:
        table: of DVC, a row an experiment.
    """
    names = table["rev"]
    if "Experiment" in table:  # where there is none, it is not named
        names = table["Experiment"].replace("", None).fillna(names)
    shown: dict[tuple[str, str], pd.Series[str]] = {("", "experiment"): names}
    for column in table.columns.difference(_DVC_OWN, sort=False):
        if found := _SCORE.fullmatch(column):
            shown[found[1], found[2]] = table[column]
        elif "/" not in column:  # a path is a dependency
            shown["parameter", column] = table[column]
    return pd.DataFrame(shown).to_string(index=False, line_width=WIDTH, na_rep="-")


def main() -> None:
    """Ask DVC, print."""
    told = ask_dvc(Path.cwd(), "exp", "show", "--csv", "--only-changed", *sys.argv[1:])
    if told.returncode:
        sys.exit(told.stderr)
    print(arrange(pd.read_csv(StringIO(told.stdout), dtype=str)))


if __name__ == "__main__":
    main()
