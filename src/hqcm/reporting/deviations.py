"""The table of `docs/deviations.md`: where the paper is silent or contradicts itself."""

from pathlib import Path

HEADER = ["no.", "open or contradicted", "here", "key"]


def read_deviations(path: Path) -> list[list[str]]:
    """Its rows: number, what is open, what is done here, and the key that changes it.

    Raises:
        ValueError: the file holds another table, or its rows are not numbered on from D-01.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|") and not set(line) <= set("|- ")]
    header, *rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table]
    if header != HEADER:
        raise ValueError(f"{path}: the table must have the columns {HEADER}; got {header}")
    for number, row in enumerate(rows, start=1):
        if row[0] != f"D-{number:02d}" or len(row) != len(HEADER):
            raise ValueError(
                f"{path}: row {number} must have {len(HEADER)} cells, the first D-{number:02d}; "
                f"got {row}"
            )
    return rows
