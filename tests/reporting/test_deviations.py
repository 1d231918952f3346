"""The table of deviations, read strictly."""

from pathlib import Path

import pytest

from hqcm.reporting.results import HEADER, read_deviations

PROJECT = Path(__file__).parents[2] / "docs" / "deviations.md"
HEAD = f"Words.\n\n| {' | '.join(HEADER)} |\n|---|---|---|---|\n"


def test_every_choice_of_the_project_is_read() -> None:
    rows = read_deviations(PROJECT)
    text = PROJECT.read_text(encoding="utf-8")
    assert len(rows) == text.count("\n| D-") >= 27
    assert [rows[3][0], rows[3][2]] == ["D-04", "4, that is 32 -> 8 -> 32 (released)"]
    assert all("|" not in cell and cell == cell.strip() for row in rows for cell in row)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("| no. | here |\n|---|---|\n", r"must have the columns .*got \['no\.', 'here'\]"),
        (HEAD + "| D-02 | a | b | c |\n", r"row 1 must have 4 cells, the first D-01; got"),
        (HEAD + "| D-01 | a | b |\n", r"row 1 must have 4 cells"),
        (HEAD + "| D-01 | a | b | c |\n| D-01 | a | b | c |\n", "row 2 .* the first D-02"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, table: str, message: str) -> None:
    path = tmp_path / "deviations.md"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_deviations(path)
