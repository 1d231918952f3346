"""What may be said of a difference."""

from typing import Literal

from hqcm.comparison.effects import Effect
from hqcm.evaluation.statistics import CONFIDENCE

Verdict = Literal["first ahead", "second ahead", "no difference", "undecided", "one run"]


def judge(effect: Effect, p_holm: float | None, n_seeds: int, margin: float) -> Verdict:
    """The verdict on first minus second.

    Args:
        effect: the difference with its interval.
        p_holm: adjusted for the other comparisons of its table.
        n_seeds: runs of each network.
        margin: below it a difference is of no consequence.
    """
    if n_seeds == 1:
        return "one run"
    if effect.low is None or effect.high is None or p_holm is None:
        return "undecided"
    if p_holm < 1 - CONFIDENCE:
        return "first ahead" if effect.value > 0 else "second ahead"
    return "no difference" if -margin < effect.low and effect.high < margin else "undecided"
