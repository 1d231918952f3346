"""Score tables printed from confusion matrices, and slips in them."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from hqcm.paper.counts import Margins, Scores, ScoreTable
from hqcm.paper.entries import Printed
from reference import roundings, scores_of_matrix

Matrix = Sequence[Sequence[int]]
ACCURACY_DECIMALS = 4


def digits(name: str, text: str) -> Printed:
    return Printed(id=name, says=name, quantity=name, printed=text, tolerance="any")


def print_table(matrix: Matrix) -> ScoreTable:
    """As a paper prints it: scores to two decimals, the accuracy to four."""
    values = scores_of_matrix(matrix)
    assert values is not None
    *scores, accuracy = values
    cells = [digits(f"cell {i}", min(roundings(value, 2))) for i, value in enumerate(scores)]
    *rows, macro, weighted = (Scores(*cells[i : i + 3]) for i in range(0, len(cells), 3))
    shown = digits("accuracy", min(roundings(accuracy, ACCURACY_DECIMALS)))
    return ScoreTable(tuple(rows), macro, weighted, shown)


def margins_of(matrix: Matrix) -> Margins:
    counts = np.array(matrix)
    return Margins(*(tuple(v.tolist()) for v in (counts.sum(1), counts.sum(0), counts.diagonal())))


def same_slices(matrix: Matrix, other: Matrix) -> list[list[int]]:
    """Supports of the one, errors of the other."""
    return [
        [sum(row) - sum(errors) + errors[i] if i == j else errors[j] for j in range(len(row))]
        for i, (row, errors) in enumerate(zip(matrix, other, strict=True))
    ]


def only_one_class_wrong() -> ScoreTable:
    """One class loses a slice that no other class gains: each line is possible, the table not."""
    table = print_table([[3, 1], [1, 3]])
    perfect = Scores(*(digits(f"perfect {i}", "1.00") for i in range(3)))
    return table._replace(rows=(table.rows[0], perfect))


def shift(printed: Printed, by: str) -> Printed:
    """The same number, moved by more than its rounding."""
    value = Fraction(printed.printed) + Fraction(by)
    return digits(printed.id, f"{float(abs(value)):.{printed.n_decimals}f}")


def move(table: ScoreTable, place: int, by: str) -> ScoreTable:
    """A slip in one number, counted as `ScoreTable.each` does."""
    cells = list(table.each())
    cells[place] = shift(cells[place], by)
    *rows, macro, weighted = (Scores(*cells[i : i + 3]) for i in range(0, len(cells) - 1, 3))
    return ScoreTable(tuple(rows), macro, weighted, cells[-1])


def move_f1(table: ScoreTable, label: int, by: str) -> ScoreTable:
    """A slip in the F1 of one class."""
    return move(table, 3 * label + 2, by)


def prints_lines(matrix: Matrix, table: ScoreTable) -> bool:
    """Whether the lines of the classes are those of this matrix."""
    values = scores_of_matrix(matrix)
    cells = [cell for row in table.rows for cell in row]
    return values is not None and all(
        cell.printed in roundings(value, 2) for cell, value in zip(cells, values, strict=False)
    )


def confusion(n_classes: int = 4, most: int = 6) -> st.SearchStrategy[list[list[int]]]:
    """Matrices of a classifier that is right more often than not, in every class."""
    errors = st.integers(0, most)
    right = st.integers(3 * most, 12 * most)
    return st.lists(
        st.lists(errors, min_size=n_classes, max_size=n_classes),
        min_size=n_classes,
        max_size=n_classes,
    ).flatmap(
        lambda rows: st.lists(right, min_size=n_classes, max_size=n_classes).map(
            lambda diagonal: [
                [diagonal[i] if i == j else cell for j, cell in enumerate(row)]
                for i, row in enumerate(rows)
            ]
        )
    )
