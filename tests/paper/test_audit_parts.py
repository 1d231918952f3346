"""The steps of the audit, question by question."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.paper.audit_counts import (
    _describe_counts,
    _describe_fit,
    _describe_need,
    _describe_proof,
    _plausible_reach,
    _refute,
)
from hqcm.paper.audit_localisation import _list_places
from hqcm.paper.audit_scores import (
    _harmonic_range,
    _mean_range,
    counts,
    describe,
    overlap,
    recall_is_accuracy,
)
from hqcm.paper.audit_text import _audit_attention_order, _audit_settings, _audit_sources
from hqcm.paper.claims import Claims
from hqcm.paper.counts import read_table
from hqcm.paper.findings import quote, show, show_percent, show_range
from hqcm.paper.fit import Fit
from printed_tables import Matrix, confusion, digits, margins_of, move_f1, print_table
from reference import roundings, scores_of_matrix


def of_decimals(value: Fraction) -> str:
    return min(roundings(value, 2))


@given(confusion(), st.integers(0, 3))
def test_a_true_f1_is_within_its_range(matrix: Matrix, label: int) -> None:
    table, values = print_table(matrix), scores_of_matrix(matrix)
    assert values is not None
    low, high = _harmonic_range(table.rows[label])
    assert low <= values[3 * label + 2] <= high
    assert overlap((low, high), table.rows[label].f1)
    for by in ("0.03", "-0.03"):
        assert not overlap((low, high), move_f1(table, label, by).rows[label].f1)


@given(confusion(), st.integers(0, 2))
def test_a_true_macro_average_is_within_its_range(matrix: Matrix, score: int) -> None:
    table, values = print_table(matrix), scores_of_matrix(matrix)
    assert values is not None
    low, high = _mean_range([row[score] for row in table.rows])
    assert low <= values[12 + score] <= high
    assert high - low == Fraction(1, 100)


def test_ranges_touch_or_do_not() -> None:
    half = digits("a", "0.5")
    assert overlap((Fraction("0.2"), Fraction("0.45")), half)
    assert overlap((Fraction("0.55"), Fraction("0.9")), half)
    assert not overlap((Fraction("0.2"), Fraction("0.449")), half)
    assert not overlap((Fraction("0.551"), Fraction("0.9")), half)


@given(st.integers(1, 300), st.data())
def test_the_counts_behind_a_fraction(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    printed = digits("accuracy", of_decimals(Fraction(k, n)))
    fitting = [j for j in range(n + 1) if printed.printed in roundings(Fraction(j, n), 2)]
    assert counts(printed, n) == fitting
    assert k in fitting


def test_counts_in_words() -> None:
    assert describe(digits("a", "0.8672"), 1137) == "86.72 % is 986"
    assert describe(digits("a", "0.88"), 1137) == "88 % is 995 to 1,006"
    assert describe(digits("a", "0.8672"), 1136) == (
        "86.72 % is no whole number (985 is 86.71 %, 986 is 86.80 %)"
    )


@given(confusion())
def test_weighted_recall_is_accuracy(matrix: Matrix) -> None:
    n = sum(map(sum, matrix))
    table = print_table(matrix)
    assert recall_is_accuracy(table, n)
    shifted = digits("accuracy", f"{table.accuracy.value - 0.02:.4f}")
    assert not recall_is_accuracy(table._replace(accuracy=shifted), n)


FOUR = [[3, 1, 0, 0], [0, 4, 0, 0], [0, 0, 2, 0], [0, 0, 0, 5]]


def test_the_steps_from_lines_to_counts() -> None:
    healthy, meningioma, *_, together = _describe_counts(print_table(FOUR), (4, 4, 2, 5))
    assert healthy == (
        "healthy, 4 slices, recall 0.75: 3 correct; precision 1.00 and F1 0.86: 3 predicted; "
        "combinations: 1."
    )
    assert meningioma == (
        "meningioma, 4 slices, recall 1.00: 4 correct; precision 0.80 and F1 0.89: 5 predicted; "
        "combinations: 1."
    )
    assert together == (
        "Every slice is predicted as something: 15 predictions. These add up to 15."
    )


def test_a_line_without_counts_ends_the_sum() -> None:
    steps = _describe_counts(move_f1(print_table(FOUR), 0, "0.03"), (4, 4, 2, 5))
    assert steps[0] == "healthy, 4 slices, recall 0.75: no counts print this line."
    assert len(steps) == 4


def test_counts_found_in_words() -> None:
    fit = Fit([margins_of(FOUR)], 1)
    start, healthy, meningioma, *_, together = _describe_fit(fit, ["hybrid"])
    assert start == "Nearest to the labels released, 1 of them in another class:"
    assert healthy == (
        "healthy: 4 slices, 3 predicted, 3 correct; precision 1.0000, recall 0.7500, F1 0.8571."
    )
    assert meningioma == (
        "meningioma: 4 slices, 5 predicted, 4 correct; precision 0.8000, recall 1.0000, F1 0.8889."
    )
    assert together == "All, by HQCM-EBTC: 14 of 15 correct."
    assert _describe_fit(None, ["hybrid"]) == ["A search through all counts finds none."]


@pytest.mark.parametrize(("n", "slices"), [(1137, 59), (100, 18), (1, 2)])
def test_how_far_supports_of_a_random_draw_reach(n: int, slices: int) -> None:
    deviation = (n * 0.25 * 0.75) ** 0.5
    assert _plausible_reach(n) == slices
    assert slices - 1 < 4 * deviation <= slices


def test_the_proof_in_words(claims: Claims) -> None:
    hybrid, classical = (read_table(claims, network) for network in ("hybrid", "classical"))
    proof = _refute(hybrid, classical, 1137)
    assert proof is not None
    steps = _describe_proof(proof, 1137)
    assert len(steps) == 2 + 4 + 2
    assert steps[-1].endswith("x 1,137 = 991.5.")
    assert _describe_need(proof, classical, 1137) == (
        ": for the classical counterpart 86.72 % is 986, and 992 or more are needed"
    )
    assert _describe_need(None, classical, 1137) == ""


def test_the_thresholds_of_table_2(claims: Claims) -> None:
    expected = [f"localisation/{threshold}" for threshold in ("0.99", "0.90", "0.75")]
    assert _list_places(claims, "pair", "/wilcoxon/statistic") == expected
    assert _list_places(claims, "hybrid", "/jaccard") == expected
    assert _list_places(claims, "none", "/jaccard") == []


def test_quotes_say_where_and_about_whom(claims: Claims) -> None:
    accuracy, slices = claims.get("hybrid", "metrics/accuracy"), claims.get("none", "slices/all")
    first, second = quote(claims, [accuracy, slices])
    assert first.model_dump() == {
        "place": "Table 1",
        "says": "overall accuracy (hybrid)",
        "printed": "0.9648",
    }
    assert (second.place, second.says) == ("Section 4.1", "images in the data set")


def test_numbers_as_people_read_them() -> None:
    assert show(Fraction(1, 3)) == "0.3333"
    assert show(991.4985, 1) == "991.5"
    assert (show_range(3, 3), show_range(995, 1006)) == ("3", "995 to 1,006")
    assert show_percent(986, 1137) == "86.72 %"


def test_settings_that_differ_have_a_finding_each(claims: Claims) -> None:
    *differing, agreeing = _audit_settings(claims)
    assert [finding.result for finding in differing] == [
        "0.011 in Table 3, 0.01 in Section 4.2.",
        "0.3 (zeta) in Table 3, 0.7 (gamma) in Sections 3.4 and 4.2.",
        "0.7 (gamma) in Table 3, 0.3 (zeta) in Sections 3.4 and 4.2.",
    ]
    assert agreeing.figures == {"n_repeated": 15, "n_agreeing": 12}
    assert len(agreeing.printed) == 2 * 12


def test_one_reading_is_no_contradiction(claims: Claims) -> None:
    order = claims.statement("attention-order")
    alike = order.model_copy(update={"readings": order.readings[:1] * 2})
    others = [statement for statement in claims.statements if statement.id != order.id]
    told = claims.model_copy(update={"statements": [alike, *others]})
    assert _audit_attention_order(told).verdict == "possible"
    assert _audit_attention_order(claims).verdict == "contradiction"


def test_sources_larger_than_the_whole_do_not_add_up(claims: Claims) -> None:
    def shrink(printed: str) -> Claims:
        groups = [
            group.model_copy(
                update={
                    "claims": [
                        claim.model_copy(update={"printed": printed})
                        if claim.quantity == "slices/all"
                        else claim
                        for claim in group.claims
                    ]
                }
            )
            for group in claims.claims
        ]
        return claims.model_copy(update={"claims": groups})

    assert _audit_sources(shrink("3339")).verdict == "possible"
    assert _audit_sources(shrink("3338")).verdict == "contradiction"
