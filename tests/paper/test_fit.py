"""Counts behind printed tables whose supports are not known: options, demands, the search."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

from hqcm.paper.claims import Claims
from hqcm.paper.counts import (
    Margins,
    Scores,
    ScoreTable,
    _is_realisable,
    misprints,
    read_table,
)
from hqcm.paper.fit import (
    Fit,
    _list_demands,
    _list_options,
    _take_options,
    _Total,
    correct_limits,
    fit_tables,
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
    same_slices,
)
from reference import confusion_matrices, roundings, scores_of_matrix

ROWS: tuple[_Total, ...] = ()
EVERYTHING: tuple[_Total, ...] = ("averages", "accuracy")
FEW = settings(max_examples=10)


def taken(options: pd.DataFrame, tables: list[Margins]) -> pd.Series:
    """Which options are those of given margins; one a class and table."""
    wanted = pd.DataFrame(
        [
            (table, label, *counts)
            for table, margins in enumerate(tables)
            for label, counts in enumerate(
                zip(margins.support, margins.correct, margins.predicted, strict=True)
            )
        ],
        columns=["table", "label", "support", "correct", "predicted"],
    )
    marked = options.merge(wanted, how="left", indicator=True)
    return marked["_merge"] == "both"


def n_unmet(options: pd.DataFrame, tables: list[ScoreTable], margins: list[Margins], n: int) -> int:
    is_taken = taken(options, margins)
    sums = [
        (float(addends[is_taken].sum()), low, high)
        for addends, low, high in _list_demands(options, tables, n, EVERYTHING)
    ]
    return sum(not low - 1e-9 <= total <= high + 1e-9 for total, low, high in sums)


def test_options_of_a_line_by_trying_all_counts() -> None:
    table = print_table([[9, 1], [2, 8]])
    options = _list_options([table], (10, 10), 3)
    found = set(
        options.loc[options["label"] == 0, ["support", "correct", "predicted"]].itertuples(
            index=False, name=None
        )
    )
    printed = [cell.printed for cell in table.rows[0]]
    tried = {
        (support, correct, predicted)
        for support in range(7, 14)
        for predicted in range(1, 21)
        for correct in range(min(support, predicted) + 1)
        if all(
            text in roundings(value, 2)
            for text, value in zip(
                printed,
                (
                    Fraction(correct, predicted),
                    Fraction(correct, support),
                    Fraction(2 * correct, support + predicted),
                ),
                strict=True,
            )
        )
    }
    assert found == tried


def test_supports_stay_within_the_slices_there_are() -> None:
    table = print_table([[2, 0], [0, 3]])
    options = _list_options([table, table], (2, 3), 40)
    assert (options["support"].min(), options["support"].max()) == (1, 5)
    assert set(options["table"]) == {0, 1}


def test_scores_stand_beside_the_counts() -> None:
    options = _list_options([print_table([[3, 1], [1, 3]])], (4, 4), 0)
    [row] = options[options["label"] == 0].to_dict("records")
    assert (row["precision"], row["recall"], row["f1"]) == (0.75, 0.75, 0.75)


@FEW
@given(confusion())
def test_a_true_table_meets_every_demand(matrix: Matrix) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    options = _list_options([table], truth.support, 0)
    assert taken(options, [truth]).sum() == 4
    assert n_unmet(options, [table], [truth], sum(truth.support)) == 0


@FEW
@given(confusion(), confusion(4, 3))
def test_two_true_tables_meet_every_demand(matrix: Matrix, errors: Matrix) -> None:
    matrices = [matrix, same_slices(matrix, errors)]
    tables, truths = [print_table(m) for m in matrices], [margins_of(m) for m in matrices]
    options = _list_options(tables, truths[0].support, 0)
    assert n_unmet(options, tables, truths, sum(truths[0].support)) == 0


@pytest.mark.parametrize("place", range(12, 19))
@pytest.mark.parametrize("by", ["0.02", "-0.02"])
def test_each_average_and_the_accuracy_is_one_demand(place: int, by: str) -> None:
    matrix = [[50, 1, 2, 0], [3, 40, 1, 1], [0, 2, 61, 4], [1, 0, 0, 33]]
    table, truth = move(print_table(matrix), place, by), margins_of(matrix)
    options = _list_options([table], truth.support, 0)
    assert n_unmet(options, [table], [truth], sum(truth.support)) == 1


def test_supports_must_be_shared() -> None:
    first, second = [[9, 1], [2, 8]], [[9, 0], [2, 9]]
    tables, truths = (
        [print_table(m) for m in (first, second)],
        [margins_of(m) for m in (first, second)],
    )
    options = _list_options(tables, (10, 10), 1)
    assert n_unmet(options, tables, truths, 20) == 2


def test_errors_must_find_a_cell() -> None:
    """The demand on what a class loses and gains is `_is_realisable`, class by class."""
    table = print_table([[3, 1], [1, 3]])
    unreal = Margins((4, 4), (4, 4), (3, 4))
    options = pd.DataFrame(
        {
            "table": 0,
            "label": [0, 1],
            "support": unreal.support,
            "correct": unreal.correct,
            "predicted": unreal.predicted,
            **{score: np.ones(2) for score in ("precision", "recall", "f1")},
        }
    )
    unmet = [
        addends
        for addends, low, high in _list_demands(options, [table], 8, [])
        if not low <= addends.sum() <= high
    ]
    assert not _is_realisable(unreal)
    assert len(unmet) == 1


N = 8


class Known(NamedTuple):
    """A confusion matrix and its scores, by the reference."""

    margins: Margins
    scores: list[Fraction]


@pytest.fixture(scope="module")
def every_matrix() -> list[Known]:
    """Of three classes and eight slices; some are never predicted and have no scores."""
    pairs = product(range(1, N), repeat=2)
    supports = [(a, b, N - a - b) for a, b in pairs if a + b < N]
    matrices = [matrix for given in supports for matrix in confusion_matrices(given)]
    scored = [(matrix, scores_of_matrix(matrix)) for matrix in matrices]
    return [Known(margins_of(matrix), scores) for matrix, scores in scored if scores]


def behind(every_matrix: list[Known], table: ScoreTable, asked: Sequence[_Total]) -> list[Known]:
    """The matrices that print a table, as far as asked, cell by cell."""
    cells = list(table.each())
    places = [*range(9), *(range(9, 15) if "averages" in asked else ())]
    places += [15] if "accuracy" in asked else []
    return [
        known
        for known in every_matrix
        if all(cells[i].printed in roundings(known.scores[i], cells[i].n_decimals) for i in places)
    ]


def n_moved(supports: Sequence[int], near: Sequence[int]) -> int:
    return sum(abs(s - start) for s, start in zip(supports, near, strict=True)) // 2


def misprinted(tables: Sequence[ScoreTable], fit: Fit) -> list[str]:
    pairs = zip(tables, fit.margins, strict=True)
    return [printed.id for table, margins in pairs for printed in misprints(table, margins)]


TOY_TABLES = [
    print_table([[2, 0, 1], [0, 2, 0], [1, 0, 2]]),
    print_table([[1, 1, 0], [1, 1, 0], [1, 0, 3]]),
    move_f1(print_table([[1, 1, 0], [1, 1, 0], [1, 0, 3]]), 2, "0.03"),
    move(print_table([[2, 0, 1], [0, 2, 0], [1, 0, 2]]), 12, "0.03"),
    move(print_table([[2, 0, 1], [0, 2, 0], [1, 0, 2]]), 15, "-0.125"),
]


@pytest.mark.parametrize("table", TOY_TABLES)
@pytest.mark.parametrize("asked", [ROWS, ("averages",), ("accuracy",), EVERYTHING])
@pytest.mark.parametrize("near", [(3, 2, 3), (1, 1, 6)])
def test_the_nearest_supports_are_found_or_none(
    every_matrix: list[Known], table: ScoreTable, asked: Sequence[_Total], near: Sequence[int]
) -> None:
    found = behind(every_matrix, table, asked)
    fit = fit_tables([table], near, asked)
    if not found:
        assert fit is None
        return
    assert fit is not None
    assert fit.margins[0] in {known.margins for known in found}
    assert fit.n_moved == n_moved(fit.margins[0].support, near)
    assert fit.n_moved == min(n_moved(known.margins.support, near) for known in found)


@pytest.mark.parametrize("table", TOY_TABLES)
def test_fewest_and_most_correct_slices(every_matrix: list[Known], table: ScoreTable) -> None:
    correct = [sum(known.margins.correct) for known in behind(every_matrix, table, ["averages"])]
    expected = (min(correct), max(correct)) if correct else None
    assert correct_limits(table, (3, 2, 3), N) == expected


def test_the_search_goes_on_until_nothing_nearer_can_be_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two slices off each, 4, 10, 6 and 4 serve, four moved; 4, 5, 9 and 6 are only three away."""
    monkeypatch.setattr("hqcm.paper.fit._FIRST_REACH", 2)
    texts = ("0.75", "0.80", "0.67", "0.50")
    lines = tuple(Scores(*(digits(text, text) for _ in range(3))) for text in texts)
    table = ScoreTable(lines, lines[0], lines[0], digits("accuracy", "0"))
    fit = fit_tables([table], (2, 8, 8, 6), ROWS)
    assert fit is not None
    assert (fit.margins[0].support, fit.n_moved) == ((4, 5, 9, 6), 3)


