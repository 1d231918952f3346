"""Which network is ahead under cross-validation: every comparison of a study, and its verdict."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hqcm.comparison.effects import adjust_holm
from hqcm.cross_validation.answers import Answers
from hqcm.cross_validation.judged import EVERYTHING, NAMED_PATIENTS, Chosen, Judged, Row, Verdict
from hqcm.cross_validation.separate_variances import Differences, Spread, measure_spread
from hqcm.evaluation.statistics import CONFIDENCE, rounded

_UNNAMED = "akter"
_ALPHA = 1 - CONFIDENCE


def compare_networks(
    answers: Answers,
    slices: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    margin: float,
    chosen: Sequence[Chosen] = (),
) -> Judged:
    """Compare each pair, with all slices and without those whose patients are not named.

    Args:
        answers: of at least the networks that are named.
        slices: the cohort.
        pairs: first and second; the first pair is the primary comparison.
        margin: a difference below it, either way, is of no consequence.
        chosen: handed on.
    """
    is_unnamed = (slices["source"] == _UNNAMED) & (slices["label"] > 0)
    subsets = {EVERYTHING: np.ones(len(slices), np.bool_), NAMED_PATIENTS: ~is_unnamed.to_numpy()}
    rows: list[Row] = []
    for name, members in subsets.items():
        family = pd.factorize(slices["family"].to_numpy()[members])[0]
        fold = answers.fold[:, members]
        hits = {network: values[:, :, members] for network, values in answers.hits.items()}
        spreads = [
            measure_spread(Differences(hits[first] - hits[second], fold, family))
            for first, second in pairs
        ]
        doubled = [2 * min(spread.tail(0), 1 - spread.tail(0)) for spread in spreads]
        adjusted = [doubled[0], *adjust_holm(doubled[1:])]
        for (first, second), spread, p_holm in zip(pairs, spreads, adjusted, strict=True):
            n_repeats, n_seeds, n_slices = hits[first].shape
            rows.append(
                Row(
                    first=first,
                    second=second,
                    slices=name,
                    first_accuracy=rounded(hits[first].mean()),
                    second_accuracy=rounded(hits[second].mean()),
                    **_lay_flat(spread, p_holm if p_holm is not None else 1.0, margin, n_seeds),
                    n_slices=n_slices,
                    n_families=int(family.max()) + 1,
                    n_folds=int(fold.max()) + 1,
                    n_repeats=n_repeats,
                    n_seeds=n_seeds,
                )
            )
    return Judged(margin=margin, rows=rows, chosen=list(chosen))


def _lay_flat(spread: Spread, p_holm: float, margin: float, n_seeds: int) -> dict[str, Any]:
    wide, narrow = spread.half_width(CONFIDENCE), spread.half_width(1 - 2 * _ALPHA)
    p_equal = max(spread.tail(-margin), 1 - spread.tail(margin))
    verdict, wanted = _judge(spread, p_holm, p_equal, margin, n_seeds)
    return {
        "difference": rounded(spread.value),
        "low": rounded(spread.value - wide),
        "high": rounded(spread.value + wide),
        "narrow_low": rounded(spread.value - narrow),
        "narrow_high": rounded(spread.value + narrow),
        "corrected": rounded(spread.corrected_half_width(CONFIDENCE)),
        "floor": rounded(spread.floor(CONFIDENCE)),
        "patients": rounded(1e4 * spread.patients),
        "seeds": rounded(1e4 * spread.seeds),
        "training_sets": rounded(1e4 * spread.training_sets),
        "p_holm": float(f"{p_holm:.4g}"),
        "p_equal": float(f"{p_equal:.4g}"),
        "verdict": verdict,
        "seeds_wanted": wanted,
    }


def _judge(
    spread: Spread, p_holm: float, p_equal: float, margin: float, n_seeds: int
) -> tuple[Verdict, int | None]:
    """The verdict on first minus second, and how many seeds a fold would give another.

    Undecided: were the difference what it seems, more seeds would tell it from zero, or from the
    margin. Undecidable: patients and training sets alone leave it open on this sample.
    """
    if p_equal < _ALPHA:
        return "equal", None
    if p_holm < _ALPHA:
        return ("ahead" if spread.value > 0 else "behind"), None
    if n_seeds == 1:  # what seeds do cannot be told from what training sets do
        return "undecided", None
    # As wide as the interval may be: from zero at 95 %, from the margin at 90 %.
    reach = max(
        abs(spread.value) / _quantile(spread, CONFIDENCE),
        (margin - abs(spread.value)) / _quantile(spread, 1 - 2 * _ALPHA),
    )
    left = reach**2 - spread.patients - spread.training_sets
    if left <= 0:
        return "undecidable", None
    return "undecided", int(np.ceil(n_seeds * spread.seeds / left)) if spread.seeds else None


def _quantile(spread: Spread, confidence: float) -> float:
    return spread.half_width(confidence) / spread.error if spread.error else np.inf
