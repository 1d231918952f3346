"""Rates are chosen on validation; slices are paired; verdicts follow from the intervals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hqcm.cross_validation.kept import Kept
from hqcm.cross_validation.separate_variances import Spread
from hqcm.cross_validation.verdicts import (
    EVERYTHING,
    NAMED_PATIENTS,
    Judged,
    _judge,
    choose_rates,
    collect_answers,
    compare_networks,
    read_judged,
    write_judged,
)
from toy_runs import N_FOLDS, make_run, make_slices

SLICES = make_slices()
FAMILY = SLICES["family"].to_numpy()
Right = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


def study(n_seeds: int = 2, **networks: Right) -> list[Kept]:
    return [
        make_run(SLICES, name, fold, right, seed=seed)
        for name, right in networks.items()
        for fold in range(1, N_FOLDS + 1)
        for seed in range(n_seeds)
    ]


def judge(runs: list[Kept], *pairs: tuple[str, str]) -> Judged:
    picked, chosen = choose_rates(runs)
    return compare_networks(collect_answers(runs, SLICES, picked), SLICES, pairs, 0.02, chosen)


def always(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.ones(len(rows), np.bool_)


def one_family_in(n: int) -> Right:
    return lambda rows: FAMILY[rows] % n != 0


def test_the_rate_is_chosen_on_validation_and_not_on_the_test() -> None:
    runs = [
        make_run(SLICES, "paper", 1, always, rate=0.01, accuracy=0.8, loss=0.1),
        make_run(SLICES, "paper", 1, lambda rows: ~always(rows), rate=0.001, accuracy=0.9),
        make_run(SLICES, "paper", 2, always, rate=0.01, accuracy=0.9, loss=0.2),
        make_run(SLICES, "paper", 2, always, rate=0.001, accuracy=0.9, loss=0.1),
    ]
    picked, chosen = choose_rates(runs)
    assert picked == {("paper", "cv_1_1"): "paper_lr001", ("paper", "cv_1_2"): "paper_lr001"}
    assert [each.tried for each in chosen] == [[0.001, 0.01]] * 2
    assert chosen[0].validation_accuracy == 0.9


def test_a_seed_that_one_rate_lacks_does_not_choose() -> None:
    runs = [
        make_run(SLICES, "paper", 1, always, rate=0.01, accuracy=0.8),
        make_run(SLICES, "paper", 1, always, rate=0.001, accuracy=0.7),
        make_run(SLICES, "paper", 1, always, rate=0.001, accuracy=1.0, seed=1),
    ]
    assert choose_rates(runs)[0] == {("paper", "cv_1_1"): "paper"}


def test_every_slice_is_counted_once_with_each_seed() -> None:
    runs = study(paper=one_family_in(2), counterpart=always)
    answers = collect_answers(runs, SLICES, choose_rates(runs)[0])
    assert answers.hits["paper"].shape == (1, 2, len(SLICES))
    np.testing.assert_array_equal(answers.hits["paper"][0, 1], FAMILY % 2 != 0)
    np.testing.assert_array_equal(answers.fold[0], FAMILY % N_FOLDS)


def test_seeds_that_a_network_lacks_are_left_out() -> None:
    runs = study(3, paper=always) + study(2, counterpart=always)
    answers = collect_answers(runs, SLICES, choose_rates(runs)[0])
    assert answers.hits["paper"].shape[1] == 2


def test_a_network_that_lacks_a_fold_is_left_out() -> None:
    runs = [
        *study(paper=always),
        *(run for run in study(identity=always) if run.course.protocol != "cv_1_2"),
    ]
    assert set(collect_answers(runs, SLICES, choose_rates(runs)[0]).hits) == {"paper"}


def test_a_fold_that_nobody_has_run_is_an_error() -> None:
    runs = [run for run in study(paper=always) if run.course.protocol != "cv_1_4"]
    with pytest.raises(ValueError, match="each of 120 slices once"):
        collect_answers(runs, SLICES, choose_rates(runs)[0])


def test_the_same_answers_are_equal() -> None:
    right = one_family_in(3)
    row = judge(study(paper=right, counterpart=right), ("paper", "counterpart")).rows[0]
    assert (row.difference, row.low, row.high, row.verdict) == (0, 0, 0, "equal")


def test_a_large_difference_is_ahead_and_its_mirror_behind() -> None:
    runs = study(paper=always, counterpart=one_family_in(2))
    ahead, behind = judge(runs, ("paper", "counterpart"), ("counterpart", "paper")).rows[:2]
    assert ahead.difference == 0.5 == -behind.difference
    assert (ahead.low, ahead.high) == (-behind.high, -behind.low)
    assert (ahead.verdict, behind.verdict) == ("ahead", "behind")
    assert (ahead.first_accuracy, ahead.second_accuracy) == (1, 0.5)


def test_slices_whose_patients_are_not_named_are_taken_out() -> None:
    runs = study(paper=always, counterpart=one_family_in(2))
    rows = judge(runs, ("paper", "counterpart")).rows
    assert [row.slices for row in rows] == [EVERYTHING, NAMED_PATIENTS]
    n_unnamed = ((SLICES["source"] == "akter") & (SLICES["label"] > 0)).sum()
    assert [row.n_slices for row in rows] == [120, 120 - n_unnamed]


def test_the_primary_comparison_is_not_adjusted_for_the_others() -> None:
    runs = study(paper=always, a=one_family_in(7), b=one_family_in(7), c=one_family_in(7))
    first, *others = judge(runs, *((("paper", name)) for name in "abc")).rows[:3]
    assert all(other.p_holm == pytest.approx(2 * first.p_holm, rel=1e-3) for other in others)


@pytest.mark.parametrize(
    ("spread", "verdict", "seeds"),
    [
        (Spread(0.05, 1e-5, 1e-5, 0, 1000, 0, 5), "ahead", None),
        (Spread(-0.05, 1e-5, 1e-5, 0, 1000, 0, 5), "behind", None),
        (Spread(0.001, 1e-5, 1e-5, 0, 1000, 0, 5), "equal", None),
        # Half of the margin left; patients alone are too many.
        (Spread(0.01, 1e-4, 1e-6, 0, 1000, 0, 5), "undecidable", None),
        (Spread(0.01, 1e-5, 3e-5, 0, 1000, 0, 5), "undecided", 3),
    ],
)
def test_verdicts(spread: Spread, verdict: str, seeds: int | None) -> None:
    p_two_sided = 2 * min(spread.tail(0), 1 - spread.tail(0))
    p_equal = max(spread.tail(-0.02), 1 - spread.tail(0.02))
    found = _judge(spread, p_two_sided, p_equal, 0.02, 2)
    assert found == (verdict, seeds)


def test_as_many_seeds_as_are_wanted_decide() -> None:
    spread = Spread(0.01, 1e-5, 3e-5, 0, 1000, 0, 5)
    verdict, wanted = _judge(spread, 0.2, 0.2, 0.02, 2)
    assert verdict == "undecided"
    assert wanted
    more = spread._replace(seeds=spread.seeds * 2 / wanted)
    reach = min(more.half_width(0.95) / 0.01, more.half_width(0.9) / 0.01)
    assert reach <= 1


def test_what_is_written_is_read(tmp_path: Path) -> None:
    judged = judge(study(paper=always, counterpart=one_family_in(3)), ("paper", "counterpart"))
    write_judged(tmp_path / "cv.json", judged)
    assert read_judged(tmp_path / "cv.json") == judged