def test_a_slice_cannot_be_lost_by_one_class_and_gained_by_itself() -> None:
    assert fit_tables([only_one_class_wrong()], (4, 4), ROWS) is None


def test_limits_look_no_further_than_told() -> None:
    table = print_table([[20, 2], [3, 40]])
    assert correct_limits(table, (22, 43), 0) == (60, 60)
    assert correct_limits(table, (32, 33), 3) is None


@FEW
@given(confusion())
def test_a_true_table_is_possible(matrix: Matrix) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    fit = fit_tables([table], truth.support, EVERYTHING)
    assert fit is not None
    assert (fit.n_moved, fit.margins[0].support) == (0, truth.support)
    assert _is_realisable(fit.margins[0])
    assert misprinted([table], fit) == []


@FEW
@given(confusion(), confusion(4, 3))
def test_two_true_tables_of_the_same_slices_are_possible(matrix: Matrix, other: Matrix) -> None:
    first = margins_of(matrix)
    tables = [print_table(matrix), print_table(same_slices(matrix, other))]
    fit = fit_tables(tables, first.support, EVERYTHING)
    assert fit is not None
    assert fit.n_moved == 0
    assert fit.margins[0].support == fit.margins[1].support == first.support
    assert misprinted(tables, fit) == []


def test_supports_are_found_from_afar() -> None:
    table = print_table([[97, 3], [4, 62]])
    fit = fit_tables([table], (60, 106), EVERYTHING)
    assert fit is not None
    assert 16 < fit.n_moved <= 40
    assert misprinted([table], fit) == []


