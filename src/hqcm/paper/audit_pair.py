"""Audit: both networks were tested on the same slices; can both halves of Table 1 be true?"""

from math import ceil

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.audit_accuracy import counts, describe
from hqcm.paper.audit_supports import describe_fit
from hqcm.paper.claims import Claims
from hqcm.paper.findings import NAMES, Finding, quote, show
from hqcm.paper.fitting import fit_tables
from hqcm.paper.margins import count_limits
from hqcm.paper.score_table import ScoreTable, read_table
from hqcm.paper.weighing import Proof, prove_fewest


def audit_both_lines(claims: Claims) -> Finding:
    """Whether the lines of both networks can be of the same slices."""
    tables = [read_table(claims, network) for network in NAMES]
    fit = fit_tables(tables, claims.released.counts, [])
    return Finding(
        id="both-lines",
        question="Can the lines of both networks be of the same slices, averages and accuracies "
        "apart?",
        printed=quote(claims, [cell for table in tables for row in table.rows for cell in row]),
        calculation=describe_fit(fit, list(NAMES)),
        result=f"Yes, with {fit.n_moved} or more labels other than those released."
        if fit
        else "No.",
        verdict="possible" if fit else "impossible as printed",
        figures={"n_moved": fit.n_moved} if fit else {},
    )


def audit_both_accuracies(claims: Claims) -> Finding:
    """Whether the lines and accuracies of both networks can be of the same slices."""
    first, second = (read_table(claims, network) for network in NAMES)
    n = sum(claims.released.counts)
    proof = refute(first, second, n)
    fit = None if proof else fit_tables([first, second], claims.released.counts, ["accuracy"])
    accuracies = [first.accuracy, second.accuracy]
    lines = [cell for table in (first, second) for row in table.rows for cell in row]
    return Finding(
        id="both-accuracies",
        question="Can the lines and the accuracies of both networks be of the same slices?",
        printed=quote(claims, [*accuracies, *lines]),
        calculation=describe_proof(proof, n) if proof else describe_fit(fit, list(NAMES)),
        result="Yes." if fit else f"No{describe_need(proof, second, n)}.",
        verdict="possible" if fit else "impossible as printed",
        figures={"fewest": float(proof.fewest)} if proof else {},
    )


def refute(first: ScoreTable, second: ScoreTable, n: int) -> Proof | None:
    """A proof that the second accuracy is too small for the first, if there is one."""
    _, most = count_limits(second.accuracy, n)
    proofs = [prove_fewest(first, second, n, n_correct) for n_correct in counts(first.accuracy, n)]
    excluding = [proof for proof in proofs if proof and proof.fewest > most]
    return excluding[0] if excluding and len(excluding) == len(proofs) else None


def describe_need(proof: Proof | None, second: ScoreTable, n: int) -> str:
    """What the accuracy says and what the proof demands; nothing where there is no proof."""
    if proof is None:
        return ""
    said = f": for {NAMES['classical']} {describe(second.accuracy, n)}"
    return f"{said}, and {ceil(proof.fewest):,} or more are needed"


def describe_proof(proof: Proof, n: int) -> list[str]:
    """The weights, the classes and the sum, to be checked with a pocket calculator."""
    s, p1, p2, c1 = (f"{float(weight):+.3f}" for weight in proof.weights)
    least = min(of_class.rest for of_class in proof.classes)
    return [
        (
            f"Of s slices of a class, {NAMES['hybrid']} predicts p1 and has c1 right, "
            f"{NAMES['classical']} p2 and c2."
        ),
        f"Whatever s, the lines enforce c2 >= {c1} c1 {s} s {p1} p1 {p2} p2 + r s.",
        *(
            f"{name}: tightest at c1 = {show(one.correct)} s, p1 = {show(one.predicted)} s, c2 = "
            f"{show(two.correct)} s, p2 = {show(two.predicted)} s: r = {show(rest, 5)}."
            for name, (one, two, rest) in zip(CLASS_NAMES, proof.classes, strict=True)
        ),
        f"Of all classes, s, p1 and p2 are {n:,} each, and c1 is {proof.n_correct:,}.",
        (
            f"c2 >= {c1} x {proof.n_correct:,} + ({s} {p1} {p2} {float(least):+.5f}) x {n:,} = "
            f"{show(proof.fewest, 1)}."
        ),
    ]
