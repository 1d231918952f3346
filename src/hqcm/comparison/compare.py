"""Every network against the hybrid one, and every protocol against the first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import Field

from hqcm.comparison.comparisons import (
    SETTINGS,
    Comparison,
    Comparisons,
    Familiarity,
    Kind,
    Question,
    Setting,
)
from hqcm.comparison.effects import Effect, Sampled, adjust_holm, assess, judge, recover
from hqcm.comparison.learning_rates import Rate
from hqcm.comparison.sampling import Sample
from hqcm.contracts.params import Section
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.statistics import round_interval, rounded
from hqcm.results.intervals import Interval


class CompareParams(Section):
    """Section `compare`."""

    margin: float = Field(gt=0, lt=1)


class _Side(NamedTuple):
    variant: str
    protocol: str


class _Pair(NamedTuple):
    """What is compared; the family is the control, or the network under two protocols.

    `bottom`: the counterpart, where the share of its gap that a control closes is of interest.
    """

    question: Question
    family: str
    first: _Side
    second: _Side
    bottom: _Side | None = None


def compare_study(
    samples: Mapping[str, Sample],
    rates: Sequence[Rate],
    familiarity: Sequence[Familiarity],
    study: StudyParams,
    margin: float,
) -> Comparisons:
    """Compare networks within each protocol, and protocols for each network.

    Args:
        samples: protocol -> what is known of it, the study's first protocol first.
        rates: every variant under every protocol, and which of a family are published and best.
        familiarity: what is found of kinds of slices, handed on.
        study: section `study`.
        margin: below it a difference is of no consequence.
    """
    kinds: dict[str, Kind] = {
        rate.family: "hybrid" if rate.variant in study.hybrid else "classical" for rate in rates
    }
    settings = SETTINGS if any(not rate.is_published for rate in rates) else SETTINGS[:1]
    quantities = list(samples[study.protocols[0]].sizes)
    return Comparisons(
        families=kinds,
        quantities=quantities,
        seeds=study.seeds,
        margin=margin,
        tuning=list(rates),
        comparisons=[
            comparison
            for setting in settings
            for quantity in quantities
            for pairs in _list_tables(rates, setting, kinds, list(samples))
            for comparison in _compare_pairs(pairs, samples, quantity, setting, margin)
        ],
        familiarity=list(familiarity),
    )


def _list_tables(
    rates: Sequence[Rate], setting: Setting, kinds: Mapping[str, Kind], protocols: Sequence[str]
) -> list[list[_Pair]]:
    """What is compared in one table, and adjusted for as one.

    The controls with the hybrid network under each protocol, then every family under the first
    protocol with itself under each of the others. A family of which no member was trained at the
    published learning rate is compared with nothing at that rate.
    """
    sides = {
        (rate.family, rate.protocol): _Side(rate.variant, rate.protocol)
        for rate in rates
        if (rate.is_published if setting == "published" else rate.is_best)
    }
    hybrid, *controls = kinds
    counterpart = next(name for name, kind in kinds.items() if kind == "classical")
    first, *others = protocols
    networks = [
        [
            _Pair(
                "network",
                name,
                sides[hybrid, protocol],
                sides[name, protocol],
                None if name == counterpart else sides.get((counterpart, protocol)),
            )
            for name in controls
            if {(hybrid, protocol), (name, protocol)} <= sides.keys()
        ]
        for protocol in protocols
    ]
    return networks + [
        [
            _Pair("protocol", name, sides[name, first], sides[name, protocol])
            for name in kinds
            if {(name, first), (name, protocol)} <= sides.keys()
        ]
        for protocol in others
    ]


def _compare_pairs(
    pairs: Sequence[_Pair],
    samples: Mapping[str, Sample],
    quantity: str,
    setting: Setting,
    margin: float,
) -> Iterator[Comparison]:
    """Those of a table for which the quantity is defined on both sides."""
    known = {
        _Side(variant, protocol): network[quantity]
        for protocol, sample in samples.items()
        for variant, network in sample.networks.items()
        if quantity in network
    }
    pairs = [pair for pair in pairs if pair.first in known and pair.second in known]
    effects = [_assess(pair, known) for pair in pairs]
    adjusted = adjust_holm([effect.p_value for effect in effects])
    for pair, effect, p_holm in zip(pairs, effects, adjusted, strict=True):
        n_seeds = len(known[pair.first].runs)
        yield Comparison(
            question=pair.question,
            setting=setting,
            quantity=quantity,
            family=pair.family,
            **_describe("first", pair.first, samples, quantity),
            **_describe("second", pair.second, samples, quantity),
            **_lay_flat(effect, "difference", "low", "high"),
            p_value=_kept_probability(effect.p_value),
            p_holm=_kept_probability(p_holm),
            n_tests=len(pairs),
            n_seeds=n_seeds,
            **_lay_flat(_find_share(pair, known), "recovered", "recovered_low", "recovered_high"),
            verdict=judge(effect, p_holm, n_seeds, margin),
        )


def _assess(pair: _Pair, known: Mapping[_Side, Sampled]) -> Effect:
    """Networks are paired by seed and slice; protocols are tested on other slices."""
    first, second = known[pair.first], known[pair.second]
    if pair.question == "network":
        return assess(first.minus(second))
    return assess(first, second.negated())


def _find_share(pair: _Pair, known: Mapping[_Side, Sampled]) -> Interval | None:
    if pair.bottom is None or pair.bottom not in known:
        return None
    lower = known[pair.bottom]
    return recover(known[pair.second].minus(lower), known[pair.first].minus(lower))


def _describe(
    name: str, side: _Side, samples: Mapping[str, Sample], quantity: str
) -> dict[str, Any]:
    sample = samples[side.protocol]
    return {
        name: side.variant,
        f"{name}_protocol": side.protocol,
        f"{name}_value": rounded(sample.networks[side.variant][quantity].value),
        f"{name}_n_slices": sample.sizes[quantity].n,
        f"{name}_n_groups": sample.sizes[quantity].n_groups,
    }


def _lay_flat(found: Interval | None, *names: str) -> dict[str, Any]:
    """Value and bounds under the names of their columns."""
    kept = round_interval(found) if found else None
    ends = (kept.value, kept.low, kept.high) if kept else (None, None, None)
    return dict(zip(names, ends, strict=True))


def _kept_probability(value: float | None) -> float | None:
    """Four digits: more would depend on the machine."""
    return None if value is None else float(f"{value:.4g}")
