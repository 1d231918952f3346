"""Which network is ahead under cross-validation: every comparison of a study, and its verdict."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.comparison.effects import adjust_holm
from hqcm.contracts.params import Section, check_section
from hqcm.cross_validation.kept import Kept
from hqcm.cross_validation.separate_variances import Differences, Reals, Spread, measure_spread
from hqcm.evaluation.statistics import CONFIDENCE
from hqcm.results.files import read_json, write_json

Verdict = Literal["ahead", "behind", "equal", "undecided", "undecidable"]
EVERYTHING, NAMED_PATIENTS = "all slices", "without tumour slices of source 3"
_FOLD = re.compile(r"cv_(\d+)_(\d+)")
_UNNAMED = "akter"
_ALPHA = 1 - CONFIDENCE
_DIGITS = 6


class Chosen(Section):
    """The learning rate that counts in a fold; scores are means over seeds, on validation."""

    family: str
    protocol: str
    learning_rate: float
    validation_accuracy: float
    tried: list[float]


class Row(Section):
    """First minus second, accuracy, fractions; both at the learning rate best on validation.

    slices: all, or those left when some are taken out of the test.
    low, high: 95 %; narrow_low, narrow_high: 90 %, what two one-sided tests at 5 % each look at.
    corrected: half-width of Nadeau and Bengio's 95 % interval.
    floor: half-width at 95 % that no number of seeds gets below.
    patients, seeds, training_sets: variances of the difference, in squared points.
    p_holm: of the first row, its p value; of every other, adjusted among those with its slices.
    p_equal: that the true difference lies beyond the margin, by the two one-sided tests.
    seeds_wanted: how many seeds a fold would decide; None where none would, or no more are needed.
    """

    first: str
    second: str
    slices: str
    first_accuracy: float
    second_accuracy: float
    difference: float
    low: float
    high: float
    narrow_low: float
    narrow_high: float
    corrected: float
    floor: float
    patients: float
    seeds: float
    training_sets: float
    p_holm: float
    p_equal: float
    verdict: Verdict
    seeds_wanted: int | None
    n_slices: int
    n_families: int
    n_folds: int
    n_repeats: int
    n_seeds: int

    @property
    def half_width(self) -> float:
        """Of the 95 % interval."""
        return (self.high - self.low) / 2


class Judged(Section):
    """All comparisons of a study; the first is the primary one."""

    margin: float
    rows: list[Row]
    chosen: list[Chosen]


class Answers(NamedTuple):
    """Whether each slice is taken for its class, by network and run.

    Shape:
        - hits: network -> ``(n_repeats, n_seeds, n_slices)``, 0 or 1.
        - fold: ``(n_repeats, n_slices)``.
    """

    hits: dict[str, Reals]
    fold: NDArray[np.int64]


def choose_rates(runs: Sequence[Kept]) -> tuple[dict[tuple[str, str], str], list[Chosen]]:
    """The variant that counts for each (network, fold), chosen on validation.

    Of the rates with the same highest accuracy, the one with the lower loss. Means are over the
    seeds that every rate of the network was trained with in that fold.
    """
    table = pd.DataFrame([run.course.model_dump(exclude={"made_from"}) for run in runs])
    picked, rows = {}, []
    for key, tried in table.groupby(["base", "protocol"], sort=False):
        base, protocol = map(str, cast("tuple[str, str]", key))
        seeds = set.intersection(*(set(each["seed"]) for _, each in tried.groupby("variant")))
        scores = (
            tried[tried["seed"].isin(seeds)]
            .groupby("variant")[["validation_accuracy", "validation_loss", "learning_rate"]]
            .mean()
        )
        if scores.empty:
            raise ValueError(f"{base}, {protocol}: every rate must have a seed in common; got none")
        ranked = scores.assign(loss=-scores["validation_loss"])
        best = ranked.sort_values(["validation_accuracy", "loss"]).iloc[-1]
        picked[base, protocol] = str(best.name)
        rows.append(
            Chosen(
                family=base,
                protocol=protocol,
                learning_rate=float(best["learning_rate"]),
                validation_accuracy=round(float(best["validation_accuracy"]), _DIGITS),
                tried=sorted({float(rate) for rate in tried["learning_rate"]}),
            )
        )
    return picked, rows


def collect_answers(
    runs: Sequence[Kept], slices: pd.DataFrame, picked: Mapping[tuple[str, str], str]
) -> Answers:
    """The right and wrong answers of every network that has each fold, at its chosen rates.

    Of seeds, those that every such network has in every fold.

    Raises:
        ValueError: a repeat does not test every slice once.
    """
    labels = slices["label"].to_numpy()
    found = {
        (run.course.base, run.course.protocol, run.course.seed): run
        for run in runs
        if picked[run.course.base, run.course.protocol] == run.course.variant
    }
    protocols = sorted({protocol for _, protocol, _ in found}, key=_number)
    networks = [
        base
        for base in dict.fromkeys(base for base, _ in picked)
        if all((base, protocol) in picked for protocol in protocols)
    ]
    seeds = sorted(
        set.intersection(
            *(
                {seed for name, where, seed in found if (name, where) == (base, protocol)}
                for base in networks
                for protocol in protocols
            )
        )
    )
    n_repeats = max(_number(protocol)[0] for protocol in protocols)
    hits = {name: np.full((n_repeats, len(seeds), len(slices)), np.nan) for name in networks}
    fold = np.full((n_repeats, len(slices)), -1)
    for (name, protocol, seed), run in found.items():
        if name not in networks or seed not in seeds:
            continue
        repeat, number = _number(protocol)
        right = run.logits.argmax(axis=1) == labels[run.rows]
        hits[name][repeat - 1, seeds.index(seed), run.rows] = right
        fold[repeat - 1, run.rows] = number - 1
    if (fold < 0).any() or any(np.isnan(values).any() for values in hits.values()):
        raise ValueError(
            f"every repeat must test each of {len(slices)} slices once; got {', '.join(protocols)} "
            f"with seeds {seeds}"
        )
    return Answers(hits, fold)


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
                    first_accuracy=_kept(hits[first].mean()),
                    second_accuracy=_kept(hits[second].mean()),
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
        "difference": _kept(spread.value),
        "low": _kept(spread.value - wide),
        "high": _kept(spread.value + wide),
        "narrow_low": _kept(spread.value - narrow),
        "narrow_high": _kept(spread.value + narrow),
        "corrected": _kept(spread.corrected_half_width(CONFIDENCE)),
        "floor": _kept(spread.floor(CONFIDENCE)),
        "patients": _kept(1e4 * spread.patients),
        "seeds": _kept(1e4 * spread.seeds),
        "training_sets": _kept(1e4 * spread.training_sets),
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


def _number(protocol: str) -> tuple[int, int]:
    """Repeat and fold, from 1."""
    found = _FOLD.fullmatch(protocol)
    if not found:
        raise ValueError(f"a protocol must be cv_<repeat>_<fold>; got {protocol}")
    return int(found[1]), int(found[2])


def _kept(value: float) -> float:
    return round(float(value), _DIGITS)


def write_judged(path: Path, judged: Judged) -> None:
    """Write as JSON; same answers, same bytes."""
    write_json(path, judged.model_dump())


def read_judged(path: Path) -> Judged:
    """Read what `write_judged` wrote; raises `ValueError` where it is something else."""
    return check_section("study", Judged, {"study": read_json(path)}, str(path))
