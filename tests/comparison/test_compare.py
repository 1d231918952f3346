"""Studies with planted effects and with none, answered whole."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.metrics import f1_score

from hqcm.comparison.compare import CompareParams
from hqcm.comparison.comparisons import (
    Comparison,
    Comparisons,
    read_comparisons,
    tabulate_comparisons,
    write_comparisons,
)
from hqcm.comparison.sampling import _sample_protocol
from hqcm.evaluation.test_slices import TestSlices
from hqcm.results.files import read_json, write_json
from reference import jaccard_index
from toy_comparison import (
    GROUPS,
    LABELS,
    LOCALISE,
    MASKS,
    SLICES,
    STACK,
    UNCERTAINTY,
    compare_toys,
    invent_rates,
    invent_run,
)

ACCURACY, F1, JACCARD = "metrics/accuracy", "metrics/macro/f1", "localisation/0.99/jaccard"


@pytest.fixture(scope="module")
def planted() -> Comparisons:
    """The counterpart is 15 points behind, one control level, one half way, one ahead."""
    return compare_toys(
        {"paper": 0.85, "plain_circuit": 0.85},
        {"counterpart": 0.70, "normalised": 0.85, "halfway": 0.775, "better": 0.93},
        protocols={"random": 0.0, "patient": -0.10},
    )


def row_of(found: Comparisons, family: str, protocol: str = "random") -> Comparison:
    (row,) = (
        row
        for row in found.select("network", "published", ACCURACY, protocol)
        if row.family == family
    )
    return row


def test_planted_effects_are_found(planted: Comparisons) -> None:
    verdicts = {
        row.family: row.verdict
        for row in planted.select("network", "published", ACCURACY, "random")
    }
    assert verdicts == {
        "plain_circuit": "no difference",
        "counterpart": "first ahead",
        "normalised": "no difference",
        "halfway": "first ahead",
        "better": "second ahead",
    }
    row = row_of(planted, "counterpart")
    assert row.difference == pytest.approx(0.15, abs=0.015)
    assert row.difference == pytest.approx(row.first_value - row.second_value, abs=2e-6)
    assert row.low is not None
    assert row.high is not None
    assert row.low < row.difference < row.high
    assert (row.n_seeds, row.n_tests) == (4, 5)
    assert (row.first_n_slices, row.first_n_groups) == (240, 60)


def test_the_share_of_the_gap_is_what_was_planted(planted: Comparisons) -> None:
    shares = {name: row_of(planted, name).recovered for name in ("normalised", "halfway", "better")}
    assert shares == pytest.approx({"normalised": 1, "halfway": 0.5, "better": 1.53}, abs=0.12)
    half = row_of(planted, "halfway")
    assert half.recovered_low is not None
    assert half.recovered_high is not None
    assert half.recovered_low < 0.5 < half.recovered_high
    assert row_of(planted, "counterpart").recovered is None


def test_protocols_are_compared_on_their_own_slices(planted: Comparisons) -> None:
    rows = planted.select("protocol", "published", ACCURACY, "patient")
    assert [row.family for row in rows] == list(planted.families)
    for row in rows:
        assert (row.first_protocol, row.second_protocol) == ("random", "patient")
        assert row.first == row.second == row.family
        assert row.difference == pytest.approx(0.10, abs=0.02)
        # Unpaired: as wide as two samples of patients, although the toy's slices are the same.
        paired = row_of(planted, "halfway")
        assert row.high - row.low > paired.high - paired.low  # type: ignore[operator]
        assert row.recovered is None


def test_holm_is_over_the_rows_of_one_table(planted: Comparisons) -> None:
    rows = planted.select("network", "published", ACCURACY, "random")
    raw = [row.p_value for row in rows]
    smallest = min(rows, key=lambda row: row.p_value or 0)
    assert smallest.p_value is not None
    assert smallest.p_holm == pytest.approx(min(1, len(raw) * smallest.p_value), rel=1e-3)


def test_without_an_effect_none_is_found() -> None:
    for margin, verdict in ((0.05, "no difference"), (0.002, "undecided")):
        found = compare_toys({"paper": 0.8}, {"counterpart": 0.8, "other": 0.8}, margin=margin)
        rows = [row for row in found.comparisons if row.quantity == ACCURACY]
        assert {row.verdict for row in rows} == {verdict}
        assert all(row.recovered is None for row in rows)  # there is no gap to close


def test_a_single_seed_is_not_judged() -> None:
    found = compare_toys({"paper": 0.85}, {"counterpart": 0.5}, seeds=[3])
    row = row_of(found, "counterpart")
    assert row.verdict == "one run"
    assert row.p_value is not None
    assert row.p_value < 0.001  # of other patients, not of another seed


def test_each_network_at_its_own_best_learning_rate() -> None:
    rates = invent_rates(
        ["random"], {"paper": {"paper": 0.9}, "plain": {"plain": 0.7, "plain_slow": 0.8}}
    )
    found = compare_toys({"paper": 0.85}, {"plain": 0.7, "plain_slow": 0.85}, rates=rates)
    assert found.settings == ["published", "best"]
    assert list(found.families) == ["paper", "plain"]
    second = {row.setting: row for row in found.comparisons if row.quantity == ACCURACY}
    assert second["published"].second == "plain"
    assert second["published"].verdict == "first ahead"
    assert second["best"].second == "plain_slow"
    assert second["best"].verdict == "no difference"


@pytest.mark.parametrize(
    ("paper", "plain", "published"),
    [
        ("paper", "plain", ["plain", "normalised"]),
        ("paper", "plain_slow", ["normalised"]),
        ("paper_slow", "plain", []),
    ],
)
def test_a_family_without_its_base_is_compared_at_its_best_rate_only(
    paper: str, plain: str, published: list[str]
) -> None:
    families = {
        "paper": {paper: 0.9},
        "plain": {plain: 0.8},
        "normalised": {"normalised": 0.9, "normalised_slow": 0.8},
    }
    protocols = {"random": 0.0, "patient": -0.1}
    classical = {plain: 0.7, "normalised": 0.85, "normalised_slow": 0.8}
    rates = invent_rates(list(protocols), families)
    found = compare_toys({paper: 0.85}, classical, protocols=protocols, rates=rates)
    assert found.settings == ["published", "best"]
    at_published, at_best = (
        [row.family for row in found.select("network", setting, ACCURACY, "random")]
        for setting in found.settings
    )
    assert at_published == published
    assert at_best == ["plain", "normalised"]
    at_published, at_best = (
        [row.family for row in found.select("protocol", setting, ACCURACY, "patient")]
        for setting in found.settings
    )
    assert at_published == found.published
    assert at_best == ["paper", "plain", "normalised"]
    recovered = [
        row.recovered
        for row in found.select("network", "published", ACCURACY, "random")
        if row.family == "normalised"
    ]
    assert [share is not None for share in recovered] == [plain == "plain"] * len(recovered)


def test_the_quantities_are_those_of_the_run() -> None:
    run = invent_run(0.7, 5)
    sample = _sample_protocol({"a": [run]}, SLICES, LOCALISE, UNCERTAINTY)
    network = sample.networks["a"]
    assert network[ACCURACY].value == pytest.approx((run.y_pred == LABELS).mean())
    assert network[F1].value == pytest.approx(f1_score(LABELS, run.y_pred, average="macro"))
    is_active = np.zeros(MASKS.shape[1:])
    is_active[:, 6:10] = 1  # between the centres of the two bright columns of cells
    found = [
        jaccard_index(is_active * (run.y_pred[i] == LABELS[i]), MASKS[i], 0.99)
        for i in np.flatnonzero(LABELS)
    ]
    assert network[JACCARD].value == pytest.approx(sum(v or 0.0 for v in found) / len(found))
    assert sample.sizes[JACCARD].n == np.count_nonzero(LABELS)


def test_what_the_slices_leave_undefined_is_left_out() -> None:
    run = invent_run(0.7, 5)
    healthy = np.zeros_like(LABELS)
    bare = STACK.__class__(STACK.slice_id, STACK.images, MASKS & False, STACK.has_mask, healthy)
    one_class = run.__class__(**{**vars(run), "y_true": healthy})
    sample = _sample_protocol({"a": [one_class]}, TestSlices(bare, GROUPS), LOCALISE, UNCERTAINTY)
    assert list(sample.networks["a"]) == [ACCURACY]


def test_a_network_without_an_attention_map_is_compared_by_its_classes_only() -> None:
    found = compare_toys({"paper": 0.85}, {"plain": 0.7, "blind": 0.85}, without_map={"blind"})
    rows = [(row.quantity, row.family, row.n_tests) for row in found.comparisons]
    assert rows == [
        *((name, family, 2) for name in (ACCURACY, F1) for family in ("plain", "blind")),
        (JACCARD, "plain", 1),
    ]


def test_a_counterpart_without_an_attention_map_leaves_no_gap_to_close() -> None:
    found = compare_toys({"paper": 0.85}, {"blind": 0.7, "plain": 0.8}, without_map={"blind"})
    shares = {row.quantity: row.recovered for row in found.comparisons if row.family == "plain"}
    assert shares[JACCARD] is None
    assert shares[ACCURACY] is not None


def test_round_trip_and_the_same_bytes_twice(planted: Comparisons, tmp_path: Path) -> None:
    again = compare_toys(
        {"paper": 0.85, "plain_circuit": 0.85},
        {"counterpart": 0.70, "normalised": 0.85, "halfway": 0.775, "better": 0.93},
        protocols={"random": 0.0, "patient": -0.10},
    )
    for name, found in (("one", planted), ("two", again)):
        write_comparisons(tmp_path / f"{name}.json", found)
        tabulate_comparisons(found).to_csv(tmp_path / f"{name}.csv", index=False)
    assert read_comparisons(tmp_path / "one.json") == planted
    for kind in ("json", "csv"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    table = pd.read_csv(tmp_path / "one.csv")
    assert list(table.columns) == list(Comparison.model_fields)
    assert len(table) == len(planted.comparisons)


def test_a_file_of_another_schema_is_refused(planted: Comparisons, tmp_path: Path) -> None:
    path = tmp_path / "compare.json"
    write_comparisons(path, planted)
    content = read_json(path)
    content["winner"] = "paper"
    write_json(path, content)
    with pytest.raises(ValueError, match=r"compare\.json: file\.winner is not"):
        read_comparisons(path)


def test_the_margin_is_above_nought() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        CompareParams(margin=0.0)
