"""Table 1 as printed for one network, and the whole-number counts that can stand behind it.

Counts are the margins of a confusion matrix. Here the supports of the classes are given; `fit`
searches for those too.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor
from operator import mul
from typing import NamedTuple

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Network, Printed


class Scores(NamedTuple):
    """One line of the table."""

    precision: Printed
    recall: Printed
    f1: Printed


class ScoreTable(NamedTuple):
    """Half of the table: a line a class, in the order of the labels, and the lines below."""

    rows: tuple[Scores, ...]
    macro: Scores
    weighted: Scores
    accuracy: Printed

    def each(self) -> Iterator[Printed]:
        """Every number, line by line."""
        for scores in (*self.rows, self.macro, self.weighted):
            yield from scores
        yield self.accuracy


def read_table(claims: Claims, network: Network) -> ScoreTable:
    """What the paper prints about the classification by one network.

    Raises:
        ValueError: the claims lack a number of the table.
    """

    def find_scores(line: str) -> Scores:
        return Scores(*(claims.get(network, f"metrics/{line}/{name}") for name in Scores._fields))

    return ScoreTable(
        rows=tuple(find_scores(f"per_class/{name}") for name in CLASS_NAMES),
        macro=find_scores("macro"),
        weighted=find_scores("weighted"),
        accuracy=claims.get(network, "metrics/accuracy"),
    )


class Margins(NamedTuple):
    """Row sums, column sums and diagonal of a confusion matrix, a number a class."""

    support: tuple[int, ...]
    predicted: tuple[int, ...]
    correct: tuple[int, ...]

    def scores(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Precision, recall and F1 of each class, exactly."""
        counts = zip(*self, strict=True)
        return [(Fraction(c, p), Fraction(c, s), f1(c, s, p)) for s, p, c in counts]


def f1(correct: int, support: int, predicted: int) -> Fraction:
    """F1 in counts: harmonic mean of correct / predicted and correct / support."""
    return Fraction(2 * correct, support + predicted)


def _prints_as(value: Fraction, printed: Printed) -> bool:
    low, high = printed.bounds
    return low <= value <= high  # ties may go either way


def count_limits(fraction: Printed, n: int) -> tuple[int, int]:
    """Smallest and largest k for which k / n prints as given; crossed where there is none."""
    low, high = fraction.bounds
    return max(0, ceil(low * n)), min(n, floor(high * n))


def class_counts(scores: Scores, support: int, n: int) -> list[tuple[int, int]]:
    """Every (correct, predicted) of a class of `support` slices, out of n, that prints its line.

    A class that is never predicted has no precision, so `predicted` is 1 or more.
    """
    low, high = scores.precision.bounds
    fewest, most = count_limits(scores.recall, support)
    return [
        (correct, predicted)
        for correct in range(fewest, most + 1)
        for predicted in range(
            max(1, correct, ceil(correct / high)),
            (n if correct >= low * n else floor(correct / low)) + 1,
        )
        if _prints_as(f1(correct, support, predicted), scores.f1)
    ]


def _is_realisable(margins: Margins) -> bool:
    """Whether a confusion matrix has these margins.

    What a class loses and what it wrongly gains lie off the diagonal, in different cells: their
    sum must fit into the number of errors. With equal totals, that is enough.

    Source:
        max-flow min-cut for a transport from each class to all others.
    """
    n_errors = sum(margins.support) - sum(margins.correct)
    return sum(margins.support) == sum(margins.predicted) and all(
        correct <= min(support, predicted) and support + predicted - 2 * correct <= n_errors
        for support, predicted, correct in zip(*margins, strict=True)
    )


def find_margins(table: ScoreTable, supports: Sequence[int]) -> list[Margins]:
    """Every confusion-matrix margin with given supports that prints the lines of the classes.

    Neither the averages nor the accuracy are asked for; see `misprints`.
    """
    n = sum(supports)
    lines = zip(table.rows, supports, strict=True)
    *first, last = [class_counts(scores, support, n) for scores, support in lines]
    found = []
    for counts in product(*first):
        left = n - sum(predicted for _, predicted in counts)
        for closing in last:
            if closing[1] == left:
                correct, predicted = zip(*counts, closing, strict=True)
                found.append(Margins(tuple(supports), predicted, correct))
    return [margins for margins in found if _is_realisable(margins)]


def misprints(table: ScoreTable, margins: Margins) -> list[Printed]:
    """The numbers of a table that these margins do not print, in the order of the table."""
    n, lines = sum(margins.support), margins.scores()
    columns = list(zip(*lines, strict=True))
    macro = [sum(column) / len(column) for column in columns]
    weighted = [sum(map(mul, column, margins.support)) / n for column in columns]
    accuracy = Fraction(sum(margins.correct), n)
    values = [value for line in (*lines, macro, weighted) for value in line]
    return [
        printed
        for printed, value in zip(table.each(), [*values, accuracy], strict=True)
        if not _prints_as(Fraction(value), printed)
    ]
