"""Table 1: the scores of one network, as printed."""

from collections.abc import Iterator
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
