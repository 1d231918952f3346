"""The transcription of the paper, against a second one made for this test."""

from fractions import Fraction
from pathlib import Path

import pytest

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import read_yaml
from hqcm.paper.claims import Claims, load_claims
from hqcm.paper.entries import Network, Printed

REPOSITORY = Path(__file__).parents[2]
CLAIMS_FILE = REPOSITORY / "data" / "paper" / "claims.yaml"

TABLE_1 = """
0 0.99 0.97 0.98 0.91 0.98 0.94
1 0.96 0.91 0.93 0.80 0.88 0.84
2 0.94 0.98 0.96 0.99 0.69 0.82
3 0.96 0.99 0.97 0.84 0.99 0.91
macro 0.96 0.96 0.96 0.88 0.88 0.88
weighted 0.96 0.96 0.96 0.89 0.88 0.87
"""
TABLE_2 = """
0.99 0.43220 0.40219 914737.5 0.0017
0.90 0.39353 0.36829 921261.5 0.0350
0.75 0.37609 0.36664 950092.0 0.1064
"""
ROLES: tuple[Network, Network] = ("hybrid", "classical")


def digits(claims: Claims, network: Network, quantity: str) -> str:
    claim = claims.find(network, quantity)
    assert claim is not None
    return claim.printed


def test_every_cell_of_table_1(claims: Claims) -> None:
    for line in TABLE_1.split("\n")[1:-1]:
        row, *cells = line.split()
        place = f"per_class/{CLASS_NAMES[int(row)]}" if row.isdigit() else row
        found = [
            digits(claims, network, f"metrics/{place}/{score}")
            for network in ROLES
            for score in ("precision", "recall", "f1")
        ]
        assert found == cells
    assert [digits(claims, network, "metrics/accuracy") for network in ROLES] == [
        "0.9648",
        "0.8672",
    ]
    assert sum(placed.place == "Table 1" for placed in claims.each()) == 38


def test_every_cell_of_table_2(claims: Claims) -> None:
    for line in TABLE_2.split("\n")[1:-1]:
        threshold, *cells = line.split()
        place = f"localisation/{threshold}"
        assert cells == [
            digits(claims, "hybrid", f"{place}/jaccard"),
            digits(claims, "classical", f"{place}/jaccard"),
            digits(claims, "pair", f"{place}/wilcoxon/statistic"),
            digits(claims, "pair", f"{place}/wilcoxon/p_value"),
        ]
    assert sum(placed.place == "Table 2" for placed in claims.each()) == 12


def test_section_4_in_numbers(claims: Claims) -> None:
    assert digits(claims, "hybrid", "history/first/train_loss") == "1.50"
    assert digits(claims, "classical", "history/first/train_loss") == "2.43"
    assert digits(claims, "hybrid", "history/last/train_accuracy") == "0.9587"
    assert digits(claims, "classical", "history/last/train_accuracy") == "0.9329"
    counts = {
        placed.claim.quantity: int(placed.claim.value)
        for placed in claims.each()
        if placed.claim.quantity.startswith("slices/")
    }
    assert counts["slices/all"] == 7576
    assert counts["slices/trainingdatapro"] == 275
    tumours = [counts[f"slices/figshare/{name}"] for name in CLASS_NAMES[1:]]
    assert tumours == [708, 1426, 930]
    assert sum(tumours) == counts["slices/figshare"]


def test_every_setting_of_table_3(claims: Claims) -> None:
    printed = {setting.says: setting.printed for setting in claims.settings}
    assert printed["Learning rate"] == "0.011"
    assert printed["Dice loss scaling"] == "0.3 (zeta)"
    assert len(printed) == 17
    params = read_yaml(REPOSITORY / "params.yaml")
    for setting in claims.settings:
        assert setting.keys or setting.fixed
        for key in set(setting.keys) - {"device"}:
            section, name = key.split(".")
            assert name in params[section]


def test_the_printed_digits_say_how_exact_a_claim_is(claims: Claims) -> None:
    claim = claims.find("hybrid", "localisation/0.90/jaccard")
    assert claim is not None
    assert claim.value == 0.39353
    assert claim.bounds == (Fraction("0.393525"), Fraction("0.393535"))
    whole = claims.find("none", "slices/all")
    assert whole is not None
    assert whole.bounds == (Fraction(15151, 2), Fraction(15153, 2))


@pytest.mark.parametrize(
    ("digits", "percent"), [("0.9648", "96.48 %"), ("0.70", "70 %"), ("1", "100 %")]
)
def test_percent_keeps_the_printed_digits(digits: str, percent: str) -> None:
    claim = Printed(
        id="a", says="a", quantity="metrics/accuracy", printed=digits, tolerance="accuracy"
    )
    assert claim.percent == percent


def test_what_the_paper_does_not_print_is_not_found(claims: Claims) -> None:
    assert claims.find("hybrid", "metrics/ece") is None
    assert claims.find("classical", "slices/all") is None


def test_what_table_3_repeats(claims: Claims) -> None:
    elsewhere = {s.says: s.elsewhere.printed for s in claims.settings if s.elsewhere}
    assert elsewhere["Learning rate"] == "0.01"
    assert elsewhere["Dice loss scaling"] == "0.7 (gamma)"
    assert elsewhere["BCE loss scaling"] == "0.3 (zeta)"
    assert {s.says for s in claims.settings} - set(elsewhere) == {"GPU", "Image size"}


def test_the_released_labels(claims: Claims) -> None:
    assert list(claims.released.supports.values()) == [280, 247, 303, 307]
    assert sum(claims.released.supports.values()) == 1137


def test_statements_are_found_by_id(claims: Claims) -> None:
    order = claims.statement("attention-order")
    assert [reading.printed for reading in order.readings] == [
        "arranged sequentially",
        "in parallel",
    ]
    with pytest.raises(ValueError, match=r"must hold order; got attention-order, superior-scores"):
        claims.statement("order")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('printed: "0.97"', "printed: 97%", r"claims.0.claims.1.printed: .*got '97%'"),
        ('printed: "0.97"', 'printed: "0.97", allowed: 1', r"allowed is not a parameter"),
        ("tolerance: rank-sum", "tolerance: ranks", r"defined and used; got ranks undefined"),
        ("  share:\n", "  part:\n", r"defined and used; got part unused"),
        ('size: "0.05"', "size: 5 %", r"tolerances.class-score.size: .*got '5 %'"),
        ("rule: count", "rule: equal", r"rule: .*'within', 'same side' or 'count'; got 'equal'"),
        ("kind: limit", "kind: most", r"in_words.6.criterion: .*'limit', .*got .*'most'"),
        ("share_of_best: 0.9", "share_of_best: 90", r"share_of_best: .*less than or equal to 1"),
        ("id: w-glioma", "id: s41-test", r"twice: s41-test"),
        ("t1-hybrid-healthy-recall", "t1-hybrid-healthy-f1", r"twice: t1-hybrid-healthy-f1"),
        ("network: pair", "network: both", r"network: .*'hybrid', 'classical', 'pair' or 'none'"),
        ("{healthy: 280, meningioma: 247", "{meningioma: 247", r"must name healthy, meningioma"),
        ("elsewhere: {place: Section 4.1,", "elsewhere: {", r"elsewhere.place is missing"),
    ],
)
def test_a_slip_in_the_file_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "claims.yaml"
    text = CLAIMS_FILE.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        load_claims(path)
