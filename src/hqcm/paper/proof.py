r"""How many slices one table must have right, given how many another has right of the same slices.

Weights :math:`w` are chosen such that for every class, whatever its support :math:`s`, the
printed lines of the two tables enforce

.. math:: c_2 \ge w_s s + w_{p1} p_1 + w_{p2} p_2 + w_{c1} c_1 + r s

with :math:`c` correct and :math:`p` predicted slices of the first and the second table. Summed
over the classes, supports and predicted slices give n each: a limit that anybody can check, and
that holds for all supports at once. A linear programme proposes the weights; what follows from
them is computed in fractions.
"""

from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import linprog

from hqcm.paper.counts import Scores, ScoreTable

_DECIMALS = 3
"""Of the weights; rounding them costs a little of the limit, never its truth."""

_INFEASIBLE = 2
"""`linprog`'s status where no counts meet the inequalities."""


class _Corner(NamedTuple):
    """Counts of a class as fractions of its support."""

    correct: Fraction
    predicted: Fraction


class _Weights(NamedTuple):
    """What a slice counts for in each total."""

    support: Fraction
    predicted_first: Fraction
    predicted_second: Fraction
    correct_first: Fraction


class _ClassProof(NamedTuple):
    """The corners where the inequality of a class is tightest, and what is left there (r)."""

    first: _Corner
    second: _Corner
    rest: Fraction


class Proof(NamedTuple):
    """The second table has `fewest` correct slices or more if the first has `n_correct`."""

    n_correct: int
    weights: _Weights
    classes: list[_ClassProof]
    fewest: Fraction


def prove_fewest(first: ScoreTable, second: ScoreTable, n: int, n_correct: int) -> Proof | None:
    """Prove how many of n slices the second table has right when the first has `n_correct`.

    Returns:
        The proof, or None where no counts at all print the lines of both tables.
    """
    weights = _propose_weights(first, second, n, n_correct)
    if weights is None:
        return None
    pairs = zip(first.rows, second.rows, strict=True)
    classes = [_weigh_class(*pair, weights) for pair in pairs]
    summed = sum(weights[:3]) * n + weights.correct_first * n_correct
    return Proof(n_correct, weights, classes, summed + n * min(proof.rest for proof in classes))


def _propose_weights(
    first: ScoreTable, second: ScoreTable, n: int, n_correct: int
) -> _Weights | None:
    # Unknowns of a class: support, then correct and predicted of the first, and of the second.
    support, correct_first, predicted_first, correct_second, _ = unit = np.eye(5)
    of_first, of_second = unit[:3], unit[[0, 3, 4]]
    demands = [
        np.vstack([_line_cone(one) @ of_first, _line_cone(other) @ of_second])
        for one, other in zip(first.rows, second.rows, strict=True)
    ]
    at_least = block_diag(*demands)
    totals = np.stack([support, predicted_first, unit[4], correct_first])
    result = linprog(
        np.tile(correct_second, len(demands)),
        A_ub=-at_least,
        b_ub=np.zeros(len(at_least)),
        A_eq=np.tile(totals, len(demands)),
        b_eq=[n, n, n, n_correct],
    )
    if result.status == _INFEASIBLE:
        return None
    return _Weights(*(Fraction(f"{weight:.{_DECIMALS}f}") for weight in result.eqlin.marginals))


def _weigh_class(first: Scores, second: Scores, weights: _Weights) -> _ClassProof:
    _, w_p1, w_p2, w_c1 = weights

    def used(corner: _Corner) -> Fraction:
        return w_c1 * corner.correct + w_p1 * corner.predicted

    def left(corner: _Corner) -> Fraction:
        return corner.correct - w_p2 * corner.predicted

    one, other = max(_corners(first), key=used), min(_corners(second), key=left)
    return _ClassProof(one, other, left(other) - used(one) - weights.support)


def _line_cone(scores: Scores) -> NDArray[np.int_]:
    """What a printed line says of a class: rows a, ``a @ (support, correct, predicted) >= 0``.

    A score is a ratio of counts between two fractions, so each side is free of rounding.
    """
    support, correct, predicted = np.eye(3, dtype=int)
    rows = [support - correct, predicted - correct]
    ratios = (correct, predicted), (correct, support), (2 * correct, support + predicted)
    for printed, (over, under) in zip(scores, ratios, strict=True):
        low, high = printed.bounds
        rows.append(low.denominator * over - low.numerator * under)
        rows.append(high.numerator * under - high.denominator * over)
    return np.array(rows)


def _corners(scores: Scores) -> list[_Corner]:
    """The corners of what a printed line allows, in fractions of the support."""
    rows = _line_cone(scores).tolist()
    found = []
    for (s1, c1, p1), (s2, c2, p2) in combinations(rows, 2):
        determinant = c1 * p2 - c2 * p1
        if determinant:
            correct = Fraction(p1 * s2 - p2 * s1, determinant)
            predicted = Fraction(c2 * s1 - c1 * s2, determinant)
            if all(s + c * correct + p * predicted >= 0 for s, c, p in rows):
                found.append(_Corner(correct, predicted))
    return found
