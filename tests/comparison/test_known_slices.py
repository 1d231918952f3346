"""Accuracy on known slices and on others, against loops over slices and draws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference
from hqcm.comparison.known_slices import _measure_familiarity, compare_known
from hqcm.evaluation.bootstrap import UncertaintyParams, draw_groups
from hqcm.results.predictions import Predictions
from toy_comparison import GROUPS, IS_KNOWN, LABELS, N_SLICES, SLICES, invent_run

DRAWS = UncertaintyParams(n_resamples=120, seed=0)
RUN = invent_run(0.8, 0)


def run_with(is_right: np.ndarray) -> Predictions:
    """Right about these slices."""
    n = len(is_right)
    y_pred = np.where(is_right, LABELS[:n], (LABELS[:n] + 1) % 4)
    return replace(
        RUN,
        slice_id=RUN.slice_id[:n],
        y_true=LABELS[:n],
        logits=np.eye(4, dtype=np.float32)[y_pred],
    )


def expected_bounds(
    hits: list[list[bool]], is_known: list[bool], groups: list[int]
) -> tuple[float, float] | None:
    """Student's interval from loops; the draws are those that the bootstrap makes."""
    every = sorted(set(groups))
    (value, *_) = values = reference.accuracy_gaps(hits, is_known, groups, every)
    assert value is not None
    known = [v for v in values if v is not None]
    mean = sum(known) / len(values)
    weights = draw_groups(lambda drawn: drawn.T, len(every), DRAWS).astype(int).T
    means = []
    for counts in weights:
        drawn = np.repeat(every, counts).tolist()
        gaps = [g for g in reference.accuracy_gaps(hits, is_known, groups, drawn) if g is not None]
        means += [sum(gaps) / len(gaps)] if gaps else []
    n_groups = min(
        len({g for g, k in zip(groups, is_known, strict=True) if k is kind})
        for kind in (True, False)
    )
    if n_groups == 1 or len(means) < 0.9 * len(weights):
        return None
    variances = [(float(np.var(means, ddof=1)), n_groups - 1)]
    if len(hits) > 1:
        variances.append((float(np.var(known, ddof=1)) / len(known), len(known) - 1))
    total = sum(v for v, _ in variances)
    if total < 1e-18:
        return None
    n_free = total**2 / sum(v**2 / n for v, n in variances)
    reach = reference.student_quantile(n_free) * total**0.5
    return mean - reach, mean + reach


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_values_and_bounds_are_those_of_loops(data: st.DataObject) -> None:
    n = data.draw(st.integers(8, 16))
    flags = st.lists(st.booleans(), min_size=n, max_size=n)
    hits = data.draw(st.lists(flags, min_size=1, max_size=3))
    is_known = data.draw(flags.filter(lambda kinds: 0 < sum(kinds) < n))
    group = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
    groups = np.unique(group, return_inverse=True)[1]
    runs = [run_with(np.array(each)) for each in hits]
    found = _measure_familiarity(runs, groups, np.array(is_known), DRAWS)
    values = reference.accuracy_gaps(hits, is_known, groups.tolist(), sorted(set(groups.tolist())))
    known = [v for v in values if v is not None]
    mean = sum(known) / len(values)
    assert found["difference"] == pytest.approx(mean, abs=1e-6)
    shares = [np.array(hits)[:, np.array(is_known) == kind].mean() for kind in (True, False)]
    assert (found["known_value"], found["other_value"]) == pytest.approx(shares, abs=1e-6)
    assert found["known_n_slices"] == sum(is_known)
    expected = expected_bounds(hits, is_known, groups.tolist())
    if expected is not None:
        assert (found["low"], found["high"]) == pytest.approx(expected, abs=2e-6)


def test_a_planted_gap_is_found_and_none_where_there_is_none() -> None:
    slice_number = np.arange(N_SLICES)
    level = slice_number % 5 > 0
    gap = np.where(IS_KNOWN, level, slice_number % 2 == 0)
    predictions = {"random": {"level": [run_with(level)] * 2, "ahead": [run_with(gap)] * 2}}
    level_row, ahead = compare_known(predictions, {"random": SLICES}, {"random": IS_KNOWN}, DRAWS)
    assert (ahead.variant, ahead.n_seeds) == ("ahead", 2)
    assert (ahead.known_n_slices, ahead.known_n_groups) == (80, 20)
    assert (ahead.other_n_slices, ahead.other_n_groups) == (160, 40)
    assert ahead.difference == pytest.approx(0.3)
    assert ahead.low is not None
    assert ahead.low > 0
    assert level_row.low is not None
    assert level_row.high is not None
    assert level_row.low < 0 < level_row.high


@pytest.mark.parametrize("value", [True, False])
def test_a_protocol_of_one_kind_is_left_out(*, value: bool) -> None:
    kinds = {"random": IS_KNOWN, "patient": np.full(N_SLICES, value)}
    predictions = {protocol: {"paper": [RUN]} for protocol in kinds}
    found = compare_known(predictions, dict.fromkeys(kinds, SLICES), kinds, DRAWS)
    assert [row.protocol for row in found] == ["random"]


def test_one_group_of_a_kind_has_no_interval() -> None:
    (found,) = compare_known(
        {"random": {"paper": [RUN, RUN]}}, {"random": SLICES}, {"random": GROUPS == 7}, DRAWS
    )
    assert (found.known_n_groups, found.low, found.high) == (1, None, None)


def test_a_kind_that_many_draws_lack_has_no_interval() -> None:
    (found,) = compare_known(
        {"random": {"paper": [RUN]}}, {"random": SLICES}, {"random": GROUPS < 2}, DRAWS
    )  # two of 60 groups are missing in 13 % of the draws
    assert (found.known_n_groups, found.low, found.high) == (2, None, None)