@FEW
@given(confusion(3, 2), st.sampled_from([2, 5, 8]), st.sampled_from(["0.03", "-0.03"]))
def test_a_slip_in_one_f1_leaves_nothing(matrix: Matrix, place: int, by: str) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    assert fit_tables([move(table, place, by)], truth.support, ROWS) is None


@FEW
@given(confusion(3, 2), st.sampled_from([13, 15]), st.sampled_from(["0.02", "-0.02"]))
def test_a_slip_in_weighted_recall_or_accuracy_leaves_nothing(
    matrix: Matrix, place: int, by: str
) -> None:
    table, truth = move(print_table(matrix), place, by), margins_of(matrix)
    assert fit_tables([table], truth.support, EVERYTHING) is None


def test_a_search_without_an_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    table = print_table([[20, 2], [3, 40]])
    options = _list_options([table], (22, 43), 1)
    ended = OptimizeResult(status=1, x=None, message="Time limit reached")
    monkeypatch.setattr("hqcm.paper.fit.milp", lambda *_, **__: ended)
    with pytest.raises(RuntimeError, match=r"found or excluded; got Time limit reached"):
        _take_options(options, [table], 65, ROWS, pd.Series(0, index=options.index))


def test_the_classical_rows_need_four_slices_of_another_class(claims: Claims) -> None:
    table = read_table(claims, "classical")
    fit = fit_tables([table], (280, 247, 303, 307), ROWS)
    assert fit is not None
    assert fit.n_moved == 4
    in_the_rows = {printed.id for line in table.rows for printed in line}
    assert not in_the_rows & set(misprinted([table], fit))
