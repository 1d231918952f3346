"""What each class may be, and what the rest of the table demands of the sums."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from hqcm.paper.counts import Margins, ScoreTable, is_realisable
from hqcm.paper.fit import Total, list_demands, list_options
from printed_tables import Matrix, confusion, margins_of, move, print_table, same_slices
from reference import roundings

FEW = settings(max_examples=15)
ALL: tuple[Total, ...] = ("averages", "accuracy")


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
        (float(demand.addends[is_taken].sum()), demand.low, demand.high)
        for demand in list_demands(options, tables, n, ALL)
    ]
    return sum(not low - 1e-9 <= total <= high + 1e-9 for total, low, high in sums)


def test_options_of_a_line_by_trying_all_counts() -> None:
    table = print_table([[9, 1], [2, 8]])
    options = list_options([table], (10, 10), 3)
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
    options = list_options([table, table], (2, 3), 40)
    assert (options["support"].min(), options["support"].max()) == (1, 5)
    assert set(options["table"]) == {0, 1}


def test_scores_stand_beside_the_counts() -> None:
    options = list_options([print_table([[3, 1], [1, 3]])], (4, 4), 0)
    [row] = options[options["label"] == 0].to_dict("records")
    assert (row["precision"], row["recall"], row["f1"]) == (0.75, 0.75, 0.75)


@FEW
@given(confusion())
def test_a_true_table_meets_every_demand(matrix: Matrix) -> None:
    table, truth = print_table(matrix), margins_of(matrix)
    options = list_options([table], truth.support, 0)
    assert taken(options, [truth]).sum() == 4
    assert n_unmet(options, [table], [truth], sum(truth.support)) == 0


@FEW
@given(confusion(), confusion(4, 3))
def test_two_true_tables_meet_every_demand(matrix: Matrix, errors: Matrix) -> None:
    matrices = [matrix, same_slices(matrix, errors)]
    tables, truths = [print_table(m) for m in matrices], [margins_of(m) for m in matrices]
    options = list_options(tables, truths[0].support, 0)
    assert n_unmet(options, tables, truths, sum(truths[0].support)) == 0


@pytest.mark.parametrize("place", range(12, 19))
@pytest.mark.parametrize("by", ["0.02", "-0.02"])
def test_each_average_and_the_accuracy_is_one_demand(place: int, by: str) -> None:
    matrix = [[50, 1, 2, 0], [3, 40, 1, 1], [0, 2, 61, 4], [1, 0, 0, 33]]
    table, truth = move(print_table(matrix), place, by), margins_of(matrix)
    options = list_options([table], truth.support, 0)
    assert n_unmet(options, [table], [truth], sum(truth.support)) == 1


def test_supports_must_be_shared() -> None:
    first, second = [[9, 1], [2, 8]], [[9, 0], [2, 9]]
    tables, truths = (
        [print_table(m) for m in (first, second)],
        [margins_of(m) for m in (first, second)],
    )
    options = list_options(tables, (10, 10), 1)
    assert n_unmet(options, tables, truths, 20) == 2


def test_errors_must_find_a_cell() -> None:
    """The demand on what a class loses and gains is `is_realisable`, class by class."""
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
        demand
        for demand in list_demands(options, [table], 8, [])
        if not demand.low <= demand.addends.sum() <= demand.high
    ]
    assert not is_realisable(unreal)
    assert len(unmet) == 1
