"""Table 1 as read from the claims, and the counts behind it with given supports."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.paper.claims import Claims
from hqcm.paper.counts import (
    Margins,
    Scores,
    ScoreTable,
    _is_realisable,
    _prints_as,
    class_counts,
    count_limits,
    find_margins,
    misprints,
    read_table,
)
from printed_tables import (
    Matrix,
    confusion,
    digits,
    margins_of,
    move,
    move_f1,
    only_one_class_wrong,
    print_table,
    prints_lines,
)
from reference import confusion_matrices, roundings


def test_numbers_stand_in_the_order_of_the_table(claims: Claims) -> None:
    table = read_table(claims, "classical")
    assert [cell.printed for cell in table.rows[2]] == ["0.99", "0.69", "0.82"]
    assert [cell.printed for cell in table.weighted] == ["0.89", "0.88", "0.87"]
    printed = [placed.claim for placed in claims.each() if placed.network == "classical"]
    in_the_file = [claim for claim in printed if claim.quantity.startswith("metrics/")]
    assert {claim.id for claim in table.each()} == {claim.id for claim in in_the_file}
    assert len(list(table.each())) == 19


def test_a_table_with_a_hole_is_refused(claims: Claims) -> None:
    with pytest.raises(ValueError, match=r"pair must hold metrics/per_class/healthy/precision"):
        read_table(claims, "pair")


RELEASED = (280, 247, 303, 307)
SMALL = (4, 3, 5)
SMALL_TABLES = [
    print_table(matrix)
    for matrix in (
        [[4, 0, 0], [0, 3, 0], [0, 0, 5]],
        [[3, 1, 0], [0, 2, 1], [1, 1, 3]],
        [[1, 2, 1], [1, 1, 1], [2, 1, 2]],
        [[0, 4, 0], [1, 2, 0], [0, 1, 4]],
    )
]


@given(confusion())
def test_a_true_table_is_possible(matrix: Matrix) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    assert misprints(table, truth) == []
    assert truth in find_margins(table, truth.support)


@given(confusion(), st.integers(0, 3), st.sampled_from(["0.03", "-0.03"]))
def test_a_slip_in_one_f1_leaves_nothing(matrix: Matrix, label: int, by: str) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    assert find_margins(move_f1(table, label, by), truth.support) == []


@given(confusion(), st.integers(0, 18), st.sampled_from(["0.02", "-0.02"]))
def test_a_slip_in_any_number_is_named(matrix: Matrix, place: int, by: str) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    slipped = move(table, place, by)
    assert misprints(slipped, truth) == [list(slipped.each())[place]]


@pytest.mark.parametrize("table", [*SMALL_TABLES, move_f1(SMALL_TABLES[1], 0, "0.03")])
def test_nothing_is_missed_and_nothing_invented(table: ScoreTable) -> None:
    everything = {
        margins_of(matrix) for matrix in confusion_matrices(SMALL) if prints_lines(matrix, table)
    }
    found = find_margins(table, SMALL)
    assert len(found) == len(set(found))
    assert set(found) == everything


def test_which_margins_a_confusion_matrix_has() -> None:
    real = {margins_of(matrix) for matrix in confusion_matrices(SMALL)}
    n = sum(SMALL)
    for first, second in product(range(n + 1), repeat=2):
        predicted = (first, second, n - first - second)
        for correct in product(*(range(support + 1) for support in SMALL)):
            margins = Margins(SMALL, predicted, correct)
            assert _is_realisable(margins) == (margins in real)
    assert not _is_realisable(Margins((2, 2), (2, 1), (1, 1)))


def test_a_slice_cannot_be_lost_by_one_class_and_gained_by_itself() -> None:
    table = only_one_class_wrong()
    assert all(class_counts(line, 4, 8) for line in table.rows)
    assert find_margins(table, (4, 4)) == []


def test_counts_of_a_class_from_its_line() -> None:
    line = Scores(digits("p", "0.80"), digits("r", "0.67"), digits("f1", "0.73"))
    assert class_counts(line, 6, 20) == [(4, 5)]
    assert class_counts(line, 5, 20) == []
    never = Scores(digits("p", "0.00"), digits("r", "0.00"), digits("f1", "0.00"))
    assert class_counts(never, 2, 3) == [(0, 1), (0, 2), (0, 3)]


def test_a_tie_may_be_printed_either_way() -> None:
    assert _prints_as(Fraction(39, 40), digits("up", "0.98"))
    assert _prints_as(Fraction(39, 40), digits("down", "0.97"))
    assert not _prints_as(Fraction(39, 40), digits("off", "0.96"))


@pytest.mark.parametrize("n", [40, 1136, 1137])
@pytest.mark.parametrize("text", ["0.9648", "0.8672", "1.00", "0.00"])
def test_limits_of_a_count_from_its_fraction(text: str, n: int) -> None:
    decimals = len(text) - 2
    fitting = [k for k in range(n + 1) if text in roundings(Fraction(k, n), decimals)]
    low, high = count_limits(digits("accuracy", text), n)
    assert list(range(low, high + 1)) == fitting


def test_the_hybrid_rows_leave_22_tables_with_the_released_labels(claims: Claims) -> None:
    table = read_table(claims, "hybrid")
    found = find_margins(table, RELEASED)
    assert len(found) == 22
    assert {sum(margins.correct) for margins in found} == {1094, 1095, 1096}
    assert all(misprints(table, margins) == [table.accuracy] for margins in found)


def test_the_classical_rows_leave_none_with_the_released_labels(claims: Claims) -> None:
    assert find_margins(read_table(claims, "classical"), RELEASED) == []


def test_the_most_correct_slices_behind_the_classical_rows_and_averages(claims: Claims) -> None:
    """A witness: 1,000 of 1,137 are possible, with supports far from the released ones."""
    table = read_table(claims, "classical")
    witness = Margins((41, 41, 403, 652), (44, 45, 284, 764), (40, 36, 280, 644))
    assert _is_realisable(witness)
    assert misprints(table, witness) == [table.accuracy]
