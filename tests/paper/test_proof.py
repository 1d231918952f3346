"""The proof by weights that two tables cannot both be right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hqcm.paper.claims import Claims
from hqcm.paper.counts import ScoreTable, class_counts, read_table
from hqcm.paper.proof import Proof, _corners, prove_fewest
from printed_tables import Matrix, confusion, move_f1, print_table, same_slices

FEW = settings(max_examples=30)


@pytest.fixture(scope="module")
def tables(claims: Claims) -> tuple[ScoreTable, ScoreTable]:
    return read_table(claims, "hybrid"), read_table(claims, "classical")


@pytest.fixture(scope="module")
def proof(tables: tuple[ScoreTable, ScoreTable]) -> Proof:
    found = prove_fewest(*tables, 1137, 1097)
    assert found is not None
    return found


@FEW
@given(confusion(), confusion(4, 3))
def test_what_is_true_is_never_excluded(matrix: Matrix, errors: Matrix) -> None:
    other = same_slices(matrix, errors)
    n = sum(map(sum, matrix))
    for first, second in ((matrix, other), (other, matrix)):
        n_correct = [sum(rows[i][i] for i in range(4)) for rows in (first, second)]
        proof = prove_fewest(print_table(first), print_table(second), n, n_correct[0])
        assert proof is not None
        assert proof.fewest <= n_correct[1]


def test_both_accuracies_of_the_paper_exclude_each_other(proof: Proof) -> None:
    assert float(proof.fewest) == pytest.approx(991.5, abs=0.1)
    assert proof.fewest > 986


def test_the_inequality_of_a_class_holds_for_all_its_counts(
    tables: tuple[ScoreTable, ScoreTable], proof: Proof
) -> None:
    """Not from the corners: from every whole number that prints the lines."""
    w = proof.weights
    for label, of_class in enumerate(proof.classes):
        first, second = (table.rows[label] for table in tables)
        for support in (97, 280, 303, 640):
            used = [
                w.correct_first * correct + w.predicted_first * predicted
                for correct, predicted in class_counts(first, support, 1137)
            ]
            left = [
                correct - w.predicted_second * predicted
                for correct, predicted in class_counts(second, support, 1137)
            ]
            if used and left:
                least = min(left) - max(used) - w.support * support
                assert least >= of_class.rest * support


def test_the_limit_is_the_sum_of_the_inequalities(proof: Proof) -> None:
    w = proof.weights
    summed = 1137 * (w.support + w.predicted_first + w.predicted_second) + 1097 * w.correct_first
    worst = min(of_class.rest for of_class in proof.classes)
    assert proof.fewest == summed + 1137 * worst
    for of_class in proof.classes:
        left = of_class.second.correct - w.predicted_second * of_class.second.predicted
        used = w.correct_first * of_class.first.correct
        used += w.predicted_first * of_class.first.predicted
        assert left - used - w.support == of_class.rest


@given(st.integers(0, 3), st.integers(0, 1), st.integers(-9, 9), st.integers(-9, 9))
def test_nothing_lies_beyond_the_corners(
    tables: tuple[ScoreTable, ScoreTable], label: int, table: int, right: int, said: int
) -> None:
    """Against a linear programme written out from the printed digits."""
    scores = tables[table].rows[label]
    (p_low, p_high), (r_low, r_high), (f_low, f_high) = (
        (float(printed.printed) - 0.005, float(printed.printed) + 0.005) for printed in scores
    )
    sides = [
        ([-1, p_low], 0),
        ([1, -p_high], 0),
        ([-2, f_low], -f_low),
        ([2, -f_high], f_high),
        ([1, -1], 0),
    ]
    coefficients, limits = zip(*sides, strict=True)
    best = linprog(
        [-right, -said],
        A_ub=coefficients,
        b_ub=limits,
        bounds=[(r_low, min(r_high, 1)), (0, None)],
    )
    largest = max(right * corner.correct + said * corner.predicted for corner in _corners(scores))
    assert float(largest) == pytest.approx(-best.fun, abs=1e-9)


def test_lines_that_no_counts_print_have_no_proof() -> None:
    table = print_table([[20, 2], [3, 40]])
    assert prove_fewest(move_f1(table, 0, "0.03"), table, 65, 60) is None
    assert prove_fewest(table, table, 65, 30) is None
