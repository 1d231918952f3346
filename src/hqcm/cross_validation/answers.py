"""The right and wrong answers of a study's networks, slice by slice, at the rates that count."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hqcm.cross_validation.judged import Chosen
from hqcm.cross_validation.kept import Kept
from hqcm.cross_validation.separate_variances import Reals
from hqcm.evaluation.statistics import rounded
from hqcm.heads_alone.trials import read_slices as read_test_slices
from hqcm.heads_alone.trials import read_trials

_FOLD = re.compile(r"cv_(\d+)_(\d+)")


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
                validation_accuracy=rounded(best["validation_accuracy"]),
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


def collect_heads(folder: Path, slices: pd.DataFrame) -> tuple[Answers, list[Chosen]]:
    """The answers of heads alone, of each seed the mean over the networks that gave features.

    Args:
        folder: of the trials, see `hqcm.heads_alone.trials`.
        slices: the cohort.

    Raises:
        ValueError: a head lacks a fold or features that another has, or a slice is not tested.
    """
    place = pd.Index(slices["slice"])
    trials = read_trials(folder)
    found: dict[str, dict[tuple[str, str], Reals]] = {}
    fold = np.full((1, len(slices)), -1)
    chosen = []
    for (features, protocol, head), outcome in trials.items():
        tested = read_test_slices(folder, protocol)
        rows = place.get_indexer(pd.Index(tested["slice"]))
        right = outcome.logits.argmax(axis=2) == tested["label"].to_numpy()
        hits = np.full((len(right), len(slices)), np.nan)
        hits[:, rows] = right
        found.setdefault(head, {})[protocol, features] = hits
        fold[0, rows] = _number(protocol)[1] - 1
        grid = outcome.grid
        at_chosen = grid[grid["learning_rate"] == outcome.learning_rate]
        chosen.append(
            Chosen(
                family=f"{head}, features of {features}",
                protocol=protocol,
                learning_rate=outcome.learning_rate,
                validation_accuracy=rounded(at_chosen["validation_accuracy"].mean()),
                tried=sorted({float(rate) for rate in grid["learning_rate"]}),
            )
        )
    if len({frozenset(each) for each in found.values()}) != 1 or (fold < 0).any():
        raise ValueError(f"{folder}: every head must have every fold and features; got {[*trials]}")
    return Answers({head: _average(each) for head, each in found.items()}, fold), chosen


def _average(found: Mapping[tuple[str, str], Reals]) -> Reals:
    """Over features, ``(1, n_seeds, n_slices)``; each of them tests every slice in one fold."""
    features = sorted({name for _, name in found})
    merged = [
        np.nansum([hits for (_, of), hits in found.items() if of == name], axis=0)
        for name in features
    ]
    mean: Reals = np.mean(merged, axis=0)[None]
    return mean


def _number(protocol: str) -> tuple[int, int]:
    """Repeat and fold, from 1."""
    found = _FOLD.fullmatch(protocol)
    if not found:
        raise ValueError(f"a protocol must be cv_<repeat>_<fold>; got {protocol}")
    return int(found[1]), int(found[2])
